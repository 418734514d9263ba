package terminal

import (
	"bytes"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// step is one call of Update at a time after the start.
type step struct {
	at          time.Duration
	stage       string
	unit        Unit
	done, total int64
}

func TestProgress(t *testing.T) {
	terminal := Device{Terminal: true, Width: 80}
	tests := map[string]struct {
		device Device
		steps  []step
		want   string
	}{
		"short_run_says_nothing": {
			Device{},
			[]step{{0, "reading", Bytes, 0, 100}, {4 * time.Second, "reading", Bytes, 100, 100}},
			"",
		},
		"log_gets_a_line_every_five_seconds": {
			Device{},
			[]step{
				{0, "reading", Bytes, 0, 4_000_000},
				{5 * time.Second, "reading", Bytes, 1_000_000, 4_000_000},
				{6 * time.Second, "reading", Bytes, 1_500_000, 4_000_000},
				{9 * time.Second, "reading", Bytes, 1_800_000, 4_000_000},
				{10 * time.Second, "reading", Bytes, 2_000_000, 4_000_000},
			},
			"reading: 1.0 MB of 4.0 MB (25 %), 200 kB/s, 15s left\nreading: 2.0 MB of 4.0 MB (50 %), 200 kB/s, 10s left\n",
		},
		"unknown_end_has_no_share": {
			Device{},
			[]step{{0, "judging", Items, 0, 0}, {5 * time.Second, "judging", Items, 12345, 0}},
			"judging: 12 k, 2.5 k/s\n",
		},
		"a_stage_has_its_own_rate": {
			Device{},
			[]step{
				{0, "reading", Items, 0, 10},
				{4 * time.Second, "judging", Items, 0, 1000},
				{6 * time.Second, "judging", Items, 500, 1000},
			},
			"judging: 500 of 1.0 k (50 %), 250/s, 2s left\n",
		},
		"bar_moves_ten_times_a_second": {
			terminal,
			[]step{
				{0, "reading", Bytes, 0, 1000},
				{time.Second, "reading", Bytes, 500, 1000},
				{time.Second + 50*time.Millisecond, "reading", Bytes, 600, 1000},
			},
			"\rreading ###############................  50 % 500 B of 1.0 kB  500 B/s  1s left\x1b[K\r\x1b[K",
		},
		"narrow_terminal_loses_the_bar": {
			Device{Terminal: true, Width: 30},
			[]step{{0, "reading", Bytes, 0, 1000}, {time.Second, "reading", Bytes, 500, 1000}},
			"\rreading 500 B of 1.0 kB  500 \x1b[K\r\x1b[K",
		},
		"unicode_bar": {
			Device{Terminal: true, Width: 40, Unicode: true},
			[]step{{0, "reading", Items, 0, 0}, {time.Second, "reading", Items, 4, 4}},
			"\rreading █████████████ 100 % 4 of 4  4/s\x1b[K\r\x1b[K",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			now := time.Unix(0, 0)
			p := NewProgress(&out, test.device, func() time.Time { return now })
			for _, s := range test.steps {
				now = time.Unix(0, 0).Add(s.at)
				p.Update(s.stage, s.unit, s.done, s.total)
			}
			p.Clear()
			p.Clear()
			if diff := cmp.Diff(test.want, out.String()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestNilProgress(t *testing.T) {
	var p *Progress
	p.Update("reading", Bytes, 1, 2)
	p.Clear()
}

func TestUnitText(t *testing.T) {
	tests := map[string]struct {
		unit Unit
		n    int64
		want string
	}{
		"bytes":          {Bytes, 999, "999 B"},
		"rounds_up":      {Bytes, 999_600, "1.0 MB"},
		"small_fraction": {Bytes, 1_540, "1.5 kB"},
		"terabytes":      {Bytes, 12_000_000_000_000_000, "12000 TB"},
		"hundred":        {Items, 100, "100"},
		"thousand":       {Items, 1000, "1.0 k"},
		"million":        {Items, 1234567, "1.2 M"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, test.unit.text(test.n)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
