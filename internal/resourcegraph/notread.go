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

// A NotRead says that tables may lack rows, because not all of a type was read, or
// that they lack some resources, because these were not.
type NotRead struct {
	Tables    []string // in order
	Type      string   // as tables have it, or EveryType
	Scope     string   // where, or the id of the resource below which
	Reason    posture.Reason
	Count     int      // resources that were not read; 0 where nobody knows which
	Resources []string // their ids, as read records write them, at most MostMissing
}

// MostMissing is how many resources are named of those of a type that were not read in
// one place.
const MostMissing = 10

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

// Asked reports whether tables were asked for since the last [Estate.NotRead].
func (e *Estate) Asked() bool {
	e.asked.mu.Lock()
	defer e.asked.mu.Unlock()
	return len(e.asked.scans) > 0
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
	told := notReadSet{}
	below := sync.OnceValue(e.source.scopesBelow)
	for i := range scans {
		q := scans[i].question(e, below)
		for _, f := range reads.Failed(q) {
			told.add(scans[i].table, f, nil)
		}
		for _, m := range reads.Missing(q) {
			told.add(scans[i].table, m.FailedRead, m.IDs)
		}
	}
	return told.inOrder(), nil
}

// notReadSet has what was not read, by what it is about and whether that are resources.
type notReadSet map[notReadKey]*NotRead

type notReadKey struct {
	assess.FailedRead
	named bool
}

func (s notReadSet) add(table string, f assess.FailedRead, ids []string) {
	key := notReadKey{f, ids != nil}
	n := s[key]
	if n == nil {
		n = &NotRead{Type: cmp.Or(f.Type, EveryType), Scope: f.Scope, Reason: f.Reason, Count: len(ids), Resources: ids[:min(len(ids), MostMissing)]}
		s[key] = n
	}
	if !slices.Contains(n.Tables, table) {
		n.Tables = append(n.Tables, table)
	}
}

func (s notReadSet) inOrder() []NotRead {
	all := make([]NotRead, 0, len(s))
	for _, n := range s {
		slices.Sort(n.Tables)
		all = append(all, *n)
	}
	slices.SortFunc(all, func(a, b NotRead) int {
		return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(a.Scope, b.Scope), cmp.Compare(a.Reason, b.Reason), cmp.Compare(a.Count, b.Count))
	})
	return all
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
			case data.OpContainsFold:
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
