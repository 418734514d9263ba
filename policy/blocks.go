package policy

// blocks is a list that grows without being copied.
type blocks[T any] struct {
	list [][]T
	size int
}

const blockSize = 1 << 12

// add appends v and gives its index.
func (b *blocks[T]) add(v T) int {
	if b.size == len(b.list)*blockSize {
		b.list = append(b.list, make([]T, blockSize))
	}
	n := b.size
	b.size++
	*b.at(n) = v
	return n
}

func (b *blocks[T]) at(i int) *T { return &b.list[i/blockSize][i%blockSize] }

// cut drops what was added since the list had n entries.
func (b *blocks[T]) cut(n int) { b.size = min(b.size, n) }
