package catalog

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

// Trial judges the cases of recommendations, as an assessment would.
type Trial struct {
	aliases *policy.Aliases
	always  *policy.Always
	kinds   *policy.Kinds
}

// NewTrial takes the aliases of a catalogue.
func NewTrial(c *Catalog) (*Trial, error) {
	table, err := c.Aliases()
	if err != nil {
		return nil, err
	}
	aliases := policy.NewAliases()
	if err := aliases.LoadAliasDump(table); err != nil {
		return nil, err
	}
	always, err := c.Always()
	if err != nil {
		return nil, err
	}
	kinds, err := c.Kinds()
	return &Trial{aliases, policy.NewAlways(aliases, always), kinds}, err
}

// judge is what knows which places of bodies a rule goes through.
func (t *Trial) judge(bound *policy.Bound) *policy.Judge {
	set := policy.NewSet(t.aliases, caseClock)
	set.Expect(t.kinds)
	set.Add(bound)
	return set.Judge()
}

// gaps are the places of a case's body that are not as providers always return them,
// or that the judge's rule cannot go through.
func (t *Trial) gaps(judge *policy.Judge, r *policy.Resource) []policy.Gap {
	var gaps []policy.Gap
	for _, m := range judge.Misshapes(r) {
		gaps = append(gaps, policy.Gap{Path: m.Path, Reason: posture.Failed.String(), Is: m.Is})
	}
	misshapen := *r
	misshapen.Gaps = slices.Concat(r.Gaps, gaps)
	return append(gaps, t.always.Gaps(&misshapen)...)
}

// Outcome is how a case was judged.
type Outcome struct {
	State       posture.State
	Reasons     []string // why it is unknown
	Warnings    []string // of the engine
	IdleUnread  []string // paths of the case's unread that change nothing
	Explanation *policy.Explanation
}

// caseClock is the instant of cases that name none.
var caseClock = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// Judge judges one case. The error is that of a rule or body that does not
// parse.
func (t *Trial) Judge(r *Recommendation, c Case) (*Outcome, error) {
	bound, err := bindCase(r, c)
	if err != nil {
		return nil, err
	}
	resource, err := policy.ParseResource(c.Resource)
	if err != nil {
		return nil, fmt.Errorf("case %q: resource: %w", c.Name, err)
	}
	resource.Partial = !c.Collected || !hasProperties(resource)
	for _, path := range c.Unread {
		resource.Gaps = append(resource.Gaps, policy.Gap{Path: path, Reason: posture.NotCollected.String()})
	}
	asCased := *resource // without what is unread as providers always return it
	judge := t.judge(bound)
	resource.Gaps = slices.Concat(resource.Gaps, t.gaps(judge, resource))
	near := &surroundings{complete: c.Complete}
	for _, body := range c.Related {
		one, err := policy.ParseResource(body)
		if err != nil {
			return nil, fmt.Errorf("case %q: related: %w", c.Name, err)
		}
		one.Partial = !hasProperties(one)
		one.Gaps = t.gaps(judge, one)
		near.related = append(near.related, one)
	}
	now := c.Now
	if now.IsZero() {
		now = caseClock
	}
	env := policy.Environment{Aliases: t.aliases, Related: near, Now: now}
	explained := bound.Explain(resource, env)
	v := explained.Verdict
	return &Outcome{caseState(v.Compliance), v.Reasons, v.Warnings, bound.IdleGaps(&asCased, env), explained}, nil
}

// hasProperties reports whether a body says more than which resource it is: only
// what such a body lacks is absent.
func hasProperties(r *policy.Resource) bool {
	return r.Body.GetObject("properties") != nil
}

// bindCase compiles a recommendation with a case's parameters.
func bindCase(r *Recommendation, c Case) (*policy.Bound, error) {
	given := map[string]policy.Value{}
	for name, raw := range c.Parameters {
		node, err := policy.ParseNode(r.File, raw)
		if err != nil {
			return nil, fmt.Errorf("case %q: parameter %s: %w", c.Name, name, err)
		}
		given[name] = node.Value()
	}
	return r.Bind(given)
}

func caseState(compliance string) posture.State {
	switch compliance {
	case policy.Compliant:
		return posture.Healthy
	case policy.NonCompliant:
		return posture.Unhealthy
	case policy.Unattested:
		return posture.Manual
	case policy.NoResult:
		return posture.NotApplicable
	}
	return posture.Unknown
}

// Differs says how the outcome is not what the case wants, "" if it is. A
// warning is a difference too, but where an error is wanted, or where the rule
// does not apply, whatever it would say.
func (o *Outcome) Differs(c Case) string {
	switch {
	case o.State != c.Want:
		return fmt.Sprintf("got %v, want %v", o.State, c.Want)
	case c.Reason != posture.NoReason && !slices.Contains(o.Reasons, c.Reason.String()):
		return fmt.Sprintf("unknown because of %s, want %v", strings.Join(o.Reasons, ", "), c.Reason)
	case len(o.Warnings) > 0 && c.Reason != posture.Failed && o.State != posture.NotApplicable:
		return "the engine warns: " + strings.Join(o.Warnings, "; ")
	}
	return ""
}

// surroundings are the related resources of a case.
type surroundings struct {
	related  []*policy.Resource
	complete []string // types; nil: those of related
}

// Candidates implements [policy.Related].
func (s *surroundings) Candidates(r *policy.Resource, q policy.Query) (found []*policy.Resource, complete bool, reason string) {
	complete = slices.ContainsFunc(s.complete, func(t string) bool { return strings.EqualFold(t, q.Type) })
	for _, c := range s.related {
		if !strings.EqualFold(c.Type, q.Type) {
			continue
		}
		complete = complete || s.complete == nil
		below := strings.HasPrefix(strings.ToLower(c.ID), strings.ToLower(r.ID)+"/")
		if below || q.Relation != policy.Below && q.Relation != policy.Extension {
			found = append(found, c)
		}
	}
	if s.complete == nil && q.Relation == policy.InGroup {
		found = append(found, s.parents(r.ID, q.Type)...)
	}
	return found, complete, posture.NotCollected.String()
}

// parents gives what an id says it hangs below of a type, and the case does not have.
func (s *surroundings) parents(id, typeName string) (missing []*policy.Resource) {
	for parent := range policy.Ancestors(id) {
		c := policy.NewListed(parent, posture.NotCollected.String())
		if strings.EqualFold(c.Type, typeName) && !slices.ContainsFunc(s.related, func(r *policy.Resource) bool { return strings.EqualFold(r.ID, parent) }) {
			missing = append(missing, c)
		}
	}
	return missing
}
