package index

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/internal/score"
)

// model is an estate as plainly as it can be kept, to compare an index with.
type model struct {
	content  Content
	scopes   []posture.Scope
	things   []*thing // by number, from 1
	layings  []Laying
	tuples   map[string]ledger.Tuple
	facts    map[string]int64
	contents Contents // met so far
	commit   ledger.Number
}

// thing is a resource.
type thing struct {
	ledger.Resource
	facts    ledger.Facts
	verdicts []ledger.Verdict // by evaluation
	tuple    int64
	factsNo  int64
	there    bool
	moved    bool // another one has its key since
}

// check is a check of a thing as it shows.
type check struct {
	thing   *thing
	rule    *Rule
	verdict Verdict
	unders  []Under // nil for as such
}

func newModel() *model {
	m := &model{
		content: Content{Controls: []score.Control{{ID: "identity", Max: 10}, {ID: "network", Max: 4}}},
		tuples:  map[string]ledger.Tuple{}, facts: map[string]int64{}, contents: Contents{Facts: map[int64]ledger.Facts{}},
		things: []*thing{nil},
	}
	for i, r := range []Rule{
		{"b-high", "", posture.High, "identity", true},
		{"a-high", "", posture.High, "network", true},
		{"low", "", posture.Low, "network", true},
		{"policy#1", "policy", posture.Medium, "", false},
		{"policy#2", "policy", posture.High, "network", false},
	} {
		m.content.Rules = append(m.content.Rules, r)
		e := ledger.Evaluation{Number: uint32(i + 1), Rule: r.ID, Parameters: "of a recommendation they do not count"}
		if r.Policy != "" {
			e.Rule, e.Parameters, _ = strings.Cut(r.ID, "#")
		}
		m.contents.Evaluations = append(m.contents.Evaluations, e)
	}
	m.contents.Evaluations = append(m.contents.Evaluations, ledger.Evaluation{Number: 6, Rule: "of yesterday"})
	for _, s := range [][2]string{{"alpha", "/"}, {"beta", "/"}, {"o-1", "alpha"}, {"111111111111", "o-1"}, {"222222222222", "o-1"}, {"/subscriptions/s", "alpha"}, {"projects/p", "beta"}} {
		m.scopes = append(m.scopes, posture.Scope{ID: s[0], Parent: s[1]})
	}
	return m
}

var (
	units     = []string{"111111111111", "222222222222", "/subscriptions/s", "projects/p"}
	scopes    = []string{"/", "alpha", "beta", "o-1", "111111111111", "/subscriptions/s", "/subscriptions/S/resourceGroups/g1", "nowhere"}
	ruleIDs   = []string{"b-high", "a-high", "low", "policy#1", "policy#2"}
	ruleNames = append(slices.Clone(ruleIDs), "policy")
	locations = []string{"", "West", "east", "North", "south", "mid"}
	kinds     = []string{"A::B", "t/x", "T/y"}
)

// step makes a commit of some changes.
func (m *model) step(t *rapid.T) *ledger.Change {
	m.commit++
	c := &ledger.Change{Commit: ledger.Commit{Number: m.commit}}
	if m.commit == 1 {
		for _, s := range m.scopes {
			c.Scopes = append(c.Scopes, ledger.ScopeVersion{Scope: s, Interval: ledger.Interval{Since: 1, Until: ledger.Open}})
		}
	}
	for range rapid.IntRange(0, 6).Draw(t, "new") {
		n := len(m.things)
		unit := rapid.SampledFrom(units).Draw(t, "unit")
		r := ledger.Resource{Number: uint32(n), Type: rapid.SampledFrom(kinds).Draw(t, "type"), Unit: unit, Cloud: posture.CloudOfUnit(unit), Name: fmt.Sprintf("%s%d", rapid.SampledFrom([]string{"n", "N", "m"}).Draw(t, "name"), n%4)}
		r.ID = unit + "/" + fmt.Sprint(n) + "/" + r.Name
		if unit == "/subscriptions/s" {
			r.Group = unit + "/resourceGroups/" + rapid.SampledFrom([]string{"g1", "G2"}).Draw(t, "group")
			r.ID, r.Type = r.Group+"/"+fmt.Sprint(n), strings.ReplaceAll(r.Type, "::", "/") // such ids are of one thing whatever its type, but for AWS
			if own := m.named(r.Group); own == nil && rapid.Bool().Draw(t, "the group itself") {
				r.ID = r.Group
			}
		}
		if rapid.IntRange(0, 3).Draw(t, "a bucket") == 0 {
			r.ID, r.Group = "arn:aws:s3:::"+r.Name, ""
			m.moves(r.ID)
		}
		r.Key = ledger.KeyOf(r.Identity())
		m.things = append(m.things, &thing{Resource: r})
		c.Resources = append(c.Resources, r)
	}
	for _, thing := range m.things[1:] {
		fresh := int(thing.Number) > len(m.things)-1-len(c.Resources)
		switch what := rapid.IntRange(0, 5).Draw(t, "what"); {
		case !thing.moved && (fresh || what == 0):
			m.version(t, c, thing)
			m.judge(t, c, thing)
		case !thing.moved && what == 1 && thing.there:
			m.judge(t, c, thing)
		case (thing.moved || what == 2) && thing.there:
			c.Versions = append(c.Versions, ledger.Version{Resource: thing.Number, Interval: ledger.Interval{Since: 1, Until: m.commit}, Facts: thing.factsNo})
			if thing.tuple != 0 {
				c.Judged = append(c.Judged, ledger.Judged{Resource: thing.Number, Interval: ledger.Interval{Since: 1, Until: m.commit}, Tuple: thing.tuple})
			}
			thing.there, thing.verdicts, thing.tuple = false, nil, 0
		}
	}
	return c
}

// moves takes it that another thing has an id from now on.
func (m *model) moves(id string) {
	for _, thing := range m.things[1:] {
		thing.moved = thing.moved || posture.Fold(thing.ID) == posture.Fold(id)
	}
}

// compareKeys holds the numbers of each key against the things that have or had it.
func (m *model) compareKeys(t *rapid.T, x *Index) {
	had := map[uint64][]uint32{}
	for _, r := range slices.Backward(m.things[1:]) {
		had[r.Key] = append(had[r.Key], r.Number)
	}
	for key, want := range had {
		n, _ := x.Find(key)
		same(t, "the one that has a key", n, want[0])
		same(t, "those that had a key", x.Had(key), want)
	}
}

func (m *model) version(t *rapid.T, c *ledger.Change, thing *thing) {
	if thing.there {
		c.Versions = append(c.Versions, ledger.Version{Resource: thing.Number, Interval: ledger.Interval{Since: 1, Until: m.commit}, Facts: thing.factsNo})
	}
	thing.there = true
	thing.facts = ledger.Facts{Location: rapid.SampledFrom(locations).Draw(t, "location")}
	if rapid.Bool().Draw(t, "tagged") {
		thing.facts.Tags = map[string]string{"Env": rapid.SampledFrom([]string{"prod", "dev"}).Draw(t, "env")}
	}
	if owner := rapid.SampledFrom([]string{"", "anna", "bert, carl"}).Draw(t, "owner"); owner != "" {
		thing.facts.Tags = map[string]string{"Owner": owner, "x": "y"}
	}
	key := fmt.Sprint(thing.facts)
	if m.facts[key] == 0 {
		m.facts[key] = int64(len(m.facts) + 100)
		m.contents.Facts[m.facts[key]] = thing.facts
	}
	thing.factsNo = m.facts[key]
	c.Versions = append(c.Versions, ledger.Version{Resource: thing.Number, Interval: ledger.Interval{Since: m.commit, Until: ledger.Open}, Facts: thing.factsNo})
}

func (m *model) judge(t *rapid.T, c *ledger.Change, thing *thing) {
	if thing.tuple != 0 {
		c.Judged = append(c.Judged, ledger.Judged{Resource: thing.Number, Interval: ledger.Interval{Since: 1, Until: m.commit}, Tuple: thing.tuple})
	}
	thing.verdicts = nil
	for e := uint32(1); e <= 6; e++ {
		state := posture.State(rapid.SampledFrom([]posture.State{0, posture.Healthy, posture.Unhealthy, posture.Unknown, posture.NotApplicable, posture.Manual}).Draw(t, "state"))
		v := ledger.Verdict{Evaluation: e, State: state}
		if state == posture.Unknown {
			v.Reason = rapid.SampledFrom([]posture.Reason{posture.Denied, posture.Partial}).Draw(t, "reason")
		}
		if state != 0 {
			thing.verdicts = append(thing.verdicts, v)
		}
	}
	if thing.tuple = 0; len(thing.verdicts) == 0 {
		return
	}
	key := fmt.Sprint(thing.verdicts)
	tuple, ok := m.tuples[key]
	if !ok {
		tuple = ledger.Tuple{Number: int64(len(m.tuples) + 50), Verdicts: thing.verdicts}
		m.tuples[key] = tuple
		m.contents.Tuples = append(m.contents.Tuples, tuple)
	}
	thing.tuple = tuple.Number
	c.Judged = append(c.Judged, ledger.Judged{Resource: thing.Number, Interval: ledger.Interval{Since: m.commit, Until: ledger.Open}, Tuple: tuple.Number})
}

func (m *model) drawLayings(t *rapid.T) {
	m.layings = nil
	for i := range rapid.IntRange(0, 4).Draw(t, "layings") {
		l := Laying{ID: fmt.Sprint(i), Mark: Mark(rapid.IntRange(0, 3).Draw(t, "mark")), State: rapid.SampledFrom([]posture.State{posture.Healthy, posture.Unhealthy}).Draw(t, "attested")}
		if l.Scope = rapid.SampledFrom(scopes).Draw(t, "over"); len(m.things) > 1 && rapid.Bool().Draw(t, "one") {
			l.Scope = ""
			for range rapid.IntRange(1, 2).Draw(t, "many") {
				l.Keys = append(l.Keys, m.things[rapid.IntRange(1, len(m.things)-1).Draw(t, "which")].Key)
			}
		}
		if rapid.IntRange(0, 2).Draw(t, "selected") == 0 {
			l.Selector = drawSelector(t)
		}
		if l.Mark > Attested && rapid.Bool().Draw(t, "of references") {
			l.Assignment = rapid.SampledFrom([]string{"a1", "A2", "none"}).Draw(t, "assignment")
			if rapid.Bool().Draw(t, "of members") {
				l.Members = rapid.SliceOfN(rapid.SampledFrom([]string{"", "m1", "m2"}), 1, 2).Draw(t, "members")
			}
		} else if rapid.Bool().Draw(t, "some rules") {
			l.Rules = []string{rapid.SampledFrom(ruleNames).Draw(t, "rule")}
		}
		m.layings = append(m.layings, l)
	}
}

// drawSelector also names words that nothing has yet.
func drawSelector(t *rapid.T) (s Selector) {
	if rapid.Bool().Draw(t, "of types") {
		s.Types = rapid.SliceOfN(rapid.SampledFrom([]string{"a::b", "T/X", "t/y"}), 1, 2).Draw(t, "types")
	}
	if rapid.Bool().Draw(t, "at locations") {
		s.Locations = []string{rapid.SampledFrom(locations[1:]).Draw(t, "location")}
	}
	if rapid.Bool().Draw(t, "with tags") {
		s.Tags = []TagFilter{{Key: "env", Value: "prod", Exists: rapid.Bool().Draw(t, "exists"), Not: rapid.Bool().Draw(t, "not")}}
	}
	s.Text = rapid.SampledFrom([]string{"", "N1", "m"}).Draw(t, "text")
	if rapid.IntRange(0, 2).Draw(t, "as in Azure") == 0 {
		s.Resources = drawResourceSelectors(t)
	}
	return s
}

// lies reports whether a laying lies over a thing.
func (m *model) lies(l *Laying, r *thing) bool {
	place := slices.Contains(l.Keys, r.Key) || l.Keys == nil && m.in(r, l.Scope)
	any := func(of []string, value string) bool {
		return len(of) == 0 || slices.ContainsFunc(of, func(o string) bool { return strings.EqualFold(o, value) })
	}
	s := &l.Selector
	return place && admitted(s.Resources, r) && any(s.Types, r.Type) && any(s.Locations, r.facts.Location) && strings.Contains(strings.ToLower(r.ID+"\n"+r.Name), strings.ToLower(s.Text)) &&
		!slices.ContainsFunc(s.Tags, func(f TagFilter) bool { return !r.tagged(f) })
}

func (r *thing) tagged(f TagFilter) bool {
	value, ok := r.facts.Tags["Env"]
	return (ok && (f.Exists || value == f.Value)) != f.Not
}

// in reports whether a thing is in a scope.
func (m *model) in(r *thing, scope string) bool {
	if scope == "/" || r.Group != "" && posture.Fold(r.Group) == posture.Fold(scope) {
		return true
	}
	for at := r.Unit; ; {
		if posture.Fold(at) == posture.Fold(scope) {
			return true
		}
		i := slices.IndexFunc(m.scopes, func(s posture.Scope) bool { return s.ID == at })
		if i < 0 {
			return false
		}
		at = m.scopes[i].Parent
	}
}

// ruleOf gives the place of an evaluation's rule among the content's, -1 for none.
func (m *model) ruleOf(evaluation uint32) int {
	if int(evaluation) > len(ruleIDs) {
		return -1
	}
	return m.place(ruleIDs[evaluation-1])
}

func (m *model) place(id string) int {
	return slices.IndexFunc(m.content.Rules, func(r Rule) bool { return r.ID == id })
}

// drawContent makes other rules judge: some of all, in some order, that count
// otherwise.
func (m *model) drawContent(t *rapid.T) {
	all := newModel().content
	if rapid.Bool().Draw(t, "other points") {
		all.Controls = rapid.Permutation([]score.Control{{ID: "identity", Max: 2}, {ID: "network", Max: 4}, {ID: "new", Max: 1}}).Draw(t, "controls")
	}
	m.content = Content{Controls: all.Controls}
	for _, r := range rapid.Permutation(all.Rules).Draw(t, "rules") {
		if rapid.IntRange(0, 3).Draw(t, "gone") == 0 {
			continue
		}
		if rapid.IntRange(0, 3).Draw(t, "moved") == 0 {
			r.Severity, r.Scored = rapid.SampledFrom([]posture.Severity{posture.Low, posture.Critical}).Draw(t, "to"), rapid.Bool().Draw(t, "scored")
			if r.Control = ""; rapid.Bool().Draw(t, "has a control") {
				r.Control = rapid.SampledFrom(all.Controls).Draw(t, "control").ID
			}
		}
		m.content.Rules = append(m.content.Rules, r)
	}
	m.content.References = drawReferences(t)
}

// checks lists the checks of a thing, with what lies over them.
func (m *model) checks(r *thing) []check {
	var all []check
	for _, v := range r.verdicts {
		n := m.ruleOf(v.Evaluation)
		if n < 0 {
			continue
		}
		rule := &m.content.Rules[n]
		c := check{r, rule, Verdict{Evaluation: v.Evaluation, State: v.State, Judged: v.State, Reason: v.Reason}, nil}
		disabled := false
		for _, l := range m.layings {
			if l.Assignment != "" || l.Rules != nil && l.Rules[0] != rule.ID && l.Rules[0] != rule.Policy || !m.lies(&l, r) {
				continue
			}
			switch {
			case l.Mark == NoMark:
				disabled = true
			case l.Mark == Attested:
				if v.State == posture.Manual {
					c.verdict.State, c.verdict.Judged, c.verdict.Mark = l.State, l.State, max(c.verdict.Mark, Attested)
				}
			default:
				c.verdict.Mark = max(c.verdict.Mark, l.Mark)
			}
		}
		m.refer(&c)
		if c.verdict.Mark > Attested && v.State != posture.NotApplicable {
			c.verdict.State = posture.Exempt
		}
		if !disabled {
			all = append(all, c)
		}
	}
	return all
}

func (m *model) state(r *thing) posture.State {
	for _, s := range posture.States {
		for _, c := range m.checks(r) {
			if c.verdict.State == s {
				return s
			}
		}
	}
	return posture.NotApplicable
}

// named is the thing that has an id, nil for none.
func (m *model) named(id string) *thing {
	for _, r := range m.things[1:] {
		if posture.Fold(r.ID) == posture.Fold(id) {
			return r
		}
	}
	return nil
}

// owner is who owns a thing, or its group.
func (m *model) owner(r *thing) string {
	if own := r.facts.Tags["Owner"]; own != "" {
		return own
	}
	if group := m.named(r.Group); group != nil && group.there {
		return group.facts.Tags["Owner"]
	}
	return ""
}

// matches reports whether a filter leaves a thing.
func (m *model) matches(f *Filter, r *thing) bool {
	any := func(scopes []string) bool {
		return slices.ContainsFunc(scopes, func(s string) bool { return m.in(r, s) })
	}
	inPart := func(p Part) bool { return any([]string{p.Scope}) && !any(p.Not) && p.isSelected(r) }
	return r.there && (f.Parts == nil || slices.ContainsFunc(f.Parts, inPart)) && (f.Visible == nil || any(f.Visible)) && (len(f.Scopes) == 0 || any(f.Scopes)) && f.Clouds.allows(r.Cloud) &&
		f.Types.allows(strings.ToLower(r.Type)) && f.Units.allows(r.Unit) && f.Owners.allows(m.owner(r)) && f.Locations.allows(strings.ToLower(r.facts.Location)) && f.States.allows(m.state(r)) &&
		!slices.ContainsFunc(f.Tags, func(f TagFilter) bool { return !r.tagged(f) }) && strings.Contains(strings.ToLower(r.ID+"\n"+r.Name), f.Text)
}

func (f *CheckFilter) matches(c check) bool {
	chosen := func(of Choice[string]) bool {
		is := slices.Contains(of.Values, c.rule.ID) || c.rule.Policy != "" && slices.Contains(of.Values, c.rule.Policy)
		return len(of.Values) == 0 || is != of.Not
	}
	return chosen(f.Rules) && chosen(f.Also) && f.Severities.allows(c.rule.Severity) && f.Controls.allows(c.rule.Control) &&
		f.States.allows(c.verdict.State) && f.Reasons.allows(c.verdict.unknownBecause())
}

// select lists the things and checks that a filter leaves.
func (m *model) selected(f *Filter) (things []*thing, checks []check) {
	for _, r := range m.things[1:] {
		if m.matches(f, r) {
			things = append(things, r)
			for _, c := range m.checks(r) {
				if f.Checks.matches(c) {
					checks = append(checks, c)
				}
			}
		}
	}
	return things, checks
}

func choice[T comparable](t *rapid.T, label string, values ...T) Choice[T] {
	var c Choice[T]
	for _, v := range values {
		if rapid.IntRange(0, 5).Draw(t, label) == 0 {
			c.Values = append(c.Values, v)
		}
	}
	c.Not = rapid.Bool().Draw(t, label+" not")
	return c
}

func drawFilter(t *rapid.T) Filter {
	f := Filter{
		Clouds: choice(t, "cloud", posture.AWS, posture.Azure), Types: choice(t, "type", "t/x", "t/y"), Locations: choice(t, "location", "west", "east"),
		States: choice(t, "state", posture.States[:]...), Owners: choice(t, "owner", "", "anna", "bert, carl"),
		Checks: CheckFilter{
			Rules: choice(t, "rule", ruleNames...), Also: choice(t, "rule too", ruleNames...), Severities: choice(t, "severity", posture.High, posture.Low), Controls: choice(t, "control", "", "network"),
			States: choice(t, "check state", posture.States[:]...), Reasons: choice(t, "reason", posture.Denied, posture.NoReason),
		},
	}
	if rapid.Bool().Draw(t, "limited") {
		f.Visible = rapid.SliceOfN(rapid.SampledFrom(scopes), 0, 2).Draw(t, "visible")
	}
	if rapid.Bool().Draw(t, "scoped") {
		f.Scopes = rapid.SliceOfN(rapid.SampledFrom(scopes), 1, 2).Draw(t, "scopes")
	}
	if rapid.IntRange(0, 3).Draw(t, "in parts") == 0 {
		for range rapid.IntRange(1, 2).Draw(t, "parts") {
			f.Parts = append(f.Parts, drawPart(t))
		}
	}
	if rapid.IntRange(0, 3).Draw(t, "tags") == 0 {
		f.Tags = []TagFilter{{Key: "env", Value: "prod", Exists: rapid.Bool().Draw(t, "exists"), Not: rapid.Bool().Draw(t, "not")}}
	}
	f.Text = rapid.SampledFrom([]string{"", "", "n1", "n"}).Draw(t, "text")
	return f
}

// compare holds everything that an index says against the model.
func (m *model) compare(t *rapid.T, x *Index) {
	m.compareOver(t, x)
	m.compareUnder(t, x)
	m.compareTypes(t, x)
	m.compareKeys(t, x)
	f := drawFilter(t)
	things, checks := m.selected(&f)
	s := x.Select(f)
	same(t, "resources", s.Resources(), len(things))
	var byState Counts
	for _, r := range things {
		byState[m.state(r)]++
	}
	same(t, "states of resources", s.ByState(), byState)
	tally := Tally{Rules: make([]Counts, len(m.content.Rules)), Mitigated: make([]int, len(m.content.Rules)), Reasons: map[posture.Reason]int{}}
	with := map[*thing]bool{}
	for _, c := range checks {
		with[c.thing] = true
		n := m.place(c.rule.ID)
		tally.Rules[n][c.verdict.State]++
		tally.All[c.verdict.State]++
		if c.verdict.Mark == Mitigated && c.verdict.State == posture.Exempt {
			tally.Mitigated[n]++
		}
		if c.verdict.Mark == Attested {
			tally.Attested++
		}
		if c.verdict.State == posture.Unknown {
			tally.Reasons[c.verdict.Reason]++
		}
	}
	told := s.Tally()
	told.Under, told.Unders = nil, nil // see compareUnder
	same(t, "tally", told, tally)
	if f.Checks.none() {
		same(t, "resources with checks", s.WithChecks().Resources(), len(things))
	} else {
		same(t, "resources with checks", s.WithChecks().Resources(), len(with))
	}
	m.comparePages(t, s, things, checks)
	m.compareFacets(t, x, f)
	m.compareScores(t, x, Filter{})
	m.compareScores(t, x, f)
}

func (m *model) comparePages(t *rapid.T, s *Selection, things []*thing, checks []check) {
	columns := []Column{ByName, ByState, ByType, ByUnit, ByLocation, ByCloud}
	o := []Order{{By: rapid.SampledFrom(columns).Draw(t, "by"), Desc: rapid.Bool().Draw(t, "desc")}}
	if then := rapid.SampledFrom(columns).Draw(t, "then by"); o[0].By != ByName && o[0].By != then && rapid.Bool().Draw(t, "two columns") {
		o = append(o, Order{By: then, Desc: rapid.Bool().Draw(t, "then desc")})
	}
	byName := func(a, b *thing) int {
		return cmp.Or(cmp.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)), cmp.Compare(a.Number, b.Number))
	}
	severity := func(r *Rule) int { return -int(r.Severity) }
	text := func(a, b string) int { return cmp.Compare(strings.ToLower(a), strings.ToLower(b)) }
	column := func(by Column, a, b *thing) int {
		switch by {
		case ByName:
			return byName(a, b)
		case ByState:
			return cmp.Compare(rankOfState(m.state(a)), rankOfState(m.state(b)))
		case ByType:
			return text(a.Type, b.Type)
		case ByUnit:
			return text(a.Unit, b.Unit)
		case ByLocation:
			return text(a.facts.Location, b.facts.Location)
		default:
			return text(a.Cloud.String(), b.Cloud.String())
		}
	}
	turned := func(at int, desc bool) int {
		if desc {
			return -at
		}
		return at
	}
	slices.SortFunc(things, func(a, b *thing) int {
		for _, o := range o {
			if at := column(o.By, a, b); at != 0 {
				return turned(at, o.Desc)
			}
		}
		return byName(a, b)
	})
	var want []string
	for _, r := range things {
		want = append(want, fmt.Sprint(r.Number))
	}
	same(t, fmt.Sprint("pages of resources ", o), pages(t, s, false, o), want)
	m.compareSeek(t, s, false, o, want)

	checkOrder := slices.Clone(o)
	at := rapid.IntRange(0, len(o)-1).Draw(t, "at")
	if by := rapid.SampledFrom([]Column{"", BySeverity, ByRule}).Draw(t, "by of checks"); by != "" && (o[at].By != ByName || len(o) == 1) {
		checkOrder[at].By = by
	}
	slices.SortFunc(checks, func(a, b check) int {
		ranked, last := cmp.Or(cmp.Compare(severity(a.rule), severity(b.rule)), cmp.Compare(a.rule.ID, b.rule.ID)), Order{}
		named := byName(a.thing, b.thing)
		hasSeverity := slices.ContainsFunc(checkOrder, func(o Order) bool { return o.By == BySeverity })
		for _, o := range checkOrder {
			var first int
			switch o.By {
			case BySeverity:
				first, last = cmp.Compare(severity(a.rule), severity(b.rule)), o
			case ByRule:
				first, last = cmp.Compare(a.rule.ID, b.rule.ID), o
			case ByState:
				first, last = cmp.Compare(rankOfState(a.verdict.State), rankOfState(b.verdict.State)), o
			case ByName:
				named = turned(named, o.Desc)
			default:
				first = column(o.By, a.thing, b.thing)
			}
			if first != 0 {
				return turned(first, o.Desc)
			}
		}
		switch { // what the columns of checks leave open
		case last.By == "":
			return cmp.Or(named, ranked)
		case hasSeverity:
			return cmp.Or(turned(cmp.Compare(a.rule.ID, b.rule.ID), last.Desc), named)
		}
		return cmp.Or(turned(ranked, last.Desc), named)
	})
	want = nil
	for _, c := range checks {
		want = append(want, fmt.Sprint(c.thing.Number, c.rule.ID, c.verdict))
	}
	same(t, fmt.Sprint("pages of checks ", checkOrder), pages(t, s, true, checkOrder), want)
	m.compareSeek(t, s, true, checkOrder, want)
}

func rowText(checks bool, r Row) string {
	if checks {
		return fmt.Sprint(r.Resource, r.Rule, r.Verdict)
	}
	return fmt.Sprint(r.Resource)
}

// pages reads a list page by page.
func pages(t *rapid.T, s *Selection, checks bool, o []Order) []string {
	var got []string
	var after *Place
	for limit := rapid.IntRange(1, 5).Draw(t, "limit"); ; {
		rows := s.Page(checks, o, after, limit)
		for _, r := range rows {
			got = append(got, rowText(checks, r))
		}
		if len(rows) < limit {
			return got
		}
		at := s.PlaceOf(o, rows[len(rows)-1])
		after = &at
	}
}

func (m *model) compareSeek(t *rapid.T, s *Selection, checks bool, o []Order, want []string) {
	if len(want) == 0 {
		return
	}
	skip := rapid.IntRange(0, len(want)-1).Draw(t, "skip")
	rows := s.Page(checks, o, s.Skip(checks, o, skip), 1)
	if len(rows) != 1 || rowText(checks, rows[0]) != want[skip] {
		t.Fatalf("row behind %d of %v: %v, want %s of %v", skip, o, rows, want[skip], want)
	}
}

func (m *model) compareFacets(t *rapid.T, x *Index, f Filter) {
	counted := rapid.SampledFrom([]Counted{Resources, Checks, Rules}).Draw(t, "facets of")
	values := map[Facet]func(check) string{
		CloudFacet: func(c check) string { return c.thing.Cloud.String() }, TypeFacet: func(c check) string { return strings.ToLower(c.thing.Type) },
		OwnerFacet: func(c check) string { return m.owner(c.thing) },
		UnitFacet:  func(c check) string { return c.thing.Unit }, LocationFacet: func(c check) string { return strings.ToLower(c.thing.facts.Location) },
		ResourceStateFacet: func(c check) string { return m.state(c.thing).String() }, StateFacet: func(c check) string { return c.verdict.State.String() },
		SeverityFacet: func(c check) string { return c.rule.Severity.String() }, ControlFacet: func(c check) string { return c.rule.Control },
		RuleFacet: func(c check) string { return c.rule.ID }, ReasonFacet: func(c check) string { return c.verdict.Reason.String() },
	}
	var facets []Facet
	for facet := range values {
		facets = append(facets, facet)
	}
	slices.Sort(facets)
	got := x.Facets(f, counted, facets...)
	for _, facet := range facets {
		other, _ := without(f, facet)
		_, checks := m.selected(&other)
		want := map[string]int{}
		met := map[string]bool{}
		for _, c := range checks {
			value := values[facet](c)
			row := map[Counted]any{Resources: c.thing.Number, Checks: fmt.Sprint(c.thing.Number, " ", c.rule.ID), Rules: c.rule.ID}[counted]
			if key := fmt.Sprint(value, " ", row); met[key] || facet == ReasonFacet && c.verdict.State != posture.Unknown {
				continue
			} else {
				met[key] = true
			}
			want[value]++
		}
		if counted == Resources && other.Checks.none() && !slices.Contains(ofChecks, facet) {
			want = map[string]int{}
			things, _ := m.selected(&other)
			for _, r := range things {
				if facet != ResourceStateFacet || m.state(r) != 0 {
					want[values[facet](check{thing: r})]++
				}
			}
		}
		counts := map[string]int{}
		for _, v := range got[facet] {
			value := v.Value
			if facet == TypeFacet || facet == LocationFacet {
				value = strings.ToLower(value)
			}
			counts[value] += v.Count
		}
		same(t, fmt.Sprint("facet ", facet, " of ", counted), counts, want)
	}
}

func (m *model) compareScores(t *rapid.T, x *Index, f Filter) {
	var recommendations []score.Recommendation
	for _, r := range m.content.Rules {
		rec := score.Recommendation{ID: r.ID, Severity: r.Severity}
		if r.Scored {
			rec.Controls = []string{r.Control}
		}
		recommendations = append(recommendations, rec)
	}
	var groups []score.Group
	for _, r := range m.things[1:] {
		g := score.Group{Unit: r.Unit, Count: 1}
		for _, c := range m.checks(r) {
			control := slices.ContainsFunc(m.content.Controls, func(of score.Control) bool { return of.ID == c.rule.Control })
			if c.rule.Scored && control && c.verdict.State != posture.Exempt {
				g.Checks = append(g.Checks, score.Check{Recommendation: m.place(c.rule.ID), State: c.verdict.State})
			}
		}
		if m.matches(&f, r) && len(g.Checks) > 0 {
			groups = append(groups, g)
		}
	}
	model := score.New(m.content.Controls, recommendations, groups)
	selected := x.Select(f)
	same(t, "score", selected.ScoreModel().Score(), model.Score())
	same(t, "score alone", selected.Score(), model.Score())
	for i := range m.content.Rules {
		same(t, "gain", selected.ScoreModel().Gain(i), model.Gain(i))
	}
	for _, u := range model.Score().Units {
		if !selected.all {
			break
		}
		same(t, "score of unit", x.UnitScore(u.Scope), u)
		m.compareCounter(t, x, u)
	}
}

// compareCounter takes a unit's resources out of a counter and in again, one after
// another.
func (m *model) compareCounter(t *rapid.T, x *Index, u score.Unit) {
	c := x.Counter(u.Scope)
	same(t, "counter", c.Score(), u)
	for _, r := range m.things[1:] {
		if r.Unit == u.Scope {
			c.Tuple(x.Laid(r.Number), -1)
		}
	}
	same(t, "counter of nothing", c.Score(), score.OfCounts(m.content.Controls, u.Scope, nil, 0))
	for _, r := range m.things[1:] {
		if r.Unit == u.Scope {
			c.Verdicts(x.Tuple(x.Laid(r.Number)), 1)
		}
	}
	same(t, "counter of all", c.Score(), u)
	same(t, "score beside the counter", x.UnitScore(u.Scope), u)
}

func same(t *rapid.T, what string, got, want any) {
	t.Helper()
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Fatalf("%s (-want +got):\n%s", what, diff)
	}
}

// load builds an index from the rows of now.
func (m *model) load(t *rapid.T) *Index {
	l := NewLoader(m.content)
	l.Scopes(m.scopes)
	if err := l.Contents(m.contents); err != nil {
		t.Fatal(err)
	}
	for _, r := range m.things[1:] {
		l.Resource(&r.Resource)
	}
	for _, r := range m.things[1:] {
		if r.there {
			l.Version(ledger.Version{Resource: r.Number, Facts: r.factsNo})
		}
		if r.tuple != 0 {
			l.Judged(ledger.Judged{Resource: r.Number, Tuple: r.tuple})
		}
	}
	return l.Index(m.commit, m.layings)
}

// TestIndex_says_what_the_rows_say: an index that follows changes of resources and
// of what judges, one that is loaded and one from a checkpoint say what is found by
// looking at every resource.
func TestIndex_says_what_the_rows_say(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := newModel()
		m.content.References = drawReferences(t)
		x := newIndex(m.content)
		for range rapid.IntRange(1, 5).Draw(t, "commits") {
			change := m.step(t)
			kept := x.Select(drawFilter(t)).Excerpt()
			before := told(kept)
			tuples, facts := x.Lacks(change)
			contents := Contents{Evaluations: m.contents.Evaluations, Facts: map[int64]ledger.Facts{}}
			for _, tuple := range m.contents.Tuples {
				if slices.Contains(tuples, tuple.Number) {
					contents.Tuples = append(contents.Tuples, tuple)
				}
			}
			for _, n := range facts {
				contents.Facts[n] = m.contents.Facts[n]
			}
			follows := followMembers(t, x)
			touched, err := x.Apply(change, contents)
			if err != nil {
				t.Fatal(err)
			}
			follows(touched, len(change.Scopes) > 0)
			m.compare(t, x)
			if rapid.Bool().Draw(t, "checkpoint") {
				x = checkpointed(t, x)
				m.compare(t, x)
			}
			if rapid.IntRange(0, 2).Draw(t, "other rules") == 0 {
				m.judgeBy(t, x)
				m.compare(t, x)
			}
			if rapid.IntRange(0, 2).Draw(t, "tried") == 0 {
				m.try(t, x)
				m.compare(t, x)
			}
			if rapid.Bool().Draw(t, "lay") {
				m.relay(t, x)
				m.compare(t, x)
			}
			same(t, "an excerpt after changes", told(kept), before)
			m.compareExcerpt(t, x)
		}
		m.compare(t, m.load(t))
	})
}

// followMembers gives what looks at the members of a filter again, once an index has
// gone on: counted by what turned, they are those of the filter.
func followMembers(t *rapid.T, x *Index) func(touched []uint32, all bool) {
	f := drawFilter(t)
	f.Checks, f.Owners = CheckFilter{}, Choice[string]{}
	members, tally := x.Members(f), x.Select(f).Tally()
	return func(touched []uint32, all bool) {
		turned := members.Look(touched)
		if all {
			turned = append(turned, members.LookAll()...)
		}
		for _, r := range turned {
			tally.Count(x, x.Shown(r.Before), -1)
			tally.Count(x, x.Shown(r.Now), 1)
		}
		now := x.Select(f)
		same(t, "rules of members", tally.Rules, now.Tally().Rules)
		same(t, "mitigated ones of members", tally.Mitigated, now.Tally().Mitigated)
		nows := now.Tally()
		same(t, "members under references", countedUnder(&tally), countedUnder(&nows))
		clouds := []posture.Cloud{posture.AWS, posture.Azure}
		same(t, "units of members", members.WholeUnitsOf(clouds), now.WholeUnitsOf(clouds))
		for _, r := range touched {
			same(t, "member", members.Has(r), now.resources.Contains(r))
		}
	}
}

// try tries other rules with other verdicts of some things. What shows then is what
// an index of them shows.
func (m *model) try(t *rapid.T, x *Index) {
	content, kept := m.content, make([]thing, len(m.things))
	for i, r := range m.things[1:] {
		kept[i+1] = *r
	}
	tuples := len(m.contents.Tuples)
	m.drawContent(t)
	change := &ledger.Change{Commit: ledger.Commit{Number: m.commit + 1}}
	m.commit++
	for _, r := range m.things[1:] {
		if r.there && rapid.Bool().Draw(t, "judged otherwise") {
			m.judge(t, change, r)
		}
	}
	if err := x.Try(m.content, change, Contents{Tuples: m.contents.Tuples[tuples:]}, func([]Relaid) { m.compare(t, x) }); err != nil {
		t.Fatal(err)
	}
	for _, tuple := range m.contents.Tuples[tuples:] {
		delete(m.tuples, fmt.Sprint(tuple.Verdicts))
	}
	m.contents.Tuples, m.content = m.contents.Tuples[:tuples], content
	m.commit--
	for i, r := range m.things[1:] {
		*r = kept[i+1]
	}
}

// relay lays something else over the verdicts, and holds what is told of it
// against what shows.
func (m *model) relay(t *rapid.T, x *Index) {
	before := map[uint32]string{}
	for _, r := range m.things[1:] {
		before[r.Number] = shownText(x, x.Laid(r.Number))
	}
	m.drawLayings(t)
	var got, want []string
	for _, r := range x.SetLayings(m.layings) {
		got = append(got, fmt.Sprint(r.Resource, shownText(x, r.Before), shownText(x, r.Now)))
	}
	for _, r := range m.things[1:] {
		if now := shownText(x, x.Laid(r.Number)); now != before[r.Number] {
			want = append(want, fmt.Sprint(r.Number, before[r.Number], now))
		}
	}
	same(t, "relaid", got, want)
}

// checkpointed writes an index and reads it.
func checkpointed(t *rapid.T, x *Index) *Index {
	var file bytes.Buffer
	if err := x.WriteTo(&file, "rules"); err != nil {
		t.Fatal(err)
	}
	read, err := ReadCheckpoint(file.Bytes(), "rules")
	if err != nil {
		t.Fatal(err)
	}
	return read
}

// TestReadCheckpoint_refuses_what_is_damaged: wherever a byte is another one or
// the file ends, it is said.
func TestReadCheckpoint_refuses_what_is_damaged(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := newModel()
		m.step(t)
		var file bytes.Buffer
		if err := m.load(t).WriteTo(&file, "rules"); err != nil {
			t.Fatal(err)
		}
		whole := file.Bytes()
		if _, err := ReadCheckpoint(whole, "other rules"); !errors.Is(err, ErrCheckpoint) {
			t.Fatalf("judged by other rules: %v", err)
		}
		at := rapid.IntRange(0, len(whole)-1).Draw(t, "at")
		if _, err := ReadCheckpoint(whole[:at], "rules"); !errors.Is(err, ErrCheckpoint) {
			t.Fatalf("cut: %v", err)
		}
		damaged := bytes.Clone(whole)
		damaged[at] ^= byte(rapid.IntRange(1, 255).Draw(t, "bits"))
		if _, err := ReadCheckpoint(damaged, "rules"); !errors.Is(err, ErrCheckpoint) {
			t.Fatalf("damaged at %d: %v", at, err)
		}
	})
}
