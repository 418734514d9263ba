package index

import (
	"cmp"
	"slices"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

// Column is what a list is ordered by. Rows that are equal in all columns of a list
// come by the resource's name, ignoring case, and then by its number; checks of one
// resource by severity and rule.
type Column string

// The columns. State is the worst first; BySeverity and ByRule are of checks.
const (
	ByName     Column = "name"
	ByState    Column = "state"
	ByType     Column = "type"
	ByUnit     Column = "unit"
	ByLocation Column = "location"
	ByCloud    Column = "cloud"
	BySeverity Column = "severity"
	ByRule     Column = "recommendation"
)

// Order is a column by which a list is ordered. Of several the first counts most;
// ByName is the last.
type Order struct {
	By   Column
	Desc bool
}

// ofCheck reports whether checks have the column, not their resources.
func (o Order) ofCheck() bool { return o.By == ByState || o.By == BySeverity || o.By == ByRule }

// Expand gives all columns that decide where rows stand before their names do, and
// whether names come backwards: with one of checks go the others that it leaves open.
func Expand(checks bool, by []Order) (keys []Order, backwards bool) {
	keys = slices.Clone(by)
	if last := len(keys) - 1; last >= 0 && keys[last].By == ByName {
		keys, backwards = keys[:last], keys[last].Desc
	}
	if !checks {
		return keys, backwards
	}
	has := map[Column]bool{}
	var last Order // of the columns of checks
	for _, o := range keys {
		if has[o.By] = true; o.ofCheck() {
			last = o
		}
	}
	if has[ByState] && !has[BySeverity] && !has[ByRule] {
		keys = append(keys, Order{BySeverity, last.Desc})
	}
	if last.By != "" && !has[ByRule] {
		keys = append(keys, Order{ByRule, last.Desc})
	}
	return keys, backwards
}

// Row is a row of a list. Of a resource it is the Resource alone; a check on a unit as
// a whole has the Unit instead.
type Row struct {
	Resource uint32
	Unit     string
	Rule     string
	Verdict  Verdict
}

// Place is where in a list a row stands: the next page begins behind it, also
// when the row is no longer there.
type Place struct {
	Keys     []Key  `json:"k"` // by the columns of Expand
	Name     string `json:"n"`
	Resource uint32 `json:"r"`
	Unit     string `json:"u,omitempty"`
	Rule     string `json:"c"`
}

// Key is where a row stands in a column.
type Key struct {
	Rank int    `json:"r,omitempty"`
	Text string `json:"t,omitempty"`
}

func (k Key) compare(other Key) int {
	return cmp.Or(cmp.Compare(k.Rank, other.Rank), compareFolded(k.Text, other.Text), compare(k.Text, other.Text))
}

// Page gives up to limit rows behind a place, nil for the first. They are checks
// that are meant, or else resources.
func (s *Selection) Page(checks bool, by []Order, after *Place, limit int) []Row {
	var rows []Row
	keys, backwards := Expand(checks, by)
	d := descent{s: s, checks: checks, keys: keys, call: func(b *bucket, after *Place) bool {
		rows = s.fill(rows, b, checks, backwards, after, limit)
		return len(rows) < limit
	}}
	d.from(after)
	return rows
}

// fill appends the rows of a bucket behind a place, up to limit in all.
func (s *Selection) fill(rows []Row, b *bucket, checks, backwards bool, after *Place, limit int) []Row {
	had := len(rows)
	if !b.bare() {
		s.walk(b, checks, backwards, after, func(n uint32) bool {
			rows = s.appendRows(rows, n, checks, b.rule(), after, limit)
			return len(rows) < limit
		})
	}
	if len(b.units) == 0 {
		return rows
	}
	return s.mix(rows, had, s.unitRows(b.units, backwards, after, limit-had), backwards, limit)
}

// PlaceOf is where a row stands.
func (s *Selection) PlaceOf(by []Order, row Row) Place {
	if row.Unit != "" {
		return placeOfUnit(by, &row)
	}
	p := Place{Name: s.index.resources.name(row.Resource), Resource: row.Resource, Rule: row.Rule}
	keys, _ := Expand(row.Rule != "", by)
	for _, o := range keys {
		p.Keys = append(p.Keys, s.keyOf(o.By, row))
	}
	return p
}

// keyOf is where a row stands in a column.
func (s *Selection) keyOf(by Column, row Row) Key {
	x := s.index
	c := &x.resources
	switch by {
	case ByState:
		if row.Rule != "" {
			return Key{Rank: rankOfState(row.Verdict.State)}
		}
		return Key{Rank: rankOfState(x.tuples.rollUp[c.laid[row.Resource]])}
	case ByType:
		return Key{Text: x.types.texts[c.kind[row.Resource]]}
	case ByUnit:
		return Key{Text: x.units.texts[c.unit[row.Resource]]}
	case ByLocation:
		return Key{Text: x.locations.texts[x.facts.locations[c.facts[row.Resource]]]}
	case ByCloud:
		return Key{Text: posture.Cloud(c.cloud[row.Resource]).String()}
	case BySeverity:
		return Key{Rank: rankOf(x.rules, row.Rule)}
	}
	return Key{Text: row.Rule}
}

// rankOf is the rank of a rule's severity, 0 for the worst; 0 without a rule.
func rankOf(r *rules, rule string) int {
	if rule == "" {
		return 0
	}
	n, ok := r.byID[rule]
	if !ok { // it is in a place that somebody remembers
		return int(posture.Critical)
	}
	return rankOfSeverity(r.content.Rules[n].Severity)
}

func rankOfSeverity(s posture.Severity) int { return int(posture.Critical) - int(s) }

// rankOfState is 0 for the worst.
func rankOfState(state posture.State) int {
	for i, s := range posture.States {
		if s == state {
			return i
		}
	}
	return len(posture.States)
}

// appendRows appends the rows of a resource, up to limit in all.
func (s *Selection) appendRows(rows []Row, n uint32, checks bool, rule int, after *Place, limit int) []Row {
	if !checks {
		return append(rows, Row{Resource: n})
	}
	var own []Row
	for _, v := range s.index.tuples.of(s.index.resources.laid[n]) {
		number := s.index.rules.number(v.Evaluation)
		if s.wants(v) && (rule < 0 || rule == number) {
			own = append(own, Row{Resource: n, Rule: s.index.rules.content.Rules[number].ID, Verdict: v})
		}
	}
	r := s.index.rules
	slices.SortFunc(own, func(a, b Row) int { return s.compareRules(a.Rule, b.Rule) })
	for _, row := range own {
		behind := after == nil || after.Resource != n || compareRanked(r, row.Rule, after.Rule) > 0
		if behind && len(rows) < limit {
			rows = append(rows, row)
		}
	}
	return rows
}

func (s *Selection) compareRules(a, b string) int { return compareRanked(s.index.rules, a, b) }

// compareRanked orders rules by severity, the worst first, then by id. A rule
// that there is no more has no severity.
func compareRanked(r *rules, a, b string) int {
	return cmp.Or(cmp.Compare(rankOf(r, a), rankOf(r, b)), compare(a, b))
}
