package report

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestGrid(t *testing.T) {
	long := strings.Repeat("t", 60)
	wide := Grid{Columns: []Column{
		{Title: "name", Flexible: true},
		{Title: "n", Right: true},
		{Title: "none", Optional: true},
		{Title: "id", Flexible: true, Spare: true},
	}}
	wide.Add(Cell{Text: long}, Cell{Text: "1"}, Cell{}, Cell{Text: "an-id-of-twenty-cols"})
	wide.Add(Cell{Text: "日本語"}, Cell{Text: "12"})
	tests := map[string]struct {
		width int
		want  []string
	}{
		"no_limit": {0, []string{
			"  name" + strings.Repeat(" ", 56) + "   n  id",
			"  " + long + "   1  an-id-of-twenty-cols",
			"  日本語" + strings.Repeat(" ", 54) + "  12",
		}},
		"cut_while_it_can_be_read": {80, []string{
			"  name" + strings.Repeat(" ", 48) + "   n  id",
			"  " + long[:51] + "…   1  an-id-of-twenty-cols",
			"  日本語" + strings.Repeat(" ", 46) + "  12",
		}},
		"spare_goes_and_gives_its_room": {66, []string{
			"  name" + strings.Repeat(" ", 56) + "   n",
			"  " + long + "   1",
			"  日本語" + strings.Repeat(" ", 54) + "  12",
		}},
		"cut_to_the_least": {18, []string{"  name           n", "  " + long[:11] + "…   1", "  日本語        12"}},
		"too_narrow":       {14, []string{"  name", "  " + long[:11] + "…", "  日本語"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var out strings.Builder
			if err := wide.Write(&out, Style{Width: test.width, Unicode: true}); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// Rows that would look alike are cut in the middle, and stay told apart.
func TestGridTellsRowsApart(t *testing.T) {
	g := Grid{Columns: []Column{{Title: "unit", Flexible: true}, {Title: "n", Right: true}}}
	for i, id := range []string{
		"/subscriptions/0a1b2c3d-0000-4000-8000-00000000000a", "/subscriptions/0a1b2c3d-0000-4000-8000-00000000000b",
		"projects/contoso-analytics", "/subscriptions/0a1b2c3d-0000-4000-8000-00000000000a", "日本語日本語日本語日本語日本", "日本語日本語日本語日本語語日",
	} {
		g.Add(Cell{Text: id}, Cell{Text: string(rune('1' + i))})
	}
	for width, want := range map[int][]string{
		40: {
			"  unit                                 n",
			"  /subscriptions/0a…8000-00000000000a  1",
			"  /subscriptions/0a…8000-00000000000b  2",
			"  projects/contoso-analytics           3",
			"  /subscriptions/0a…8000-00000000000a  4",
			"  日本語日本語日本語日本語日本         5",
			"  日本語日本語日本語日本語語日         6",
		},
		19: {
			"  unit            n",
			"  /subsc…000000a  1",
			"  /subsc…000000b  2",
			"  projects/cont…  3",
			"  /subsc…000000a  4",
			"  日本語…語日本   5",
			"  日本語…語語日   6",
		},
	} {
		var out strings.Builder
		if err := g.Write(&out, Style{Width: width, Unicode: true}); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")); diff != "" {
			t.Errorf("%d columns (-want +got):\n%s", width, diff)
		}
	}
}

// Where nothing is cut, one very long name does not move all columns behind it out
// of sight.
func TestGridOfAFile(t *testing.T) {
	long := strings.Repeat("g", 200)
	g := Grid{Columns: []Column{{Title: "unit", Flexible: true}, {Title: "score", Right: true}}}
	g.Add(Cell{Text: long}, Cell{Text: "40 %"})
	g.Add(Cell{Text: "stores"}, Cell{Text: "100 %"})
	var out strings.Builder
	if err := g.Write(&out, Style{}); err != nil {
		t.Fatal(err)
	}
	want := "  unit" + strings.Repeat(" ", roomy-4) + "  score\n  " + long + "   40 %\n  stores" + strings.Repeat(" ", roomy-6) + "  100 %\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
