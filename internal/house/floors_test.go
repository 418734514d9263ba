package house

import (
	"go/ast"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// Floors as docs/architecture.md numbers them.
const (
	words    = 0
	useCases = 2
	adapters = 3
)

var (
	floorRow = regexp.MustCompile(`(?m)^\| (\d) [^|]*\|([^|]*)\|`)
	backtick = regexp.MustCompile("`([^`]+)`")
)

// floors reads the table of docs/architecture.md, the one list of floors.
func floors(t *testing.T) map[string]int {
	t.Helper()
	found := map[string]int{}
	for _, row := range floorRow.FindAllStringSubmatch(read(t, "docs/architecture.md"), -1) {
		floor, err := strconv.Atoi(row[1])
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range backtick.FindAllStringSubmatch(row[2], -1) {
			found[name[1]] = floor
		}
	}
	if len(found) < 5 {
		t.Fatalf("docs/architecture.md: %d packages in the table of floors, want more", len(found))
	}
	// Content is data with an embed.go beside it, and this package is tests.
	found["catalog"], found["internal/house"] = words, words
	return found
}

func TestFloors(t *testing.T) {
	floors := floors(t)
	for _, s := range sources(t) {
		own, ok := floors[s.pkg()]
		if !ok {
			t.Errorf("%s: package %s stands on no floor; add it to the table in docs/architecture.md", s.name, s.pkg())
			continue
		}
		for _, spec := range s.file.Imports {
			imported := strings.Trim(spec.Path.Value, `"`)
			name, ours := strings.CutPrefix(imported, module)
			floor, known := floors[name]
			switch {
			case !ours && own == words && strings.Contains(imported, "."):
				t.Errorf("%s: imports %s; the words of the domain use the standard library only", s.name, imported)
			case !ours:
			case !known:
				t.Errorf("%s: imports %s, which stands on no floor", s.name, name)
			case floor > own:
				t.Errorf("%s: imports %s, a higher floor; move the shared type down", s.name, name)
			case floor == adapters && own == adapters && name != s.pkg():
				t.Errorf("%s: imports the adapter %s; adapters meet in the wiring only", s.name, name)
			}
		}
	}
}

// TestPurity: up to the use cases there is no disk, no network and no clock;
// time comes in as a value.
func TestPurity(t *testing.T) {
	floors := floors(t)
	outside := map[string]bool{"os": true, "os/exec": true, "os/signal": true, "net": true, "net/http": true, "database/sql": true, "syscall": true}
	for _, s := range sources(t) {
		if floors[s.pkg()] > useCases {
			continue
		}
		for _, spec := range s.file.Imports {
			if name := strings.Trim(spec.Path.Value, `"`); outside[name] {
				t.Errorf("%s: imports %s; what it gives has to be handed in", s.name, name)
			}
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			if clock := clockOf(n); clock != "" {
				t.Errorf("%s: calls time.%s; the clock is an input", s.name, clock)
			}
			return true
		})
	}
}

// clockOf names the function if n is one of package time that reads or waits
// for the clock.
func clockOf(n ast.Node) string {
	selector, ok := n.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	if x, ok := selector.X.(*ast.Ident); !ok || x.Name != "time" {
		return ""
	}
	switch selector.Sel.Name {
	case "Now", "Since", "Until", "Sleep", "After", "Tick", "NewTimer", "NewTicker", "AfterFunc":
		return selector.Sel.Name
	}
	return ""
}
