package assess

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

// whyNoName says why nothing is judged under the name of a rule or a control,
// whatever there is in its scope; "" if something is.
func (run *run) whyNoName(name string) string {
	if rules := run.rulesNamed(name); len(rules) > 0 {
		return run.whyBroken(rules)
	}
	if s, n := run.standardNode(name); n != nil {
		return run.whyNoControl(s, n, name)
	}
	if s, group := initiativeGroup(run.options.Library, name); s != nil {
		return run.whyNoGroup(s, group, name)
	}
	switch s := catalog.StandardNamed(slices.Concat(run.book.known, run.options.OwnStandards), name); {
	case s != nil:
		return fmt.Sprintf("%q is a standard; want one of its controls, as %s:CONTROL", name, s.ID)
	case len(initiativesNamed(run.options.Library, name)) > 0 && len(definitionsNamed(run.options.Library, name)) == 0:
		return fmt.Sprintf("%q is an initiative; want a policy, or a group of it, as %s:GROUP", name, initiativesNamed(run.options.Library, name)[0].Name)
	}
	for _, d := range definitionsNamed(run.options.Library, name) {
		for _, n := range run.book.notEvaluated {
			if n.Policy == cmp.Or(d.ID, d.Name) {
				return fmt.Sprintf("%q is not evaluated: %s", name, n.Why)
			}
		}
	}
	if knows(run.options, name) {
		return fmt.Sprintf("%q is neither chosen nor assigned, so that nothing is judged by it", name)
	}
	return fmt.Sprintf("no recommendation, policy or control %q is judged%s", name, run.hint(name))
}

// mostHints bounds the names for which nearer ones are looked for.
const mostHints = 100

// hint suggests what a name that is judged nowhere was meant for.
func (run *run) hint(name string) string {
	found, known := run.hints[name]
	if !known && len(run.hints) < mostHints {
		found = MeantName(run.options, name)
		run.hints[name] = found
	}
	return found
}

func (run *run) rulesNamed(name string) []int {
	var found []int
	for i := range run.book.rules {
		if run.book.rules[i].isRule([]string{name}) {
			found = append(found, i)
		}
	}
	return found
}

// whyBroken says why none of some rules makes checks.
func (run *run) whyBroken(rules []int) string {
	why := ""
	for _, number := range rules {
		broken := run.book.set.Broken(number)
		if broken == "" {
			return ""
		}
		why = cmp.Or(why, fmt.Sprintf("%q is not evaluated: %s", run.book.rules[number].id, broken))
	}
	return why
}

// standardNode finds the node of a standard that a name STANDARD:NODE means.
func (run *run) standardNode(name string) (*catalog.Standard, *catalog.Node) {
	for _, s := range slices.Concat(run.book.known, run.options.OwnStandards) {
		id, ok := strings.CutPrefix(foldName(name), foldName(s.ID)+":")
		for i := range s.Nodes {
			if ok && foldName(s.Nodes[i].ID) == id {
				return s, &s.Nodes[i]
			}
		}
	}
	return nil, nil
}

func (run *run) whyNoControl(s *catalog.Standard, n *catalog.Node, name string) string {
	switch told := run.toldHere(); {
	case slices.Contains(told, s):
	case slices.Contains(run.book.standards, s):
		return fmt.Sprintf("compliance with %s is not told, as no unit of the input is of its clouds", s.ID)
	default:
		return fmt.Sprintf("compliance with %s is not told; --standard %s tells it", s.ID, s.ID)
	}
	if n.Manual || len(run.evidenceFor(name)) > 0 {
		return ""
	}
	if below := catalog.FirstBelow(s.Nodes, n.ID); below != "" {
		return fmt.Sprintf("%q is a group of controls; want one of them, such as %s:%s", name, s.ID, below)
	}
	return fmt.Sprintf("%q is not covered: nothing that is judged gives evidence for it", name)
}

// evidenceFor lists the rules that give evidence for a control of a standard.
func (run *run) evidenceFor(name string) []int {
	var found []int
	for i := range run.book.rules {
		if r := &run.book.rules[i]; !r.isRule([]string{name}) && r.named(name) {
			found = append(found, i)
		}
	}
	return found
}

// initiativeGroup finds the initiative that a name INITIATIVE:GROUP means.
func initiativeGroup(l *policy.Library, name string) (s *policy.Initiative, group string) {
	if l == nil {
		return nil, ""
	}
	for _, s := range l.Initiatives {
		if prefix := s.Name + ":"; len(name) > len(prefix) && strings.EqualFold(name[:len(prefix)], prefix) {
			return s, name[len(prefix):]
		}
	}
	return nil, ""
}

func (run *run) whyNoGroup(s *policy.Initiative, group, name string) string {
	known := slices.ContainsFunc(s.Groups, func(g policy.InitiativeGroup) bool { return isAny(group, g.Name) })
	category := ""
	for _, g := range s.Groups {
		if isAny(group, g.Category) {
			category = cmp.Or(category, g.Name)
		}
	}
	member := slices.ContainsFunc(s.Members, func(m policy.Member) bool {
		return slices.ContainsFunc(controlsOf(m.Groups, m.ReferenceID), func(c string) bool { return isAny(group, c) })
	})
	switch {
	case !known && !member && category != "":
		return fmt.Sprintf("%q is a category of groups; want one of them, such as %s:%s", name, s.Name, category)
	case !known && !member:
		return fmt.Sprintf("initiative %q has no group %q", s.Name, group)
	case !member:
		return fmt.Sprintf("%q is not covered: no member of the initiative is in it", name)
	case !slices.Contains(run.book.initiatives, s):
		return fmt.Sprintf("initiative %q is neither chosen nor assigned", s.Name)
	}
	for i := range run.book.references {
		if ref := &run.book.references[i]; ref.initiative == s && ref.inControl(name) && run.evaluates(ref) {
			return ""
		}
	}
	return fmt.Sprintf("%q is not covered: no member of it is judged", name)
}

// whyIdle says why an exemption or attestation that names what there is changes
// nothing.
func (run *run) whyIdle(s *saying, spots *spotIndex) string {
	if s.void != "" {
		return s.void
	}
	f := run.lookAround(s, spots)
	what := fmt.Sprintf("assignment %q", s.assignment)
	if s.assignment == "" {
		what = fmt.Sprintf("%q", strings.Join(s.members, ", "))
		run.lookAtUnits(s, s.members[0], spots.placer, f)
	}
	switch {
	case f.instead != "":
		return fmt.Sprintf("%s holds already for all that it is about", f.instead)
	case f.check:
		return run.whyUntold(s, what)
	case f.above != "":
		return fmt.Sprintf("%s is judged on %s, of which scope %q is only a part", what, f.above, s.scope)
	case !f.selected && len(s.selectors) > 0:
		return fmt.Sprintf("its resource selectors admit no resource in scope %q", s.scope)
	case f.notApplicable:
		return fmt.Sprintf("%s does not apply to any resource in scope %q", what, s.scope)
	}
	if clouds := run.cloudsOf(s); len(clouds) > 0 && !slices.ContainsFunc(clouds, func(c posture.Cloud) bool { return f.clouds[c] }) {
		return fmt.Sprintf("%s is about %s, and no resource of that is in scope %q", what, cloudNames(clouds), s.scope)
	}
	if len(s.members) > 0 && s.assignment == "" && len(run.rulesNamed(s.members[0])) == 0 {
		return fmt.Sprintf("what gives evidence for %s judges no resource in scope %q", what, s.scope)
	}
	return fmt.Sprintf("%s judges no resource in scope %q", what, s.scope)
}

// whyUntold is about a check that is there, and is as it was all the same: what
// would be another is not told.
func (run *run) whyUntold(s *saying, what string) string {
	if s.attests {
		why := fmt.Sprintf("no check of %s in scope %q is manual", what, s.scope)
		if open := run.leftOpenBy(s); open != nil {
			why += fmt.Sprintf(", or %s, which says %s, leaves it open", toldAttestation(open), open.State)
		}
		return why
	}
	if s.assignment == "" {
		if set, _ := initiativeGroup(run.options.Library, s.members[0]); set != nil {
			return fmt.Sprintf("compliance with %s is not told; --standard %s tells it", set.Name, set.Name)
		}
	}
	return fmt.Sprintf("the checks of %s are as they were", what)
}

// leftOpenBy gives an attestation in force that says neither one thing nor the other:
// one of the same subject, else one whose scope
// and its own hold each other; nil for none.
func (run *run) leftOpenBy(s *saying) (open *policy.Attestation) {
	for _, a := range run.options.Attestations {
		if settles(a) || !a.InForce(run.options.Now) {
			continue
		}
		if strings.EqualFold(a.AssignmentID, s.assignment) && (len(s.members) == 0 || isAny(a.ReferenceID, s.members...)) {
			return a
		}
		if posture.Within(a.Scope, s.scope) || posture.Within(s.scope, a.Scope) {
			open = cmp.Or(open, a)
		}
	}
	return open
}

// cloudsOf gives the clouds that all recommendations of a subject are about, or
// those of the standard of a manual control; none if that says nothing.
func (run *run) cloudsOf(s *saying) []posture.Cloud {
	if s.assignment != "" {
		return nil
	}
	if standard, n := run.standardNode(s.members[0]); n != nil && n.Manual {
		return standard.Clouds
	}
	var clouds []posture.Cloud
	for _, number := range slices.Concat(run.rulesNamed(s.members[0]), run.evidenceFor(s.members[0])) {
		r := run.book.rules[number].recommendation
		if r == nil {
			return nil
		}
		if !slices.Contains(clouds, r.Cloud) {
			clouds = append(clouds, r.Cloud)
		}
	}
	return clouds
}

func cloudNames(clouds []posture.Cloud) string {
	names := make([]string, len(clouds))
	for i, c := range clouds {
		names[i] = c.String()
	}
	return strings.Join(names, ", ")
}
