package resourcegraph

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/index"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/kql"
	"github.com/bartizan-dev/bartizan/kql/data"
)

// standing is what only what is kept tells of a check.
type standing struct {
	key           string // of the resource; "" where nobody asks for one of these
	cloud         string
	control       string
	owner         string
	resourceState string
	unit          string // id, of the check of a manual control
	tags          *data.Node
	missing       string // why there is no evidence
}

func (s *standing) put(b *bag) {
	b.textIf("key", s.key).textIf("cloud", s.cloud).textIf("control", s.control).textIf("owner", s.owner)
	b.textIf("resourceState", s.resourceState).textIf("unit", s.unit)
	if s.tags != nil {
		b.put("tags", s.tags)
	}
}

// reach says which resources and verdicts a request for rows of checks reaches,
// and what of a resource it asks for besides.
type reach struct {
	kept      *kept
	want      *wanted
	inUnit    func(string) bool
	ofType    func(string) bool
	resources []func(*index.Resource) bool
	verdicts  []func(*index.Rule, *index.Verdict) bool
	reached   map[index.Verdict]bool // what verdicts came to

	tuples []uint8 // by tuple: whether one of its verdicts is reached

	key, tags, cloud, control, owner, state bool // what is asked for
	texts                                   *sharedTexts
}

// What is known of a tuple.
const (
	untold uint8 = iota
	reaches
	reachesNot
)

func (k *kept) reach(want *wanted) *reach {
	r := &reach{kept: k, want: want, reached: map[index.Verdict]bool{}, texts: newSharedTexts(), tuples: make([]uint8, k.Excerpt.Tuples())}
	r.key, r.tags, r.cloud = want.reads("bartizan", "key"), want.reads("bartizan", "tags"), want.reads("bartizan", "cloud")
	r.owner = want.reads("bartizan", "owner")
	r.control, r.state = want.reads("bartizan", "control"), want.reads("bartizan", "resourceState")
	for _, p := range want.Where {
		r.add(p)
	}
	if want.policies {
		r.verdicts = append(r.verdicts, func(rule *index.Rule, _ *index.Verdict) bool { return rule.Policy != "" })
	}
	return r
}

// manualCheck is the check of a manual control, STANDARD:CONTROL, on a unit.
func manualCheck(control, unit string, v *index.Verdict) *posture.Check {
	c := checkOf(posture.Check{
		Resource: unit, Type: assess.ManualType, Name: unit, Cloud: posture.CloudOfUnit(unit), Unit: unit, Scope: unit,
	}, &index.Rule{ID: control}, v)
	return &c
}

// add takes in a condition that can be told before a row is made.
func (r *reach) add(p kql.Predicate) {
	if p.Column == propertiesColumn {
		test := valueTest(p)
		path, plain := pathOf(p)
		if test == nil || !plain {
			return
		}
		if value := verdictValues[path]; value != nil {
			r.verdicts = append(r.verdicts, func(rule *index.Rule, v *index.Verdict) bool { return test(value(rule, v)) })
		}
		if value := resourceValues[path]; value != nil {
			r.resources = append(r.resources, func(of *index.Resource) bool { return test(textOrNull(value(of))) })
		}
		return
	}
	test := textTest(p)
	if test == nil {
		return
	}
	switch columns[p.Column].name {
	case "name":
		r.verdicts = append(r.verdicts, func(rule *index.Rule, _ *index.Verdict) bool { return test(r.kept.nameOf(rule)) })
	case "subscriptionId":
		r.inUnit = both(r.inUnit, func(unit string) bool { return test(lastSegment(unit)) })
	case "location", "resourceGroup":
		r.resources = append(r.resources, func(of *index.Resource) bool { return test(knownRow(of, r.texts, nil).text(p.Column)) })
	}
}

func both(a, b func(string) bool) func(string) bool {
	if a == nil {
		return b
	}
	return func(s string) bool { return a(s) && b(s) }
}

// pathOf is a predicate's path, if it goes through bags only.
func pathOf(p kql.Predicate) (path string, plain bool) {
	var keys []string
	for _, step := range p.Path {
		if step.IsIndex {
			return "", false
		}
		keys = append(keys, step.Key)
	}
	return strings.Join(keys, "."), true
}

func textOrNull(text string) data.Value {
	if text == "" {
		return data.Null(data.Dynamic)
	}
	return data.OfString(text)
}

// verdictValues are the values in properties that follow from rule and verdict.
var verdictValues = map[string]func(*index.Rule, *index.Verdict) data.Value{
	"bartizan.state":          func(_ *index.Rule, v *index.Verdict) data.Value { return textOrNull(v.State.String()) },
	"bartizan.reason":         func(_ *index.Rule, v *index.Verdict) data.Value { return textOrNull(v.Reason.String()) },
	"bartizan.control":        func(r *index.Rule, _ *index.Verdict) data.Value { return textOrNull(r.Control) },
	"bartizan.policy":         func(r *index.Rule, _ *index.Verdict) data.Value { return textOrNull(r.Policy) },
	"bartizan.parametersHash": func(r *index.Rule, _ *index.Verdict) data.Value { return textOrNull(keyOf(r).hash) },
	"metadata.severity": func(r *index.Rule, _ *index.Verdict) data.Value {
		return data.OfString(severityWord(r.Severity)) // there is one of every check, if an empty one
	},
	"status.code": func(_ *index.Rule, v *index.Verdict) data.Value {
		if v.State == posture.Healthy || v.State == posture.Unhealthy {
			return data.OfString(capital(v.State.String()))
		}
		return data.OfString("NotApplicable")
	},
}

// resourceValues are those that follow from the resource.
var resourceValues = map[string]func(*index.Resource) string{
	"resourceDetails.Id":           func(r *index.Resource) string { return r.ID },
	"resourceDetails.id":           func(r *index.Resource) string { return r.ID },
	"resourceDetails.ResourceType": func(r *index.Resource) string { return r.Type },
	"resourceDetails.ResourceName": func(r *index.Resource) string { return r.Name },
	"bartizan.cloud":               func(r *index.Resource) string { return r.Cloud.String() },
	"bartizan.resourceState":       func(r *index.Resource) string { return r.State.String() },
	"bartizan.key":                 keyText,
}

// resource gives a resource, if it is reached.
func (r *reach) resource(n uint32) (index.Resource, bool) {
	of := r.kept.Excerpt.Resource(n)
	for _, test := range r.resources {
		if !test(&of) {
			return of, false
		}
	}
	return of, true
}

// verdict gives the rule of a verdict, if it is reached.
func (r *reach) verdict(v index.Verdict) (*index.Rule, bool) {
	rule := r.kept.Excerpt.Rule(v.Evaluation)
	reached, known := r.reached[v]
	if !known {
		reached = rule != nil && r.kept.knows(rule)
		for _, test := range r.verdicts {
			reached = reached && test(rule, &v)
		}
		r.reached[v] = reached
	}
	return rule, reached
}

// knows reports whether a rule is a policy or a recommendation of the catalogue, not
// one of another catalogue.
func (k *kept) knows(rule *index.Rule) bool {
	words, err := k.words()
	return err == nil && words.titles[keyOf(rule)] != nil
}

// nameOf is how the checks of a rule are called in their rows.
func (k *kept) nameOf(rule *index.Rule) string {
	words, err := k.words()
	if err != nil {
		return ""
	}
	return words.key(keyOf(rule))
}

// any reports whether a verdict of a resource is reached.
func (r *reach) any(n uint32) bool {
	tuple := r.kept.Excerpt.Tuple(n)
	if r.tuples[tuple] == untold {
		r.tuples[tuple] = reachesNot
		for _, v := range r.kept.Excerpt.VerdictsOf(tuple) {
			if _, reached := r.verdict(v); reached {
				r.tuples[tuple] = reaches
			}
		}
	}
	return r.tuples[tuple] == reaches
}

// tell hands over the reached checks, resource by resource, and behind them those
// of controls that wait for a person.
func (k *kept) tell(ctx context.Context, want *wanted, evidence bool, take func(*posture.Check, *standing) bool) error {
	r := k.reach(want)
	if evidence {
		if more, err := k.tellWithEvidence(ctx, r, take); !more || err != nil {
			return err
		}
		return k.tellManual(r, take)
	}
	done := 0
	for n := range k.Excerpt.Resources(r.ofType, r.inUnit) {
		if done++; done%batchRows == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if !r.any(n) {
			continue
		}
		if of, reached := r.resource(n); reached && !r.tellResource(&of, nil, take) {
			return nil
		}
	}
	return k.tellManual(r, take)
}

// tellResource hands over the reached checks of a resource, with what complete
// adds to each.
func (r *reach) tellResource(of *index.Resource, complete func(*posture.Check, *standing), take func(*posture.Check, *standing) bool) bool {
	base := posture.Check{
		Resource: of.ID, Type: of.Type, Name: of.Name, Location: of.Facts.Location, Cloud: of.Cloud, Unit: of.Unit, Scope: of.Unit,
	}
	if of.Group != "" {
		base.Scope = of.Group
	}
	var kept *standing
	for _, v := range r.kept.Excerpt.Verdicts(of.Number) {
		rule, reached := r.verdict(v)
		if !reached {
			continue
		}
		if kept == nil {
			kept = r.standingOf(of)
		}
		c, s := checkOf(base, rule, &v), *kept
		if r.control {
			s.control = rule.Control
		}
		for _, u := range r.kept.Excerpt.UnderOf(of.Number, v.Evaluation) {
			c.References = append(c.References, posture.Reference{Assignment: u.Assignment, Member: u.Member, Exempt: u.Mark != index.NoMark, Category: u.Mark.Category()})
		}
		if complete != nil {
			complete(&c, &s)
		}
		if !take(&c, &s) {
			return false
		}
	}
	return true
}

// checkOf is a check by what the index says of it.
func checkOf(c posture.Check, rule *index.Rule, v *index.Verdict) posture.Check {
	key := keyOf(rule)
	c.Rule, c.ParametersHash, c.Recommendation = key.id, key.hash, rule.Policy == ""
	c.Severity, c.State, c.Judged, c.Reason = rule.Severity, v.State, v.Judged, v.Reason
	c.Attested = v.Mark == index.Attested
	if v.State == posture.Exempt {
		c.Exempt = &posture.ExemptMark{Category: v.Mark.Category()}
	}
	return c
}

func (r *reach) standingOf(of *index.Resource) *standing {
	s := &standing{}
	if r.cloud {
		s.cloud = of.Cloud.String()
	}
	if r.state {
		s.resourceState = of.State.String()
	}
	if r.key {
		s.key = keyText(of)
	}
	if r.owner {
		s.owner = r.kept.Excerpt.OwnerOf(of.Number)
	}
	if r.tags {
		s.tags = tagsNode(r.kept.Excerpt.FactsOf(of.Number).Tags, strings.ToLower)
	}
	return s
}

// tagsNode is tags as a bag, in the order of their keys; nil for none.
func tagsNode(tags map[string]string, spell func(string) string) *data.Node {
	if len(tags) == 0 {
		return nil
	}
	var b bag
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		b.text(spell(key), tags[key])
	}
	return b.node()
}

// reachesManual reports whether the checks of a manual control may be wanted,
// whatever people say of them.
func (r *reach) reachesManual(control string) bool {
	for _, state := range []posture.State{posture.Manual, posture.Healthy, posture.Unhealthy, posture.Exempt} {
		if r.reachesVerdict(&index.Rule{ID: control, Severity: posture.Low}, &index.Verdict{State: state, Judged: state}) {
			return true
		}
	}
	return false
}

// reachesVerdict reports whether a verdict of a rule may be wanted.
func (r *reach) reachesVerdict(rule *index.Rule, v *index.Verdict) bool {
	for _, test := range r.verdicts {
		if !test(rule, v) {
			return false
		}
	}
	return true
}
