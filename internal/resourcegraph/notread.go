package resourcegraph

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/kql"
	"github.com/bartizan-dev/bartizan/kql/data"
)

// A NotRead says that tables may lack rows, because not all of a type was read.
type NotRead struct {
	Tables []string // in order
	Type   string   // as tables have it, or EveryType
	Scope  string   // where, or the id of the resource below which
	Reason posture.Reason
}

// EveryType stands for all types of which no read record says more.
const EveryType = "*"

// askedScans are what tables were asked for since somebody wanted to know.
type askedScans struct {
	mu    sync.Mutex
	scans []askedScan
}

type askedScan struct {
	table string
	where []kql.Predicate
	all   bool // rows that are computed of everything else
}

func (e *Estate) asks(table string, where []kql.Predicate) { e.ask(askedScan{table, where, false}) }

// asksAll notes that rows are made of resources of all types.
func (e *Estate) asksAll(table string, where []kql.Predicate) { e.ask(askedScan{table, where, true}) }

func (e *Estate) ask(s askedScan) {
	e.asked.mu.Lock()
	defer e.asked.mu.Unlock()
	e.asked.scans = append(e.asked.scans, s)
}

// NotRead tells what read records say was denied, throttled, failed or read in part of
// what tables were asked for since the last call, by type. It reads no input for that: of
// inputs none of which was read to its end, because nobody wanted more rows, it tells
// nothing.
func (e *Estate) NotRead(ctx context.Context) ([]NotRead, error) {
	e.asked.mu.Lock()
	scans := e.asked.scans
	e.asked.scans = nil
	e.asked.mu.Unlock()
	if len(scans) == 0 {
		return nil, nil
	}
	reads, err := e.source.readsSoFar(ctx)
	if err != nil || reads == nil {
		return nil, err
	}
	tables := map[assess.FailedRead][]string{}
	var order []assess.FailedRead
	below := sync.OnceValue(e.source.scopesBelow)
	for i := range scans {
		for _, f := range reads.Failed(scans[i].question(e, below)) {
			if tables[f] == nil {
				order = append(order, f)
			}
			if !slices.Contains(tables[f], scans[i].table) {
				tables[f] = append(tables[f], scans[i].table)
			}
		}
	}
	all := make([]NotRead, len(order))
	for i, f := range order {
		slices.Sort(tables[f])
		all[i] = NotRead{tables[f], cmp.Or(f.Type, EveryType), f.Scope, f.Reason}
	}
	slices.SortFunc(all, func(a, b NotRead) int {
		return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(a.Scope, b.Scope), cmp.Compare(a.Reason, b.Reason))
	})
	return all, nil
}

// question asks for failed reads of what rows of a scan may come of.
func (s *askedScan) question(e *Estate, below func() []string) *assess.ReadQuestion {
	q := &assess.ReadQuestion{Shows: e.source.shows, Below: below}
	types := []func(string) bool{func(name string) bool { return standsIn(name, s.table) }}
	if s.all {
		types = nil
	} else {
		q.Types = exactTypes(s.table)
	}
	cloud := posture.NoCloud
	if !s.all {
		cloud = cloudOfTable(s.table)
	}
	for _, p := range s.where {
		test := textTest(p)
		switch {
		case test == nil:
		case p.Column == typeColumn && !s.all:
			types = append(types, test)
			switch p.Op {
			case data.OpHasPrefix, data.OpHasPrefixFold:
				cloud = posture.CloudOfType(p.Values[0].Text())
			default:
				q.Types = lowerTexts(p.Values)
			}
		case p.Column == unitColumn:
			before := q.Unit
			q.Unit = func(unit string) bool {
				name := lastSegment(unit) // of a record, which may write it in another case than resources
				return (test(name) || test(strings.ToLower(name))) && (before == nil || before(unit))
			}
		}
	}
	admits := func(name string) bool {
		return !slices.ContainsFunc(types, func(admits func(string) bool) bool { return !admits(name) })
	}
	if q.Types != nil {
		q.Types = slices.DeleteFunc(slices.Clone(q.Types), func(name string) bool { return !admits(name) })
	}
	q.Admits = func(name, scope string) bool {
		of := cloud
		if name != "" {
			of = posture.CloudOfType(name)
		}
		in := posture.CloudOfScope(scope)
		return (of == posture.NoCloud || in == posture.NoCloud || of == in) && (name == "" || q.Types != nil || admits(name))
	}
	return q
}

// exactTypes are those that stand in a table, nil where it has more than have names.
func exactTypes(table string) []string {
	types := typesOf[table]
	if slices.ContainsFunc(types, func(t string) bool { return strings.HasSuffix(t, "/") }) {
		return nil
	}
	if table != resources && types == nil {
		return []string{}
	}
	return types
}

// cloudOfTable is the one of all types that stand in a table.
func cloudOfTable(table string) posture.Cloud {
	cloud := posture.NoCloud
	for _, name := range typesOf[table] {
		of := posture.CloudOfType(name)
		if cloud != posture.NoCloud && of != cloud {
			return posture.NoCloud
		}
		cloud = of
	}
	return cloud
}

func lowerTexts(values []kql.Value) []string {
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = strings.ToLower(v.Text())
	}
	return texts
}
