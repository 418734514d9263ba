package inventory

import (
	"bytes"
	"io"
	"testing"

	"github.com/valyala/fastjson"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

// nowhere is a sink that only counts.
type nowhere struct{ resources int }

func (n *nowhere) Resource(*Resource)         { n.resources++ }
func (n *nowhere) Scope(posture.Scope)        {}
func (n *nowhere) Read(posture.ReadRecord)    {}
func (n *nowhere) Problem(Problem)            {}
func (n *nowhere) Outdated(*Resource, string) {}

// BenchmarkDecodeARM reads ARM resources from JSON lines in memory, beside
// fastjson parsing the same lines: the difference is what recognising costs.
func BenchmarkDecodeARM(b *testing.B) {
	content, err := io.ReadAll(sharedFile(b, "estates", "recorded-azure", "resources.jsonl.gz"))
	if err != nil {
		b.Fatal(err)
	}
	lines := bytes.Split(bytes.TrimSpace(content), newline)
	report := func(b *testing.B) {
		b.SetBytes(int64(len(content)))
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(lines)), "ns/record")
	}
	b.Run("parse_only", func(b *testing.B) {
		var parser fastjson.Parser
		for b.Loop() {
			for _, line := range lines {
				if _, err := parser.ParseBytes(line); err != nil {
					b.Fatal(err)
				}
			}
		}
		report(b)
	})
	b.Run("decode", func(b *testing.B) {
		var sink nowhere
		d := NewDecoder()
		for b.Loop() {
			sink.resources = 0
			d.Decode(Chunk{File: "f", Line: 1, data: content, wrap: linesWrapper}, &sink)
		}
		if sink.resources != len(lines) {
			b.Fatalf("%d resources, want %d", sink.resources, len(lines))
		}
		report(b)
	})
	b.Run("split_and_decode", func(b *testing.B) {
		var sink nowhere
		d := NewDecoder()
		for b.Loop() {
			if err := Split(bytes.NewReader(content), "f", func(c Chunk) error {
				d.Decode(c, &sink)
				c.Release()
				return nil
			}); err != nil {
				b.Fatal(err)
			}
		}
		report(b)
	})
}
