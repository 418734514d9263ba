package plan

import (
	"testing"

	"github.com/bartizan-dev/bartizan/kql/internal/syntax"
)

// FuzzBind binds what the parser made of any text, also of a wrong one: there
// is a plan or there are problems, and editors' questions have answers.
func FuzzBind(f *testing.F) {
	f.Add(longQuery)
	for _, seed := range []string{
		"T | summarize arg_max(t, *), round(avg(n), 2) by s | top 3 by t",
		"E | make-graph src --> dst with N on nid | graph-match (a)-[e*1..3]->(b) where all(e, w > 1) project a.nid, e",
		"let f = (x: long) { x + 1 }; union (T | extend y = f(n)), (L | evaluate bag_unpack(d)) | mv-apply z = d on (take 1)",
		"let m = toscalar(T | evaluate bag_unpack(d)); T | where n > m | as X; X | join (T | evaluate pivot(s)) on id",
		"search in (L, R) \"x*\" and a > 1",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		q, _ := syntax.Parse(text)
		At(text, len(text)/2, testScope())
		WordAt(text, len(text)/2, testScope())
		if q == nil {
			return
		}
		p, problems := Bind(q, testScope())
		if (p == nil) != (len(problems) > 0) {
			t.Fatalf("%q: a plan and problems, or neither", text)
		}
		if p != nil {
			Explain(Optimize(p, nil))
		}
	})
}
