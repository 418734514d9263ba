package cli

import (
	"errors"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/files"
)

func TestAheadYieldsInOrderAndStopsWithTheReader(t *testing.T) {
	inputs := make([]files.Input, 20)
	for i := range inputs {
		inputs[i].Path = fmt.Sprint(i)
	}
	broken := errors.New("broken")
	for _, most := range []int{1, 2, 7, 50} {
		var started atomic.Int64
		do := func(in files.Input) (string, error) {
			started.Add(1)
			if in.Path == "5" {
				return "", broken
			}
			return in.Path, nil
		}
		var got []string
		for i, result := range ahead(inputs, most, do) {
			if result.err != nil {
				if i != 5 || !errors.Is(result.err, broken) {
					t.Errorf("%d: %v, want the fifth to be broken", i, result.err)
				}
				break
			}
			got = append(got, result.value)
		}
		if diff := cmp.Diff([]string{"0", "1", "2", "3", "4"}, got); diff != "" {
			t.Errorf("%d at once: -want +got\n%s", most, diff)
		}
		if n := int(started.Load()); n != min(5+most, len(inputs)) {
			t.Errorf("%d at once: %d were started, want %d", most, n, min(5+most, len(inputs)))
		}
	}
}
