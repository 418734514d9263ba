package plan

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestOptimize shows plans after rewriting: what is pushed down, pruned, made one step.
func TestOptimize(t *testing.T) {
	tests := []struct{ query, want string }{
		{
			`T | where s == "a" and d.x.y == 1 | project id, d.x`,
			`
project id, d_x = d.x
  filter (s == "a") and (d.x.y == 1)
    table T columns: id, d{x}, s · pushed down: s == "a" and d.x.y == 1`,
		},
		{
			`T | extend x = tolower(s) | where n > 1 and x == "a" | count`,
			`
summarize count()
  filter x == "a"
    project x = tolower(s)
      filter n > 1
        table T columns: n, s · pushed down: n > 1`,
		},
		{
			`T | sort by n | take 5`,
			`
top 5 by n desc
  table T columns: id, n, r, b, d, t, s, g, ts`,
		},
		{
			`T | project id, n | take 5`,
			`
take 5
  table T columns: id, n · at most 5 rows`,
		},
		{
			`T | where s == "a" | take 5 | project id`,
			`
project id
  take 5
    filter s == "a"
      table T columns: id, s · pushed down: s == "a" · at most 5 rows`,
		},
		{
			`T | where s has "a" | take 5`,
			`
take 5
  filter s has "a"
    table T columns: id, n, r, b, d, t, s, g, ts · pushed down: s contains "a"`,
		},
		{
			`T | where s contains "a" and id !contains "b" | project n`,
			`
project n
  filter (s contains "a") and (id !contains "b")
    table T columns: id, n, s · pushed down: s contains "a"`,
		},
		{
			`T | where s == "a" or s == "b" | project n`,
			`
project n
  filter s in ("a", "b")
    table T columns: n, s · pushed down: s in ("a", "b")`,
		},
		{
			`T | where tolower(s) == "a" | project n`,
			`
project n
  filter tolower(s) == "a"
    table T columns: n, s · pushed down: s =~ "a"`,
		},
		{
			`T | project-rename a = n | where a between (1 .. 3) | project a`,
			`
project a = n
  filter n between (1 .. 3)
    table T columns: n · pushed down: n between (1 .. 3)`,
		},
		{
			`L | join kind=inner R on id | where id == "x" and a > 1 and a1 < 2 | project name, other.k`,
			`
project name, other_k = other.k
  join kind=inner on id == id
    filter (id == "x") and (a > 1)
      table L columns: id, a, name · pushed down: id == "x" and a > 1
    filter (id == "x") and (a < 2)
      table R columns: id, a, other{k} · pushed down: id == "x" and a < 2`,
		},
		{
			`L | join R on id | where id == "x" and a > 1 and a1 < 2 | project name`,
			`
project name
  filter a > 1
    join kind=innerunique on id == id
      filter id == "x"
        table L columns: id, a, name · pushed down: id == "x"
      filter (id == "x") and (a < 2)
        table R columns: id, a · pushed down: id == "x" and a < 2`,
		},
		{
			`L | join kind=leftouter R on id | where a > 1 and a1 > 2 | project name, a1`,
			`
project name, a1
  filter a1 > 2
    join kind=leftouter on id == id
      filter a > 1
        table L columns: id, a, name · pushed down: a > 1
      table R columns: id, a`,
		},
		{
			`union L, (R | project id, a = tolong(a)) | where id == "x" | project a`,
			`
union a
  filter id == "x"
    table L columns: id, a · pushed down: id == "x"
  project a = tolong(a)
    filter id == "x"
      table R columns: id, a · pushed down: id == "x"`,
		},
		{
			`T | mv-expand d.x | where n == 1 and d_x == 2 | project n, d_x`,
			`
project n, d_x
  filter d_x == 2
    mv-expand d.x
      filter n == 1
        table T columns: n, d{x} · pushed down: n == 1`,
		},
		{
			`T | summarize c = count(), m = max(r) by s | where s == "a" and c > 1 | project s, c`,
			`
filter c > 1
  summarize count() by s
    filter s == "a"
      table T columns: s · pushed down: s == "a"`,
		},
		{
			`T | where n in (1, 2, 3) and s !in ("a") | project n`,
			`
project n
  filter n in (1, 2, 3) and s !in ("a")
    table T columns: n, s · pushed down: n in (1, 2, 3)`,
		},
		{
			`T | where s in ((L | where a == 1 | project id, name)) | project s`,
			`
filter s in (table)
  table T columns: s
  values of in:
    project id
      filter a == 1
        table L columns: id, a · pushed down: a == 1`,
		},
		{
			`T | where n == toscalar(L | summarize max(a)) | project s`,
			`
project s
  filter n == toscalar(…)
    table T columns: n, s
    toscalar:
      take 1
        summarize max(a)
          table L columns: a`,
		},
		{
			`let X = materialize(T | where b); X | where n == 1 | join kind=inner (X | project id) on id | project s`,
			`
project s
  join kind=inner on id == id
    filter n == 1
      materialize #1
        filter b
          table T columns: id, n, r, b, d, t, s, g, ts · pushed down: b == true
    project id
      materialize #1 (see above)`,
		},
		{
			`T | parse s with * "a=" v:long ";" * | where n == 1 and v == 2 | project v`,
			`
project v
  filter v == 2
    parse s → v
      filter n == 1
        table T columns: n, s · pushed down: n == 1`,
		},
		{
			`T | extend x = row_number() | where n == 1 | project x`,
			`
project x
  filter n == 1
    project (rows in order) n, x = row_number()
      table T columns: n`,
		},
		{
			`T | mv-apply e = d.items on (where e.k == 1 | project v = e.v) | where n == 1 | project v`,
			`
mv-apply d.items
  filter n == 1
    table T columns: n, d{items} · pushed down: n == 1
  for each row:
    project v = e.v
      filter e.k == 1
        project e
          subject e, n, d`,
		},
		{
			`T | extend x = n + 1 | where 1 == 2 and n == 2 | summarize c = count() by s`,
			`
summarize count() by s
  project s
    rows 0`,
		},
		{
			`T | join kind=leftouter (T | where bool(null)) on id | where n == 2 | project n, s1`,
			`
project n, s1
  join kind=leftouter on id == id
    filter n == 2
      table T columns: id, n · pushed down: n == 2
    rows 0`,
		},
		{
			`T | where 1 == 1 and n == 2 | project s`,
			`
project s
  filter n == 2
    table T columns: n, s · pushed down: n == 2`,
		},
		{
			`T | distinct s | where s == "x"`,
			`
distinct s
  filter s == "x"
    table T columns: s · pushed down: s == "x"`,
		},
		{
			`T | top 10 by n | take 5 | project n`,
			`
top 5 by n desc
  table T columns: n`,
		},
	}
	for _, test := range tests {
		p, problems := bindText(test.query)
		if len(problems) > 0 {
			t.Errorf("%s: %s", test.query, showProblems(problems))
			continue
		}
		got := "\n" + strings.Join(Explain(Optimize(p, nil)), "\n")
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s\n%s", test.query, diff)
		}
	}
}
