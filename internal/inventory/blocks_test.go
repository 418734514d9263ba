package inventory

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// cutBlocks is what Blocks makes of a text, read by several goroutines.
func cutBlocks(t testing.TB, text []byte, limit, block int) (records, problems []string, ok bool) {
	t.Helper()
	blocks := newBlocks(bytes.NewReader(text), "f", limit, block)
	if blocks == nil {
		return nil, nil, false
	}
	var mu sync.Mutex
	var group sync.WaitGroup
	byLine := map[int][]string{}
	wrong := map[int][]string{}
	for range 3 {
		group.Go(func() {
			r := blocks.Reader()
			for c, more := r.Next(); more; c, more = r.Next() {
				mu.Lock()
				for _, p := range c.Problems {
					wrong[p.Line] = append(wrong[p.Line], fmt.Sprintf("%d: %s", p.Line, p.Reason))
				}
				c.records(func(record []byte, line int) {
					byLine[line] = append(byLine[line], fmt.Sprintf("%d: %s", line, record))
				})
				mu.Unlock()
			}
		})
	}
	group.Wait()
	return inOrder(byLine), inOrder(wrong), true
}

func inOrder(byLine map[int][]string) (all []string) {
	for line := range slices.Max(append(slices.Collect(maps.Keys(byLine)), 0)) + 1 {
		all = append(all, byLine[line]...)
	}
	return all
}

// Blocks of any size give the records that Split gives, with their lines.
func TestBlocks_agree_with_Split(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 400 {
		var b strings.Builder
		fmt.Fprintf(&b, "{\"id\":%d}\n", random.IntN(100))
		for range random.IntN(60) {
			switch random.IntN(8) {
			case 0:
				b.WriteString("\n")
			case 1:
				b.WriteString("{\"broken\n")
			case 2:
				fmt.Fprintf(&b, "{\"id\":%q}\r\n", strings.Repeat("x", random.IntN(200)))
			default:
				fmt.Fprintf(&b, "{\"id\":%d}\n", random.IntN(100))
			}
		}
		text := []byte(b.String())
		if random.IntN(2) == 0 {
			text = bytes.TrimRight(text, "\n")
		}
		want, wantProblems := cut(t, bytes.NewReader(text), MaxRecord)
		for _, block := range []int{8, 17, 64, 1000} {
			got, problems, ok := cutBlocks(t, text, MaxRecord, block)
			if !ok {
				continue
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("blocks of %d of %q (-Split +Blocks):\n%s", block, text, diff)
			}
			if diff := cmp.Diff(wantProblems, problems); diff != "" {
				t.Fatalf("blocks of %d of %q: problems (-Split +Blocks):\n%s", block, text, diff)
			}
		}
	}
}

func TestBlocks_of_a_line_too_long(t *testing.T) {
	text := []byte("{\"id\":1}\n\n{\"id\":\"" + strings.Repeat("x", 100_000) + "\"}\n{\"id\":4}\n")
	for _, block := range []int{64, 30_000} {
		records, problems, _ := cutBlocks(t, text, 40_000, block)
		if diff := cmp.Diff([]string{`1: {"id":1}`, `4: {"id":4}`}, records); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]string{"3: record larger than 40000 bytes"}, problems); diff != "" {
			t.Error(diff)
		}
	}
}

// A record has the same limit as a line of blocks, as a line of a stream, and
// in an array: what is as large is read, what is larger is not.
func TestRecordLimitIsOne(t *testing.T) {
	if testing.Short() {
		t.Skip("long: runs without the race detector; shorter tests cover what runs at once")
	}
	const limit = 3 << 20 // more than a chunk
	record := func(size int) string { return `{"id":"` + strings.Repeat("x", size-len(`{"id":""}`)) + `"}` }
	for size, want := range map[int]int{limit - 1: 3, limit: 3, limit + 1: 2, limit + 2: 2, limit + 3: 2, limit + 1<<20: 2} {
		long := record(size)
		for name, text := range map[string]string{
			"lines":            "{\"id\":1}\n" + long + "\n{\"id\":3}\n",
			"lines_with_cr":    "{\"id\":1}\r\n" + long + "\r\n{\"id\":3}\r\n",
			"lines_last":       "{\"id\":1}\n{\"id\":3}\n" + long,
			"lines_last_ended": "{\"id\":1}\n{\"id\":3}\n" + long + "\n",
			"array":            "[{\"id\":1},\n" + long + ",\n{\"id\":3}]",
		} {
			t.Run(fmt.Sprintf("%s_%+d", name, size-limit), func(t *testing.T) {
				records, problems := cut(t, strings.NewReader(text), limit)
				if len(records) != want || len(problems) != 3-want {
					t.Errorf("Split: %d records, want %d; %q", len(records), want, problems)
				}
				for _, block := range [...]int{256 << 10, 1 << 20} {
					records, problems, ok := cutBlocks(t, []byte(text), limit, block)
					if ok && (len(records) != want || len(problems) != 3-want) {
						t.Errorf("blocks of %d: %d records, want %d; %q", block, len(records), want, problems)
					}
				}
			})
		}
	}
}

func TestBlocks_want_lines(t *testing.T) {
	for name, text := range map[string]string{
		"array":           `[{"id":1},` + strings.Repeat(" ", 100) + `{"id":2}]`,
		"wrapped":         `{"value":[{"id":1}]}` + "\n" + strings.Repeat(" ", 100),
		"byte_order_mark": "\xEF\xBB\xBF{\"id\":1}\n" + strings.Repeat(" ", 100),
		"short":           "{\"id\":1}\n{\"id\":2}\n",
	} {
		if _, _, ok := cutBlocks(t, []byte(text), MaxRecord, 64); ok {
			t.Errorf("%s: taken as lines", name)
		}
	}
}
