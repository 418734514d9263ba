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

// mostText is the longest text that a function makes out of shorter ones.
const mostText = 64 << 20

// room is how many bytes may be made at once, at most so many. Functions whose
// result may be larger than their arguments ask before they make it.
func (c *Context) room(most int) int {
	if c == nil || c.Room == nil {
		return most
	}
	return max(min(most, c.Room()), 0)
}

// afford refuses a text that is longer than a function may make.
func (c *Context) afford(bytes int) { c.refuse(bytes, mostText) }

// affordItems refuses an array of so many items that it would not fit.
func (c *Context) affordItems(count int) {
	if count > mostBytes/itemBytes {
		count = mostBytes / itemBytes
	}
	c.refuse(count*itemBytes, mostBytes)
}

func (c *Context) refuse(bytes, most int) {
	if bytes <= mostSmall {
		return
	}
	if most = c.room(most); bytes > most {
		panic(&TooLarge{bytes, most})
	}
}

const (
	// mostSmall is what is made without asking.
	mostSmall = 1 << 16
	// itemBytes is about what an item takes in an array, with its node.
	itemBytes = 64
)

// allMatches are the matches of an expression in a text: refused where they are
// so many that they would not fit.
func (c *Context) allMatches(re *operator.Pattern, s string) [][]int {
	each := 24 + 16*(1+re.Groups())
	if len(s)*each <= mostSmall {
		return re.All(s, -1, c.asker())
	}
	most := c.room(mostBytes) / each
	found := re.All(s, most+1, c.asker())
	if len(found) > most {
		panic(&TooLarge{len(found) * each, most * each})
	}
	return found
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
