package assess

import (
	"slices"
	"sync"

	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

// Assigned is what assignments come to, apart from any resource.
type Assigned struct {
	Rules      []AssignedRule
	References []AssignedReference
	// NotEvaluated are the policies that make no checks, each with the assignments that
	// it would make some for, and Warnings what is not done quite as it is asked for.
	NotEvaluated []AssignedNone
	Warnings     []string
	// Gaps are those of them that should make checks, once for each way in which they
	// are assigned.
	Gaps []*AssignedGap
}

// AssignedNone is a policy that is assigned and makes no checks.
type AssignedNone struct {
	NotEvaluated
	Assignments []*policy.Assignment
}

// AssignedGap is a policy that should make checks where it is assigned, and could not
// be evaluated.
type AssignedGap struct {
	Rule, Why  string
	Assignment *policy.Assignment
	Initiative *policy.Initiative // nil for a definition alone
	Controls   []string           // of the initiative

	of      unjudged
	aliases *policy.Aliases
	about   sync.Map // by type: see IsAbout
}

// IsAbout reports whether it may be about resources of a type. Several goroutines may
// ask.
func (g *AssignedGap) IsAbout(typeName string) bool {
	if known, ok := g.about.Load(typeName); ok {
		return known.(bool)
	}
	is := g.of.isAbout(typeName, g.aliases)
	g.about.Store(typeName, is)
	return is
}

// AssignedRule is a policy with one set of parameters, or a recommendation that
// stands for a member of an initiative.
type AssignedRule struct {
	JudgedRule
	Title    string
	Severity posture.Severity
	// Judged says that it makes checks.
	Judged bool
	// Types are those that it is about and looks for, in lower case, unless AllTypes
	// says that it may be any.
	Types    []string
	AllTypes bool
	// Target is the type that it looks for, "" for none. What computes it makes no
	// checks.
	Target string
	Beyond bool // it may look for it beyond the resource group
}

// AssignedReference is one way in which rules are assigned: a member of an
// initiative, or a definition alone.
type AssignedReference struct {
	Assignment *policy.Assignment
	Initiative *policy.Initiative // nil for a definition alone
	Member     string
	Controls   []string // of the initiative: the member's groups, or itself
	// Rules are those that it may come to, by the assignment's overrides, each once:
	// indexes among the rules.
	Rules []int

	variants []assignedVariant
}

// assignedVariant is what a reference comes to where an override of its assignment
// holds, or none does.
type assignedVariant struct {
	override *policy.Override // nil: where no other holds
	rule     int              // among the rules, -1 for none
}

// AssignedCase is where a reference comes to one rule: where the selectors of an
// override hold, if there are any, and those of none before it.
type AssignedCase struct {
	Rule   int // among the rules
	If     []policy.Selector
	Unless [][]policy.Selector
}

// Cases are those in which the reference comes to a rule, as [AssignedReference.At]
// tells of a place.
func (r *AssignedReference) Cases() (all []AssignedCase) {
	if first := r.variants[0].rule; !slices.ContainsFunc(r.variants, func(v assignedVariant) bool { return v.rule != first || v.rule < 0 }) {
		return []AssignedCase{{Rule: first}}
	}
	var before [][]policy.Selector
	for _, v := range r.variants {
		c := AssignedCase{Rule: v.rule, Unless: slices.Clip(before)}
		if v.override != nil {
			if looksAtResource(v.override.Selectors) {
				c.If = v.override.Selectors
			}
			before = append(before, v.override.Selectors)
		}
		if c.Rule >= 0 {
			all = append(all, c)
		}
	}
	return all
}

// Message is what the assignment says of an unhealthy resource, "" for nothing.
func (r *AssignedReference) Message() string { return messageOf(r.Assignment, r.Member) }

// At gives the rule that the reference judges a resource by, -1 for none; where it is
// not certain, one by which it may.
func (r *AssignedReference) At(place *policy.Place) int {
	if r.Assignment.Covers(place).False() {
		return -1
	}
	for _, v := range r.variants {
		if v.override == nil {
			return v.rule
		}
		if holds := v.override.Holds(r.Member, place); holds.True() || !holds.False() && v.rule >= 0 {
			return v.rule
		}
	}
	return -1
}

// AssignedBy binds what the options' assignments put to work, and reads no input.
func AssignedBy(o Options) (*Assigned, error) {
	book, err := newRuleBook(&o)
	if err != nil {
		return nil, err
	}
	found := &Assigned{Warnings: book.warnings}
	for _, n := range book.notEvaluated {
		if by := book.leftOut[n]; len(by) > 0 {
			found.NotEvaluated = append(found.NotEvaluated, AssignedNone{n, by})
		}
	}
	for _, u := range book.allUnjudged() {
		if u.assignment != nil {
			found.Gaps = append(found.Gaps, &AssignedGap{
				Rule: u.id, Why: u.why, Assignment: u.assignment, Initiative: u.initiative, Controls: u.controls, of: u, aliases: book.set.Aliases(),
			})
		}
	}
	numbers := map[int]int{}
	for i := range book.references {
		r := &book.references[i]
		if r.assignment == nil {
			continue
		}
		ref := AssignedReference{Assignment: r.assignment, Initiative: r.initiative, Member: r.member, Controls: controlsOf(r.groups, r.member)}
		for _, v := range r.variants {
			if v.rule < 0 {
				ref.variants = append(ref.variants, assignedVariant{v.override, -1})
				continue
			}
			n, ok := numbers[v.rule]
			if !ok {
				n = len(found.Rules)
				numbers[v.rule] = n
				found.Rules = append(found.Rules, book.assigned(v.rule))
			}
			if !slices.Contains(ref.Rules, n) { // an override may have the effect that holds anyway
				ref.Rules = append(ref.Rules, n)
			}
			ref.variants = append(ref.variants, assignedVariant{v.override, n})
		}
		found.References = append(found.References, ref)
	}
	return found, nil
}

func (b *ruleBook) assigned(number int) AssignedRule {
	r := &b.rules[number]
	a := AssignedRule{
		JudgedRule: JudgedRule{r.id, r.recommendation != nil, r.hash}, Title: r.title, Severity: r.severity, Judged: b.set.Broken(number) == "",
	}
	if r.recommendation != nil {
		return a
	}
	types, ok := b.set.Types(number)
	a.Types, a.AllTypes, a.Target, a.Beyond = types, !ok, r.target(), r.bound.LooksBeyondGroup()
	return a
}
