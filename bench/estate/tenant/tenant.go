// Package tenant makes the Azure estate that the benchmarks read: the
// resources of one made-up tenant, as the JSON lines that a collector of ARM
// GET bodies writes. The mix of types, the sizes of bodies, the skew of values
// and the relations between resources follow real estates; nothing in it is
// taken from one.
//
// [Write] makes it subscription by subscription, about 5,000 resources each,
// and holds one at a time. The bodies stand in templates/, in the small
// language that template.go describes; the workloads, in workload*.go, say
// which of them belong together.
package tenant

import (
	"bufio"
	"embed"
	"fmt"
	"io"
	"io/fs"
)

// Options say what to make.
type Options struct {
	Resources int    // lines with a resource, subscriptions and resource groups included
	Seed      uint64 // the same seed gives the same bytes
}

// perSubscription is how many resources a subscription has, roughly.
const perSubscription = 5000

//go:embed templates/*.txt
var templates embed.FS

// Write writes the estate to out, one JSON object a line. Each subscription
// begins with its read record, its own record and its resource groups; then
// its resources follow, parents before or after their children as in exports
// of different tools. It ends with out's error, if there is one.
func Write(out io.Writer, o Options) error {
	lib, err := load(templates)
	if err != nil {
		return err
	}
	buffered := bufio.NewWriterSize(out, 1<<20)
	subscriptions := max(1, (o.Resources+perSubscription/2)/perSubscription)
	var buf []byte
	for i := range subscriptions {
		from, to := i*o.Resources/subscriptions, (i+1)*o.Resources/subscriptions
		if from == to {
			continue
		}
		b := newBuilder(lib, o.Seed, i)
		b.buf = buf[:0]
		b.fill(to - from)
		if err := b.flush(buffered); err != nil {
			return fmt.Errorf("write estate: %w", err)
		}
		buf = b.buf
	}
	if err := buffered.Flush(); err != nil {
		return fmt.Errorf("write estate: %w", err)
	}
	return nil
}

func load(files fs.FS) (*library, error) {
	names, err := fs.Glob(files, "templates/*.txt")
	if err != nil {
		return nil, err
	}
	texts := map[string]string{}
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		texts[name] = string(text)
	}
	return compileLibrary(texts)
}

// fill makes exactly n resources.
func (b *builder) fill(n int) {
	b.budget = n
	b.add("Microsoft.Resources/subscriptions", b.unique("sub-"+b.oneOf(environments)), b.prefix)
	b.groups, b.lines = append(b.groups, b.lines...), b.lines[:0]
	if b.budget > hubSize {
		b.hub()
	}
	for b.budget > largestWorkload {
		b.workload()
	}
	if b.budget > 0 {
		b.begin("shared")
		for b.budget > 0 {
			b.single()
		}
	}
}

// flush writes the read record, the groups and the lines in one of the orders
// that exports have.
func (b *builder) flush(out *bufio.Writer) error {
	_, err := fmt.Fprintf(out,
		`{"bartizan":"read","scope":%q,"type":"*","complete":true,"startedAt":"%sT%02d:%02d:00Z"}`+"\n",
		b.prefix, lastDay.Format("2006-01-02"), b.index/60%24, b.index%60)
	if err != nil {
		return err
	}
	b.arrange()
	for _, lines := range [][]span{b.groups, b.lines} {
		for _, l := range lines {
			if _, err := out.Write(b.buf[l.from:l.to]); err != nil {
				return err
			}
		}
	}
	return nil
}

// arrange leaves the lines as they were made (parents first, like a walk from
// the top), turns them round (children first), or mixes them (like the answer
// of an index).
func (b *builder) arrange() {
	switch b.index % 3 {
	case 1:
		b.random.Shuffle(len(b.lines), func(i, k int) { b.lines[i], b.lines[k] = b.lines[k], b.lines[i] })
	case 2:
		for i, k := 0, len(b.lines)-1; i < k; i, k = i+1, k-1 {
			b.lines[i], b.lines[k] = b.lines[k], b.lines[i]
		}
	}
}
