package function

import (
	"bufio"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/kql/data"
)

func TestParseSignature(t *testing.T) {
	tests := map[string]struct {
		text string
		want Signature
	}{
		"none": {"() → real", Signature{Returns: data.Real}},
		"optional_constant": {"(number:Number, precision:long{Constant}?) → Parameter0", Signature{
			Rule: "Parameter0",
			Params: []Param{
				{Name: "number", Class: "Number", Min: 1, Max: 1},
				{Name: "precision", Class: "long", Kind: "Constant", Optional: true, Min: 1, Max: 1},
			},
		}},
		"repeated": {"(predicate:bool×1..n, set:DynamicArray×2..64) → dynamic", Signature{
			Returns: data.Dynamic,
			Params: []Param{
				{Name: "predicate", Class: "bool", Min: 1, Max: -1},
				{Name: "set", Class: "DynamicArray", Min: 2, Max: 64},
			},
		}},
		"words": {"(kind:string{Literal}{one of normal regex}?) → long", Signature{
			Returns: data.Long,
			Params:  []Param{{Name: "kind", Class: "string", Kind: "Literal", Words: []string{"normal", "regex"}, Optional: true, Min: 1, Max: 1}},
		}},
		"plug_in_without_result": {"() → ", Signature{}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := ParseSignature(test.text)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, *got); diff != "" {
				t.Error(diff)
			}
		})
	}
	for _, bad := range []string{"", "number:long → long", "(number) → long", "(a:long×2) → long"} {
		if s, err := ParseSignature(bad); err == nil {
			t.Errorf("%q: parsed as %v", bad, s)
		}
	}
}

func TestReferenceSignaturesParse(t *testing.T) {
	f, err := os.Open("../../../../shared/reference/kql/functions.tsv")
	if err != nil {
		t.Skip("no ../shared/reference/kql beside the worktree: ", err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	lines.Scan()
	for lines.Scan() {
		if _, err := ParseSignature(strings.Split(lines.Text(), "\t")[2]); err != nil {
			t.Error(err)
		}
	}
}
