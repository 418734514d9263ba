package server

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/bartizan-dev/bartizan/internal/govern"
	"github.com/bartizan-dev/bartizan/internal/index"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// Where are the conditions of lists on resources and checks. Of one condition a
// comma is "or", a "!" in front of it all is "not", and none is what is missing.
type Where struct {
	At             string   `query:"at" doc:"as of then: a day (its end, UTC) or an instant; now without it"`
	Scope          []string `query:"scope,explode" doc:"ids of scopes; any of them" maxItems:"100"`
	Cloud          string   `query:"cloud" doc:"azure, aws, gcp, machine"`
	Type           string   `query:"type" doc:"resource types"`
	Unit           string   `query:"unit" doc:"ids of subscriptions, accounts, projects and groups of machines"`
	Location       string   `query:"location"`
	Region         string   `query:"region" doc:"the same as location"`
	Owner          string   `query:"owner" doc:"who owns resources: what the tag owner says of one, else of its resource group, else of its subscription, account or project"`
	Tag            []string `query:"tag,explode" doc:"key=value, or key; all of them" maxItems:"20"`
	Text           string   `query:"q" doc:"a text within the name or id of resources" maxLength:"200"`
	ResourceState  string   `query:"resourceState" doc:"states of resources over all their checks"`
	State          string   `query:"state" doc:"states of checks"`
	Severity       string   `query:"severity"`
	Control        string   `query:"control" doc:"names of secure-score controls; STANDARD:CONTROL of one that waits for a person"`
	Recommendation string   `query:"recommendation" doc:"ids of recommendations, or of policies' definitions; STANDARD:CONTROL of a control that waits for a person"`
	Standard       string   `query:"standard" doc:"ids of standards: what any of their controls counts"`
	Reason         string   `query:"reason" doc:"why unknown checks are unknown"`
}

// regionFacet is another name of the facet of locations.
const regionFacet index.Facet = "region"

// facets are the properties by which lists count.
var facets = []index.Facet{
	index.StateFacet, index.SeverityFacet, index.ControlFacet, index.RuleFacet, index.ReasonFacet,
	index.CloudFacet, index.TypeFacet, index.UnitFacet, index.LocationFacet, regionFacet, index.OwnerFacet, index.ResourceStateFacet,
}

// Paging are the parameters of lists that come in pages.
type Paging struct {
	Sort   string  `query:"sort" doc:"columns, comma between them, the first of which counts most: ascending, or descending with a \"-\" in front, as in -gain,severity. Numbers ascend from the smallest, severities from critical to notRated, states from unhealthy to notApplicable; name has to be the last" maxLength:"200"`
	Limit  int     `query:"limit" default:"50" minimum:"1" maximum:"200"`
	Cursor string  `query:"cursor" doc:"of the page before" maxLength:"4000"`
	Seek   float64 `query:"seek" minimum:"0" maximum:"1" doc:"begin at this share of all rows"`
	Facets string  `query:"facets" doc:"facets to count, comma between them"`
}

// List is the body of every list.
type List[R any] struct {
	Rows     []R                           `json:"rows"`
	Total    int                           `json:"total" doc:"exactly, over all pages"`
	Unit     string                        `json:"unit" doc:"what a row is and the total counts: checks, resources, recommendations …"`
	Facets   map[string][]index.FacetValue `json:"facets,omitempty" doc:"values of the facets asked for with the rows that they would leave under all other conditions"`
	Coverage *Coverage                     `json:"coverage,omitempty"`
	AsOf     AsOf                          `json:"asOf"`
	Cursor   string                        `json:"cursor,omitempty" doc:"of the next page; none for the last"`
	Hidden   int                           `json:"hidden" doc:"scopes left out that you may not see"`
	Groups   []ListGroup                   `json:"groups,omitzero" doc:"of what the list is grouped by, over all pages: severities and states with the worst first, others by count"`
	Query    string                        `json:"query,omitempty" doc:"KQL that gives the rows of all pages, with scopes and at as parameters of its call"`
}

// Listed is the answer of a list.
type Listed[R any] struct {
	Count int `header:"X-Total-Count" doc:"the total, also for HEAD"`
	Body  List[R]
}

func (l *Listed[R]) list() List[R] { return l.Body }

// count puts the total into the header.
func (l *Listed[R]) count() { l.Count = l.Body.Total }

// AsOf says which moment an answer is of.
type AsOf struct {
	Commit int64      `json:"commit"`
	Time   *time.Time `json:"time,omitempty" doc:"that was asked for; none for now"`
}

// Coverage is which share of the checks got an answer.
type Coverage struct {
	Judged    int            `json:"judged" doc:"checks that are healthy or unhealthy"`
	Unknown   int            `json:"unknown" doc:"checks"`
	Percent   *float64       `json:"percent" doc:"judged of judged and unknown; null for none of both"`
	Reasons   map[string]int `json:"reasons,omitempty" doc:"unknown checks by reason"`
	Unseen    map[string]int `json:"unseen,omitempty" doc:"of the unknown ones, by reason: resources that read records name and nobody has read, as one check each; not in lists, and not in the coverage beside one"`
	Rejected  int            `json:"rejected,omitempty" doc:"of the unknown ones: places of inventories that could not be read and were not since, as one check each; as unseen not in lists, and not in the coverage beside one"`
	Manual    int            `json:"manual" doc:"checks outside coverage that wait for an attestation"`
	Exempt    int            `json:"exempt" doc:"checks outside coverage"`
	Mitigated int            `json:"mitigated" doc:"of the exempt checks"`
}

func coverageOf(t *index.Tally) *Coverage {
	c := &Coverage{
		Judged: t.All[posture.Healthy] + t.All[posture.Unhealthy], Unknown: t.All[posture.Unknown],
		Manual: t.All[posture.Manual], Exempt: t.All[posture.Exempt], Mitigated: t.MitigatedUnits,
	}
	for _, n := range t.Mitigated {
		c.Mitigated += n
	}
	c.Percent = c.percent()
	for reason, n := range t.Reasons {
		if c.Reasons == nil {
			c.Reasons = map[string]int{}
		}
		c.Reasons[reason.String()] = n
	}
	return c
}

func (v *view) asOf() AsOf {
	a := AsOf{Commit: int64(v.commit)}
	if !v.at.IsZero() {
		a.Time = &v.at
	}
	return a
}

// problems gathers what is wrong with a request, to tell all at once.
type problems []error

func (p *problems) add(at, message string, value any) {
	*p = append(*p, &huma.ErrorDetail{Message: message, Location: "query." + at, Value: value})
}

// unknown tells of parameters that a route does not have.
func (p *problems) unknown(query url.Values, known []*huma.Param) {
	for _, name := range slices.Sorted(maps.Keys(query)) {
		if !slices.ContainsFunc(known, func(k *huma.Param) bool { return k.Name == name }) {
			p.add(name, "unknown query parameter", query.Get(name))
		}
	}
}

// lacks tells of scopes that are not there.
func (p *problems) lacks(v *view, scopes []string) {
	if err := v.lacks(scopes); err != nil {
		*p = append(*p, err)
	}
}

// err is all that is wrong; that something is not there goes before.
func (p problems) err() error {
	for _, err := range p {
		var status huma.StatusError
		if errors.As(err, &status) {
			return err
		}
	}
	if len(p) == 0 {
		return nil
	}
	return huma.Error422UnprocessableEntity("some parameters are not what is wanted", p...)
}

// none is what a condition calls a value that is missing.
const none = "none"

// choose reads a condition: words with commas between them, of which none is what
// is missing. A backslash takes from what follows its meaning, as commas are in
// tags.
func choose[T comparable](p *problems, at, text string, parse func(string) (T, error)) index.Choice[T] {
	var c index.Choice[T]
	if text == "" {
		return c
	}
	text, c.Not = strings.CutPrefix(text, "!")
	for _, word := range splitWords(text) {
		if word == none {
			c.Values = append(c.Values, *new(T))
			continue
		}
		value, err := parse(unescaped.Replace(word))
		if err != nil {
			p.add(at, err.Error(), word)
			continue
		}
		c.Values = append(c.Values, value)
	}
	return c
}

var (
	unescaped = strings.NewReplacer(`\\`, `\`, `\`, "")
	escaped   = strings.NewReplacer(`\`, `\\`, ",", `\,`)
)

// splitWords splits a text at commas that have no backslash before them.
func splitWords(text string) (words []string) {
	begin := 0
	for at := 0; at < len(text); at++ {
		switch text[at] {
		case '\\':
			at++
		case ',':
			words = append(words, text[begin:at])
			begin = at + 1
		}
	}
	return append(words, text[begin:])
}

// wordOf is how a condition says a value: what a list counts can be chosen by it.
func wordOf(value string) string {
	switch {
	case value == "":
		return none
	case value == none, strings.HasPrefix(value, "!"):
		return `\` + escaped.Replace(value)
	}
	return escaped.Replace(value)
}

// ruleID is the id of a rule, whatever the case in which that of a policy is written.
func ruleID(text string) (string, error) { return govern.RuleID(text), nil }

func asIs(text string) (string, error) { return text, nil }

// filter is what the conditions leave of what is seen.
func (w *Where) filter(v *view, p *problems) index.Filter {
	f := v.filter()
	f.Scopes = w.Scope
	f.Clouds = choose(p, "cloud", w.Cloud, posture.ParseCloud)
	f.Types = choose(p, "type", w.Type, asIs)
	f.Units = choose(p, "unit", w.Unit, asIs)
	f.Locations = choose(p, "location", w.Location, asIs)
	if w.Region != "" {
		if f.Locations = choose(p, "region", w.Region, asIs); w.Location != "" {
			p.add("region", "want region or location, which are the same", w.Region)
		}
	}
	f.Owners = choose(p, "owner", w.Owner, asIs)
	f.States = choose(p, "resourceState", w.ResourceState, posture.ParseState)
	f.Text = w.Text
	for _, tag := range w.Tag {
		tag, not := strings.CutPrefix(tag, "!")
		key, value, ok := strings.Cut(tag, "=")
		f.Tags = append(f.Tags, index.TagFilter{Key: key, Value: value, Exists: !ok, Not: not})
	}
	f.Checks = index.CheckFilter{
		Rules:      choose(p, "recommendation", w.Recommendation, ruleID),
		Severities: choose(p, "severity", w.Severity, posture.ParseSeverity),
		Controls:   choose(p, "control", w.Control, asIs),
		States:     choose(p, "state", w.State, posture.ParseState),
		Reasons:    choose(p, "reason", w.Reason, posture.ParseReason),
	}
	return f
}

// narrow adds to a filter the conditions that ask for more than an index, and tells of
// scopes that are not there.
func (s *Server) narrow(ctx context.Context, v *view, w *Where, f *index.Filter, p *problems) error {
	p.lacks(v, w.Scope)
	if w.Standard == "" {
		return nil
	}
	_, chosen, not, err := s.chosenStandards(ctx, v, w, p)
	if err != nil {
		return err
	}
	also := map[string]bool{"": true} // there is no such rule: without any other it is none, or all
	for _, t := range chosen {
		for _, id := range t.rulesIn(v, f) {
			also[id] = true
		}
	}
	f.Checks.Also = index.Choice[string]{Values: slices.Sorted(maps.Keys(also)), Not: not}
	return nil
}

// chosenStandards gives the standards that there are, and those of them of which the
// condition on standards wants what any of them counts, or none does.
func (s *Server) chosenStandards(ctx context.Context, v *view, w *Where, p *problems) (told, chosen []*toldStandard, not bool, err error) {
	of := s.sight(v)
	if told, err = s.toldStandards(ctx, of); err != nil {
		return nil, nil, false, err
	}
	wanted := choose(p, "standard", w.Standard, asIs)
	if slices.Contains(wanted.Values, "") { // what is of no standard
		if len(wanted.Values) > 1 {
			p.add("standard", "want none, or ids", w.Standard)
		}
		return told, told, !wanted.Not, nil
	}
	for _, id := range wanted.Values {
		switch t, err := named(told, id, w.Scope, of.scopes); {
		case err != nil:
			return nil, nil, false, err
		case t == nil:
			*p = append(*p, noStandard(id))
		case !slices.Contains(chosen, t):
			chosen = append(chosen, t)
		}
	}
	return told, chosen, wanted.Not, nil
}

// rulesIn are the ids of the rules that a standard counts, and of its controls that wait
// for a person where a filter has their checks.
func (t *toldStandard) rulesIn(v *view, f *index.Filter) (ids []string) {
	for _, n := range t.standard.Nodes {
		for _, rule := range t.rules(n.ID) {
			ids = append(ids, v.x.Content().Rules[rule].ID)
		}
		if n.Manual && len(f.UnitChecks) > 0 {
			ids = append(ids, t.standard.ID+":"+n.ID)
		}
	}
	return ids
}

// orders reads by which columns a list is to be ordered, the first of which counts
// most.
func (l *Paging) orders(p *problems, columns []index.Column, usual index.Order) []index.Order {
	if math.IsNaN(l.Seek) { // which is neither below nor above a bound
		p.add("seek", "want a number from 0 to 1", "NaN")
	}
	if l.Sort == "" {
		return []index.Order{usual}
	}
	var all []index.Order
	for _, word := range strings.Split(l.Sort, ",") {
		name, desc := strings.CutPrefix(word, "-")
		if !slices.Contains(columns, index.Column(name)) {
			p.add("sort", fmt.Sprintf("want some of %v", columns), word)
		}
		if slices.ContainsFunc(all, func(o index.Order) bool { return o.By == index.Column(name) || o.By == index.ByName }) {
			p.add("sort", "want each column once, and name as the last", word)
		}
		all = append(all, index.Order{By: index.Column(name), Desc: desc})
	}
	return all
}

// place reads where a page begins.
func (l *Paging) place(p *problems, s *index.Selection, checks bool, o []index.Order, total int) *index.Place {
	switch {
	case l.Cursor != "":
		if at, ok := l.readCursor(p, "", o); ok {
			return &at.Place
		}
	case l.Seek > 0:
		return s.Skip(checks, o, min(int(l.Seek*float64(total)), total-1))
	}
	return nil
}

// cursor is what the text of a cursor says.
type cursor struct {
	Order []index.Order
	Place index.Place
	// Of a list in groups: by what, and the group of the place.
	By    string `json:",omitempty"`
	Value string `json:",omitempty"`
	Count int    `json:",omitempty"`
}

// text is the cursor as clients have it.
func (c cursor) text() string {
	text, err := json.Marshal(c)
	if err != nil {
		return "" // of texts and numbers there is no error
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

// readCursor reads the cursor of a list in an order, and in groups by something.
func (l *Paging) readCursor(p *problems, by string, o []index.Order) (at cursor, ok bool) {
	text, err := base64.RawURLEncoding.DecodeString(l.Cursor)
	if err == nil {
		err = json.Unmarshal(text, &at)
	}
	if err != nil || !slices.Equal(at.Order, o) || at.By != by {
		p.add("cursor", "want that of a page of the same list in the same order and groups", l.Cursor)
		return at, false
	}
	return at, true
}

// next is the cursor of the page behind rows, "" if they are the last.
func (l *Paging) next(s *index.Selection, o []index.Order, rows []index.Row) string {
	if len(rows) < l.Limit {
		return ""
	}
	return cursor{Order: o, Place: s.PlaceOf(o, rows[len(rows)-1])}.text()
}

// facets counts the facets that were asked for.
func (l *Paging) facets(p *problems, v *view, f index.Filter, rows index.Counted) map[string][]index.FacetValue {
	if l.Facets == "" {
		return nil
	}
	var wanted []index.Facet
	for _, name := range strings.Split(l.Facets, ",") {
		if !slices.Contains(facets, index.Facet(name)) {
			p.add("facets", fmt.Sprintf("want some of %v", facets), name)
			continue
		}
		wanted = append(wanted, index.Facet(name))
	}
	counted := slices.Clone(wanted)
	for i := range counted {
		if counted[i] == regionFacet {
			counted[i] = index.LocationFacet
		}
	}
	all, found := v.x.Facets(f, rows, counted...), map[string][]index.FacetValue{}
	for i, facet := range wanted {
		values := slices.Clone(all[counted[i]])
		for n := range values {
			values[n].Value = wordOf(values[n].Value)
		}
		found[string(facet)] = values
	}
	return found
}
