package function

import "fmt"

// TooLarge is what a function panics with rather than make a value that would
// fill the memory. Whoever calls functions turns it into an error.
type TooLarge struct{ Bytes, Most int }

// Error says how large it would have become.
func (t *TooLarge) Error() string {
	return fmt.Sprintf("a function makes %d MB at once; at most %d MB are allowed", t.Bytes>>20, t.Most>>20)
}

// afford refuses sizes beyond what a function may make.
func afford(bytes int) {
	if bytes > mostText {
		panic(&TooLarge{bytes, mostText})
	}
}
