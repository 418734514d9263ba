package server

import (
	"context"
	"fmt"
	"slices"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/index"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/internal/score"
)

// Grouping are the parameters by which a list answers in groups.
type Grouping struct {
	By   string `query:"group" doc:"answer with the groups that the list has by this, as groups, and with rows only of those in open: a facet, or standard. The total, facets, query and exports stay those of the list without it"`
	Open string `query:"open" doc:"with group: values of groups, as conditions say them. The rows are those of these groups, one group after another, each in the order of the list; of a value that is no group there are none"`
}

// ListGroup is the rows of a list that have a value in common. Where one has checks of
// several values, or of several standards, it is in the groups of all.
type ListGroup struct {
	Value  string      `json:"value" doc:"as a condition on what is grouped by says it: with it, in the place of one on the same, the list has exactly the rows of the group; of standards only if that one is no not"`
	Title  string      `json:"title,omitempty" doc:"of a recommendation, control, standard or unit, where it is known"`
	Count  int         `json:"count" doc:"rows"`
	States GroupStates `json:"states" doc:"of checks; in a list of resources of these, by what they are over all their checks"`
	Gain   *float64    `json:"gain,omitempty" doc:"of recommendations: the sum of the gains of the rows"`
}

// GroupStates counts by state.
type GroupStates struct {
	Unhealthy     int `json:"unhealthy" doc:"checks or resources"`
	Unknown       int `json:"unknown" doc:"checks or resources"`
	Manual        int `json:"manual" doc:"checks or resources"`
	Healthy       int `json:"healthy" doc:"checks or resources"`
	Exempt        int `json:"exempt" doc:"checks or resources"`
	NotApplicable int `json:"notApplicable" doc:"checks or resources"`
}

// InGroup is what rows of a list in groups have besides.
type InGroup struct {
	InGroup string `json:"inGroup,omitempty" export:"-" doc:"where the list is grouped: value of the group that the row stands in"`
}

// grouped are the groups of a list.
type grouped struct {
	key    string
	by     index.Grouping
	open   index.Choice[string]
	titles map[string]string // of standards, and of controls that wait for a person
	all    []index.Group
}

// groupKeys are what lists are grouped by.
var groupKeys = append(slices.Clone(facets), index.StandardFacet)

// grouping reads by what a list is to be grouped; nil for not at all.
func (s *Server) grouping(ctx context.Context, v *view, w *Where, in *Grouping, f *index.Filter, p *problems) (*grouped, error) {
	g := &grouped{key: in.By, by: index.Grouping{Facet: index.Facet(in.By)}, titles: map[string]string{}}
	switch {
	case in.By == "" && in.Open != "":
		p.add("open", "want group too, which says what the groups are of", in.Open)
		return nil, nil
	case in.By == "":
		return nil, nil
	case !slices.Contains(groupKeys, g.by.Facet):
		p.add("group", fmt.Sprintf("want one of %v", groupKeys), in.By)
		return nil, nil
	case g.by.Facet == regionFacet:
		g.by.Facet = index.LocationFacet
	}
	g.open = choose(p, "open", in.Open, asIs)
	return g, s.nameGroups(ctx, v, w, f, g)
}

// nameGroups gives groups by standards these, and titles to what only standards know.
func (s *Server) nameGroups(ctx context.Context, v *view, w *Where, f *index.Filter, g *grouped) error {
	manual := len(f.UnitChecks) > 0 && (g.by.Facet == index.RuleFacet || g.by.Facet == index.ControlFacet)
	if !manual && g.by.Facet != index.StandardFacet {
		return nil
	}
	var said problems // by who narrows the list
	told, chosen, not, err := s.chosenStandards(ctx, v, w, &said)
	if err != nil {
		return err
	}
	for _, t := range told {
		if !manual {
			g.titles[t.id] = t.standard.Title
			continue
		}
		for _, n := range t.standard.Nodes {
			g.titles[t.standard.ID+":"+n.ID] = n.Title
		}
	}
	if manual {
		return nil
	}
	if w.Standard == "" || not {
		chosen = told
	}
	for _, t := range chosen {
		g.by.Sets = append(g.by.Sets, index.RuleSet{Value: t.id, Rules: t.rulesIn(v, f)})
	}
	return nil
}

// groupTitle is the title of a group, "" for none.
func (s *Server) groupTitle(v *view, g *grouped, value string) string {
	if title := g.titles[value]; title != "" || value == "" {
		return title
	}
	switch g.by.Facet {
	case index.RuleFacet:
		if _, known := v.x.Rule(value); known {
			return s.ruleRef(v.x, value).Title
		}
	case index.ControlFacet:
		for _, c := range v.x.Content().Controls {
			if c.ID == value {
				return c.Name
			}
		}
	case index.UnitFacet:
		if scope, known := tree(v.x).Scope(value); known && v.nodes.Of(value) != access.Outside {
			return scope.Name
		}
	}
	return ""
}

// groupRows tells the groups. Without gain they have none.
func (s *Server) groupRows(v *view, g *grouped, gain func(*index.Group) float64) []ListGroup {
	rows := make([]ListGroup, len(g.all))
	for i := range g.all {
		one := &g.all[i]
		c := &one.States
		rows[i] = ListGroup{
			Value: wordOf(one.Value), Title: s.groupTitle(v, g, one.Value), Count: one.Count,
			States: GroupStates{
				c[posture.Unhealthy], c[posture.Unknown], c[posture.Manual], c[posture.Healthy], c[posture.Exempt], c[posture.NotApplicable],
			},
		}
		if gain != nil {
			all := gain(one)
			rows[i].Gain = &all
		}
	}
	return rows
}

// opened are the groups whose rows are asked for, in their order.
func (g *grouped) opened() (open []index.Group) {
	for _, one := range g.all {
		if len(g.open.Values) > 0 && slices.Contains(g.open.Values, one.Value) != g.open.Not {
			open = append(open, one)
		}
	}
	return open
}

// behind gives the open groups from that of a cursor on, and whether its own is the
// first of them: if it went, the page begins with the one that came after it.
func (g *grouped) behind(c *cursor) (open []index.Group, own bool) {
	open = g.opened()
	if at := slices.IndexFunc(open, func(one index.Group) bool { return one.Value == c.Value }); at >= 0 {
		return open[at:], true
	}
	mark := index.Group{Value: c.Value, Count: c.Count}
	return slices.DeleteFunc(open, func(one index.Group) bool { return g.by.Compare(&one, &mark) <= 0 }), false
}

// skipping gives the open groups from that on in which a share of all their rows is
// left behind, and how many rows of it are.
func (g *grouped) skipping(share float64) (open []index.Group, rows int) {
	open = g.opened()
	total := 0
	for i := range open {
		total += open[i].Count
	}
	for rows = min(int(share*float64(total)), total-1); len(open) > 0 && rows >= open[0].Count; open = open[1:] {
		rows -= open[0].Count
	}
	return open, max(rows, 0)
}

// mark is the cursor of a row in a group.
func (g *grouped) mark(one *index.Group, o []index.Order, at index.Place) string {
	return cursor{Order: o, Place: at, By: g.key, Value: one.Value, Count: one.Count}.text()
}

// placed is a row of a list, and the word of its group where there are some.
type placed struct {
	index.Row
	in InGroup
}

// page gives a page of a list of checks or resources, and the cursor of the next one.
func (l *Paging) page(p *problems, g *grouped, f index.Filter, s *index.Selection, checks bool, o []index.Order, total int) (rows []placed, next string) {
	if g != nil {
		return l.openPage(p, g, f, s, checks, o)
	}
	after := l.place(p, s, checks, o, total)
	if len(*p) > 0 {
		return nil, ""
	}
	found := s.Page(checks, o, after, l.Limit)
	for _, row := range found {
		rows = append(rows, placed{Row: row})
	}
	return rows, l.next(s, o, found)
}

// begin tells where a page of the rows of open groups begins: in the first of some
// groups behind a place, or behind so many rows.
func (l *Paging) begin(p *problems, g *grouped, o []index.Order) (open []index.Group, after *index.Place, skip int) {
	if l.Cursor == "" {
		open, skip = g.skipping(l.Seek)
		return open, nil, skip
	}
	at, ok := l.readCursor(p, g.key, o)
	if !ok {
		return nil, nil, 0
	}
	open, own := g.behind(&at)
	if own {
		after = &at.Place
	}
	return open, after, 0
}

// openPage gives a page of the rows of open groups of what a selection has.
func (l *Paging) openPage(p *problems, g *grouped, f index.Filter, s *index.Selection, checks bool, o []index.Order) (rows []placed, next string) {
	open, after, skip := l.begin(p, g, o)
	if len(*p) > 0 {
		return nil, ""
	}
	for i := range open {
		in := s.Group(f, &g.by, open[i].Value)
		if !checks {
			in = in.WithChecks()
		}
		if skip > 0 {
			after, skip = in.Skip(checks, o, skip), 0
		}
		word := InGroup{wordOf(open[i].Value)}
		for _, row := range in.Page(checks, o, after, l.Limit-len(rows)) {
			rows = append(rows, placed{row, word})
		}
		if after = nil; len(rows) >= l.Limit {
			return rows, g.mark(&open[i], o, in.PlaceOf(o, rows[len(rows)-1].Row))
		}
	}
	return rows, ""
}

// openGroups gives a page of the rows of open groups of recommendations, and the
// cursor of the next one. Those of one group are few.
func (in *recommendationsInput) openGroups(p *problems, g *grouped, o []index.Order, rowsOf func(*index.Group) []RecommendationRow) (rows []RecommendationRow, next string) {
	open, after, begin := in.Paging.begin(p, g, o)
	rows = []RecommendationRow{}
	if len(*p) > 0 {
		return rows, ""
	}
	for i := range open {
		of := rowsOf(&open[i])
		if after != nil {
			if begin = 1 + slices.IndexFunc(of, func(r RecommendationRow) bool { return r.rule == after.Rule }); begin == 0 {
				p.add("cursor", lostRow, in.Cursor)
				return rows, ""
			}
		}
		word := InGroup{wordOf(open[i].Value)}
		for ; begin < len(of) && len(rows) < in.Limit; begin++ {
			of[begin].InGroup = word
			rows = append(rows, of[begin])
		}
		after, begin = nil, 0
		if len(rows) == in.Limit {
			return rows, g.mark(&open[i], o, index.Place{Rule: rows[len(rows)-1].rule})
		}
	}
	return rows, ""
}

// inGroup tells what a group of recommendations gains, by the number of the rule: what
// is asked of checks moves no score, other groups are scored by their own resources.
func (g *gainCache) inGroup(v *view, f index.Filter, by *index.Grouping) func(*index.Group) func(rule int) float64 {
	if by.OfChecks() {
		m := g.of(v, f)
		return func(*index.Group) func(int) float64 { return m.gain }
	}
	all := g.kept(v, f).inGroups(v, f, by.Facet)
	return func(group *index.Group) func(int) float64 {
		of := all[group.Value]
		return func(rule int) float64 { return of[rule] }
	}
}

// inGroups gives what mending rules would add in each group of resources, of those that
// would add something.
func (m *gainModel) inGroups(v *view, f index.Filter, facet index.Facet) map[string]map[int]float64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.groups[facet] == nil {
		f.Checks, f.UnitChecks = index.CheckFilter{}, nil
		all := map[string]map[int]float64{}
		v.x.Select(f).GroupModels(facet, func(value string, of *score.Model) {
			gains := map[int]float64{}
			for rule := range v.x.Content().Rules {
				if gain := of.Gain(rule).Percent; gain != 0 {
					gains[rule] = gain
				}
			}
			all[value] = gains
		})
		m.groups[facet] = all
	}
	return m.groups[facet]
}
