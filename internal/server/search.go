package server

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/internal/index"
)

// SearchGroup is what was found of one kind.
type SearchGroup struct {
	Kind  string      `json:"kind" doc:"recommendations (with policies), resources, controls, scopes, people, queries"`
	Total int         `json:"total" doc:"exactly"`
	Rows  []SearchHit `json:"rows" doc:"those first whose title or id begins with the text"`
}

// SearchHit is one thing that was found.
type SearchHit struct {
	ID    string `json:"id" doc:"by which the thing's own list or page finds it; of a control of a standard STANDARD:CONTROL"`
	Title string `json:"title"`
	Hint  string `json:"hint,omitempty" doc:"a word about it: severity, type, standard, kind"`
	Unit  string `json:"unit,omitempty" doc:"of a resource; where its id alone does not tell, with type and region"`
	Type  string `json:"type,omitempty" doc:"of a resource"`
}

type searchInput struct {
	Text  string   `query:"q" required:"true" doc:"the text that is looked for, ignoring case" minLength:"1" maxLength:"200"`
	Kind  string   `query:"kind" doc:"only these kinds, comma between them: recommendations, resources, controls, scopes, people, queries"`
	Scope []string `query:"scope,explode" doc:"ids of scopes that resources and scopes have to be in; any of them" maxItems:"100"`
	Limit int      `query:"limit" default:"3" minimum:"1" maximum:"50" doc:"rows of each kind"`
}

type searchOutput struct {
	Body struct {
		Groups []SearchGroup `json:"groups" doc:"those in which something was found"`
		Hidden int           `json:"hidden" doc:"scopes left out that you may not see"`
	}
}

// searchKinds are the kinds that a search looks through, in the order of the answer.
var searchKinds = []string{"recommendations", "resources", "controls", "scopes", "people", "queries"}

func (s *Server) registerSearch() {
	handle(s, route{method: http.MethodGet, path: "/api/v1/search", id: "search-all", summary: "Find things of any kind by a text, a few of each with counts", need: seeing, live: true}, s.search)
}

func (s *Server) search(ctx context.Context, c *caller, in *searchInput) (*searchOutput, error) {
	var p problems
	kinds := searchKinds
	if in.Kind != "" {
		kinds = strings.Split(in.Kind, ",")
	}
	for _, kind := range kinds {
		if !slices.Contains(searchKinds, kind) {
			p.add("kind", "want some of "+strings.Join(searchKinds, ", "), kind)
		}
	}
	if err := p.err(); err != nil {
		return nil, err
	}
	found := map[string]*hits{}
	for _, kind := range kinds {
		found[kind] = &hits{text: strings.ToLower(in.Text), limit: in.Limit}
	}
	out := &searchOutput{}
	administers := false
	if err := s.see(ctx, c, "", func(v *view) (err error) {
		if err := v.lacks(in.Scope); err != nil {
			return err
		}
		out.Body.Hidden = v.hidden
		scopes := tree(v.x)
		administers = c.Caller.May(access.ManageAccess, access.Top, scopes)
		if h := found["resources"]; h != nil {
			h.resources(v, in.Scope)
		}
		if h := found["scopes"]; h != nil {
			h.scopes(v, c, scopes, in.Scope)
		}
		if h := found["recommendations"]; h != nil {
			s.searchRules(v, h)
		}
		if h := found["controls"]; h != nil {
			err = s.searchControls(ctx, v, h)
		}
		return err
	}); err != nil {
		return nil, err
	}
	if h := found["queries"]; h != nil {
		questions, err := catalog.Questions()
		if err != nil {
			return nil, err
		}
		for _, q := range questions {
			h.offer(SearchHit{ID: q.Name, Title: q.Title})
		}
	}
	if h := found["people"]; h != nil {
		if err := s.searchPeople(ctx, h, c, administers); err != nil {
			return nil, err
		}
	}
	out.Body.Groups = []SearchGroup{}
	for _, kind := range searchKinds {
		if h := found[kind]; h != nil && h.group().Total > 0 {
			g := h.group()
			g.Kind = kind
			out.Body.Groups = append(out.Body.Groups, g)
		}
	}
	return out, nil
}

// hits are what was found of one kind.
type hits struct {
	text  string // in lower case
	limit int
	all   []SearchHit
	total int // if it is more than all
}

// means reports whether a hit contains the text.
func (h *hits) means(hit *SearchHit) bool {
	return strings.Contains(strings.ToLower(hit.Title), h.text) || strings.Contains(strings.ToLower(hit.ID), h.text)
}

// offer takes what contains the text.
func (h *hits) offer(hit SearchHit) {
	if h.means(&hit) {
		h.all = append(h.all, hit)
	}
}

// rank is the less, the better a hit is.
func (h *hits) rank(hit *SearchHit) int {
	switch title, id := strings.ToLower(hit.Title), strings.ToLower(hit.ID); {
	case title == h.text || id == h.text:
		return 0
	case strings.HasPrefix(title, h.text) || strings.HasPrefix(id, h.text):
		return 1
	}
	return 2
}

func (h *hits) group() SearchGroup {
	g := SearchGroup{Total: max(h.total, len(h.all)), Rows: h.all}
	if h.total == 0 { // those of resources are in order
		slices.SortFunc(g.Rows, func(a, b SearchHit) int {
			return cmp.Or(cmp.Compare(h.rank(&a), h.rank(&b)), cmp.Compare(strings.ToLower(a.Title), strings.ToLower(b.Title)), cmp.Compare(a.ID, b.ID))
		})
	}
	g.Rows = g.Rows[:min(h.limit, len(g.Rows))]
	return g
}

func (h *hits) resources(v *view, scopes []string) {
	f := v.filter()
	f.Scopes = scopes
	numbers, total := v.x.Select(f).Search(h.text, h.limit)
	h.total = total
	for _, n := range numbers {
		r, _ := v.x.Resource(n)
		h.all = append(h.all, SearchHit{ID: r.ID, Title: r.Name, Hint: r.Type, Unit: r.Unit, Type: r.Type})
	}
}

func (h *hits) scopes(v *view, c *caller, t *access.Tree, within []string) {
	visible := c.Caller.Visible(t)
	for _, scope := range v.x.Scopes() {
		hit := SearchHit{ID: scope.ID, Title: cmp.Or(scope.Name, scope.ID), Hint: scope.Kind.String()}
		switch {
		case !strings.Contains(strings.ToLower(hit.Title), h.text) && !strings.Contains(strings.ToLower(hit.ID), h.text):
		case visible.Of(scope.ID) != access.Whole:
		case len(within) > 0 && !slices.ContainsFunc(within, func(top string) bool { return t.Covers(top, scope.ID) }):
		default:
			h.all = append(h.all, hit)
		}
	}
}

// searchRules looks through recommendations, and policies that have a check which is
// seen.
func (s *Server) searchRules(v *view, h *hits) {
	for id, r := range s.content {
		h.offer(SearchHit{ID: id, Title: r.Title, Hint: r.Severity.String()})
	}
	var tally *index.Tally
	for n, rule := range v.x.Content().Rules {
		if rule.Policy == "" {
			continue
		}
		hit := SearchHit{ID: rule.Policy, Title: s.ruleRef(v.x, rule.ID).Title, Hint: rule.Severity.String()}
		if !h.means(&hit) || slices.ContainsFunc(h.all, func(known SearchHit) bool { return known.ID == hit.ID }) { // with other parameters
			continue
		}
		if tally == nil {
			all := v.x.Select(v.filter()).Tally()
			tally = &all
		}
		if tally.Rules[n].Total() > 0 {
			h.all = append(h.all, hit)
		}
	}
}

// searchControls looks through controls, of the score and of the standards that can
// be told.
func (s *Server) searchControls(ctx context.Context, v *view, h *hits) error {
	for _, control := range s.Catalog.Controls() {
		h.offer(SearchHit{ID: control.ID, Title: control.Name, Hint: "secure score"})
	}
	told, err := s.toldStandards(ctx, s.sight(v))
	for _, t := range told {
		for _, node := range t.standard.Nodes {
			h.offer(SearchHit{ID: t.standard.ID + ":" + node.ID, Title: node.Title, Hint: t.standard.Title})
		}
	}
	return err
}

// searchPeople looks through principals: all, for who manages access to the whole
// server; others find themselves.
func (s *Server) searchPeople(ctx context.Context, h *hits, c *caller, all bool) error {
	own := c.Caller.Principal
	if !all {
		h.offer(SearchHit{ID: own.ID, Title: own.Name, Hint: string(own.Kind)})
		return nil
	}
	people, err := s.Store.Principals(ctx)
	for _, p := range people {
		h.offer(SearchHit{ID: p.ID, Title: p.Name, Hint: string(p.Kind)})
	}
	return err
}
