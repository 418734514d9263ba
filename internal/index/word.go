package index

import (
	"slices"
	"unsafe"
)

// words numbers texts that many resources share. Number 0 is the empty text.
type words struct {
	texts   []string // as they were first met
	numbers map[string]uint32
	fold    func(string) string
	order   []uint32 // see [Index.ordered]
}

func newWords(fold func(string) string) *words {
	return &words{texts: []string{""}, numbers: map[string]uint32{"": 0}, fold: fold}
}

func (w *words) number(text string) uint32 {
	folded := w.fold(text)
	n, ok := w.numbers[folded]
	if !ok {
		n = uint32(len(w.texts))
		w.texts = append(w.texts, text)
		w.numbers[folded] = n
	}
	return n
}

// ordered gives the numbers of words in the order of their texts as keys.
func (x *Index) ordered(w *words) []uint32 {
	x.lazy.Lock()
	defer x.lazy.Unlock()
	if len(w.order) != len(w.texts) {
		w.order = make([]uint32, len(w.texts))
		for n := range w.order {
			w.order[n] = uint32(n)
		}
		slices.SortFunc(w.order, func(a, b uint32) int { return Key{Text: w.texts[a]}.compare(Key{Text: w.texts[b]}) })
	}
	return w.order
}

func (w *words) find(text string) (uint32, bool) {
	n, ok := w.numbers[w.fold(text)]
	return n, ok
}

// texts are many texts by number, most of them in one block.
type texts struct {
	block []byte
	ends  []uint64 // by number: where in the block it ends
	later []string // those behind the block
}

func (t *texts) len() int { return len(t.ends) + len(t.later) }

func (t *texts) add(text string) { t.later = append(t.later, text) }

// at gives a text, which is not to be changed.
func (t *texts) at(n uint32) string {
	if int(n) >= len(t.ends) {
		return t.later[int(n)-len(t.ends)]
	}
	start := uint64(0)
	if n > 0 {
		start = t.ends[n-1]
	}
	return textOf(t.block[start:t.ends[n]])
}

// settle moves all texts into the block.
func (t *texts) settle() {
	if len(t.later) == 0 {
		return
	}
	size := len(t.block)
	for _, s := range t.later {
		size += len(s)
	}
	block, ends := make([]byte, len(t.block), size), make([]uint64, len(t.ends), t.len())
	copy(block, t.block)
	copy(ends, t.ends)
	for _, s := range t.later {
		block = append(block, s...)
		ends = append(ends, uint64(len(block)))
	}
	t.block, t.ends, t.later = block, ends, nil
}

// textOf gives bytes that nobody changes as a text.
func textOf(bytes []byte) string {
	if len(bytes) == 0 {
		return ""
	}
	return unsafe.String(&bytes[0], len(bytes))
}
