package function

import (
	"fmt"

	"github.com/bartizan-dev/bartizan/kql/internal/operator"
)

// TooLarge is what a function panics with rather than make a value that would
// fill the memory. Whoever calls functions turns it into an error.
type TooLarge struct{ Bytes, Most int }

// Error says how large it would have become.
func (t *TooLarge) Error() string {
	return fmt.Sprintf("a function makes %s at once; at most %s are allowed", Size(int64(t.Bytes)), Size(int64(t.Most)))
}

// Size prints bytes in the unit in which people give them: 100 MB is 10^8, a
// power of two is counted in those.
func Size(bytes int64) string {
	switch {
	case bytes >= 1e6 && bytes%1e6 == 0:
		return fmt.Sprintf("%d MB", bytes/1e6)
	case bytes >= 1<<20 && bytes%(1<<20) == 0:
		return fmt.Sprintf("%d MB", bytes>>20)
	case bytes >= 1000 && bytes%1000 == 0:
		return fmt.Sprintf("%d kB", bytes/1000)
	case bytes < 1<<20 && bytes >= 1<<10 && bytes%(1<<10) == 0:
		return fmt.Sprintf("%d kB", bytes>>10)
	case bytes < 1e4:
		return fmt.Sprintf("%d bytes", bytes)
	case bytes < 1e6:
		return fmt.Sprintf("%d kB", bytes/1000)
	}
	return fmt.Sprintf("%d MB", bytes/1e6)
}

// afford refuses sizes beyond what a function may make.
func afford(bytes int) {
	if bytes > mostText {
		panic(&TooLarge{bytes, mostText})
	}
}

// Halt is what ends a run from where no error can be returned: the context's
// end, or the cap of memory. Whoever calls functions turns it into Err.
type Halt struct{ Err error }

// asker is Ask, or nil.
func (c *Context) asker() func() {
	if c == nil {
		return nil
	}
	return c.Ask
}

// work counts the steps of a call whose time grows faster than its arguments:
// it can be ended in between.
func (c *Context) work() operator.Work { return operator.Work{Ask: c.asker()} }

// Spend counts bytes that a plug-in is about to hold until it has ended, and
// asks whether the run goes on. Products of two numbers are told as such, so
// that they cannot overflow.
func (c *Context) Spend(count, each int) error {
	if c == nil || c.Hold == nil {
		return nil
	}
	if each > 0 && count > mostBytes/each {
		return c.Hold(mostBytes)
	}
	return c.Hold(int64(count) * int64(each))
}

// mostBytes is more than any run may hold.
const mostBytes = 1 << 50

// mustSpend is Spend where no error can be returned.
func (c *Context) mustSpend(count, each int) {
	if err := c.Spend(count, each); err != nil {
		panic(&Halt{err})
	}
}
