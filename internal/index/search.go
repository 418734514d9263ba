package index

import (
	"runtime"
	"slices"
	"sort"
	"strings"
	"sync"

	"github.com/RoaringBitmap/roaring/v2"
)

// Search finds the resources of a selection whose name or id contains a text,
// ignoring case: how many they are, and the first few, those first whose name
// begins with it.
func (s *Selection) Search(text string, limit int) (found []uint32, total int) {
	text = strings.ToLower(text)
	if text == "" {
		return nil, 0
	}
	x := s.index
	met := x.named(s.resources, text)
	total = int(met.GetCardinality())
	begin := x.beginning(text)
	for _, n := range x.names.names[begin:] {
		if len(found) == limit || !hasPrefixFolded(x.resources.name(n), text) {
			break
		}
		if met.Contains(n) {
			found = append(found, n)
		}
	}
	for it := met.Iterator(); it.HasNext() && len(found) < limit; {
		if n := it.Next(); !slices.Contains(found, n) {
			found = append(found, n)
		}
	}
	return found, total
}

// beginning finds the place in the order of names of the first that begins with a
// text, which is in lower case, or would stand behind.
func (x *Index) beginning(text string) int {
	names := x.names.names
	return sort.Search(len(names), func(i int) bool { return compareFolded(x.resources.name(names[i]), text) >= 0 })
}

func hasPrefixFolded(in, text string) bool {
	return len(in) >= len(text) && compareFolded(in[:len(text)], text) == 0
}

// named finds the resources among some whose id or name contains a text, which
// is in lower case.
func (x *Index) named(among *roaring.Bitmap, text string) *roaring.Bitmap {
	c := &x.resources
	if among.GetCardinality() < uint64(c.len())/8 {
		found := roaring.New()
		each(among, func(n uint32) {
			if x.contains(n, text) {
				found.Add(n)
			}
		})
		return found
	}
	found := c.ids.containing(text)
	for n, name := range c.names { // that are no end of the id
		if containsFolded(name, text) {
			found.Add(n)
		}
	}
	found.And(among)
	return found
}

// perCore is how many texts are worth another goroutine.
const perCore = 50_000

// containing finds the texts that contain one which is in lower case, on all cores.
func (t *texts) containing(text string) *roaring.Bitmap {
	parts := min(1+len(t.ends)/perCore, runtime.GOMAXPROCS(0))
	sets := make([]*roaring.Bitmap, parts)
	var all sync.WaitGroup
	for i := range parts {
		all.Go(func() { sets[i] = t.within(text, len(t.ends)*i/parts, len(t.ends)*(i+1)/parts) })
	}
	all.Wait()
	found := roaring.FastOr(sets...)
	for i, later := range t.later {
		if containsFolded(later, text) {
			found.Add(uint32(len(t.ends) + i))
		}
	}
	return found
}

// within finds those from one number to before another by going through the block
// as a whole: it looks at the place where the text's end would be, and goes on by as
// much as what stands there allows.
func (t *texts) within(text string, from, to int) *roaring.Bitmap {
	found := roaring.New()
	if from == to {
		return found
	}
	last := len(text) - 1
	skip := skips(text)
	begin := func(n int) uint64 {
		if n == 0 {
			return 0
		}
		return t.ends[n-1]
	}
	n, end := from, int(t.ends[to-1])
	for at := int(begin(from)) + last; at < end; {
		b := t.block[at]
		if lower(b) != text[last] || !equalFolded(t.block[at-last:at], text[:last]) {
			at += skip[b]
			continue
		}
		n += sort.Search(to-n, func(i int) bool { return t.ends[n+i] > uint64(at) })
		if uint64(at-last) < begin(n) { // it is of two texts
			at++
			continue
		}
		found.Add(uint32(n))
		at = int(t.ends[n]) + last
	}
	return found
}

// skips tells of every byte, met where the text's last one would be, how far the
// text's next chance is.
func skips(text string) (skip [256]int) {
	for i := range skip {
		skip[i] = len(text)
	}
	for i := range len(text) - 1 {
		skip[text[i]] = len(text) - 1 - i
		if 'a' <= text[i] && text[i] <= 'z' {
			skip[text[i]-'a'+'A'] = len(text) - 1 - i
		}
	}
	return skip
}

// equalFolded compares bytes with a text in lower case of the same length.
func equalFolded(b []byte, text string) bool {
	for i := range text {
		if lower(b[i]) != text[i] {
			return false
		}
	}
	return true
}
