package tenant

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRender(t *testing.T) {
	s := &subject{id: "/x/y", name: "y", group: "g", subscription: "s", location: "here", tags: `"a":"b"`}
	for name, tt := range map[string]struct{ in, want string }{
		"text":             {`"a":1`, `"a":1`},
		"of_the_subject":   {`<id> <name> <rg> <sub> <location>`, `/x/y y g s here`},
		"tags":             {`<tags>"b":1`, `"tags":{"a":"b"},"b":1`},
		"variable":         {`<=one><=two>`, `1`},
		"if_set":           {`<if one yes <=one>><if two no>`, `yes 1`},
		"pick_of_one":      {`<pick *5>|`, `|`},
		"star_as_text":     {`<pick **3>`, `*`},
		"bar_as_text":      {`<pick a\|b>`, `a|b`},
		"never_and_always": {`<maybe 0 no><maybe 100 yes>`, `yes`},
		"many":             {`<many 3-3 <n>>`, `0,1,2`},
		"nested_many":      {`<many 2-2 <n>:<many 2-2 <n>>>`, `0:0,1,1:0,1`},
		"lines_join":       {"a,\n  b", `a,b`},
	} {
		t.Run(name, func(t *testing.T) {
			l := &library{variables: map[string]int{"one": 0, "two": 1}}
			parts, err := l.compile(joinLines(tt.in))
			if err != nil {
				t.Fatal(err)
			}
			w := writer{random: rand.New(rand.NewPCG(1, 1)), variables: []string{"1", ""}}
			w.render(parts, s)
			if diff := cmp.Diff(tt.want, string(w.buf)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestCompileRefuses(t *testing.T) {
	for name, tt := range map[string]struct{ in, want string }{
		"open_place":    {`a<pick b`, `place "<pick b" is not closed`},
		"unknown_word":  {`<what>`, `place "what": unknown word`},
		"no_number":     {`<hex many>`, `invalid syntax`},
		"turned_range":  {`<int 5 2>`, `the smaller first`},
		"inside_a_pick": {`<pick a|<int 1>>`, `want two numbers`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := (&library{variables: map[string]int{}}).compile(tt.in)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

func TestPickFollowsWeights(t *testing.T) {
	for name, in := range map[string]string{
		"all_weighted": `<pick a*90|b*10>`, "rest_to_one": `<pick a*90|b>`, "rest_shared": `<pick a*80|b|c>`,
	} {
		t.Run(name, func(t *testing.T) {
			parts, err := (&library{variables: map[string]int{}}).compile(in)
			if err != nil {
				t.Fatal(err)
			}
			w := writer{random: rand.New(rand.NewPCG(1, 1))}
			for range 10_000 {
				w.render(parts, &subject{})
			}
			if n := strings.Count(string(w.buf), "b"); n < 800 || n > 1_200 {
				t.Errorf("b %d times of 10,000, want about 1,000", n)
			}
		})
	}
}
