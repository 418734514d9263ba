package assess

import (
	"runtime"
	"testing"
)

// More goroutines than cores can feed only cost memory.
func TestWorkersAreBounded(t *testing.T) {
	most := 4 * runtime.GOMAXPROCS(0)
	for asked, want := range map[int]int{0: runtime.GOMAXPROCS(0), 1: 1, most: most, most + 1: most, 1 << 30: most} {
		r, err := newRun(&Options{Workers: asked})
		if err != nil {
			t.Fatal(err)
		}
		if r.workers != want {
			t.Errorf("%d asked for, %d given, want %d", asked, r.workers, want)
		}
	}
}
