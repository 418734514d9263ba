package catalog

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/bartizan-dev/bartizan/policy"
)

// memberEvidence is what a member of an initiative is judged by.
type memberEvidence struct {
	definition     string // its id
	name, called   string // of the definition; as people know it
	kind           Kind
	recommendation string
}

// memberJudge tells how the members of an initiative are judged.
type memberJudge struct {
	catalog         *Catalog
	library         *policy.Library // nil for none
	recommendations []*Recommendation
	given           []map[string]policy.Value // ways in which the initiative has its parameters
	aliases         *policy.Aliases           // nil until some definition is looked at
}

// parametersOf gives the parameters of an initiative as its assignments have them, or
// the defaults. One without a value is for the members to miss.
func parametersOf(s *policy.Initiative, l *policy.Library) (given []map[string]policy.Value) {
	if l != nil {
		for _, a := range l.Assignments {
			if assigned, ok := l.Initiative(a.DefinitionID); ok && strings.EqualFold(cmp.Or(assigned.ID, assigned.Name), cmp.Or(s.ID, s.Name)) {
				if resolved, problems := policy.CheckParameters(s.Parameters, a.Parameters); problems.Err() == nil {
					given = append(given, resolved)
				}
			}
		}
	}
	if given == nil {
		defaults, _ := policy.CheckParameters(s.Parameters, nil)
		given = append(given, defaults)
	}
	return given
}

func (j *memberJudge) evidence(m *policy.Member) (memberEvidence, error) {
	name := m.DefinitionID[strings.LastIndexByte(m.DefinitionID, '/')+1:]
	e := memberEvidence{definition: m.DefinitionID, name: name, called: cmp.Or(m.ReferenceID, name), kind: NotCovered}
	of := j.twin
	if j.library != nil {
		if d, ok := j.library.Definition(m.DefinitionID); ok {
			e.definition, e.called = cmp.Or(d.ID, d.Name), cmp.Or(d.DisplayName, e.called)
			if err := j.joinAliases(); err != nil {
				return e, err
			}
			of = func(m *policy.Member, given map[string]policy.Value) (Kind, string) {
				values, err := m.Resolve(given)
				if err != nil {
					return Unjudged, ""
				}
				return j.judged(d, values), ""
			}
		}
	}
	for _, given := range j.given {
		kind, recommendation := of(m, given)
		e.kind, e.recommendation = weightier(e.kind, kind), cmp.Or(e.recommendation, recommendation)
	}
	return e, nil
}

// named tells what the policies of a name give for a standard: with the parameters that
// assignments give them, by themselves or as members of initiatives, else with their
// defaults.
func (j *memberJudge) named(name string) (Kind, error) {
	if j.library == nil {
		return Unjudged, nil
	}
	if err := j.joinAliases(); err != nil {
		return Unjudged, err
	}
	found := j.library.DefinitionsNamed(name)
	if len(found) == 0 {
		return Unjudged, nil
	}
	kind := NotCovered
	for _, d := range found {
		given := givenTo(d, j.library)
		if given == nil {
			given = append(given, nil)
		}
		for _, values := range given {
			kind = weightier(kind, j.judged(d, values))
		}
	}
	return kind, nil
}

// givenTo lists the parameters that the assignments of a library give a definition.
func givenTo(d *policy.Definition, l *policy.Library) (given []map[string]policy.Value) {
	is := func(id string) bool {
		found, ok := l.Definition(id)
		return ok && found == d
	}
	for _, a := range l.Assignments {
		if is(a.DefinitionID) {
			given = append(given, a.Parameters)
			continue
		}
		s, ok := l.Initiative(a.DefinitionID)
		if !ok {
			continue
		}
		resolved, problems := policy.CheckParameters(s.Parameters, a.Parameters)
		for i := range s.Members {
			if m := &s.Members[i]; problems.Err() == nil && is(m.DefinitionID) {
				if values, err := m.Resolve(resolved); err == nil {
					given = append(given, values)
				}
			}
		}
	}
	return given
}

// judged tells what a definition gives with some parameters: nothing where it is disabled or
// Microsoft attests it, and where no configuration could ever be judged by it, because
// a parameter has no value or a field is of no known name, that is unknown.
func (j *memberJudge) judged(d *policy.Definition, values map[string]policy.Value) Kind {
	bound, class := policy.Bind(d, values), d.Class()
	set := policy.NewSet(j.aliases, time.Time{})
	switch {
	case strings.EqualFold(bound.Effect, "Disabled"), class == policy.ClassStatic:
		return NotCovered
	case len(bound.Lacking()) > 0, set.Broken(set.Add(bound)) != "":
		return Unjudged
	case class == policy.ClassManual:
		return ByHand
	}
	return Automatic
}

// twin tells what the recommendation gives that checks the same as a definition that
// is not there. The parameter that built-in ones have for it may disable it.
func (j *memberJudge) twin(m *policy.Member, given map[string]policy.Value) (kind Kind, recommendation string) {
	name := strings.ToLower(m.DefinitionID[strings.LastIndexByte(m.DefinitionID, '/')+1:])
	at := slices.IndexFunc(j.recommendations, func(r *Recommendation) bool { return slices.Contains(r.AzurePolicies, name) })
	switch {
	case disables(m, given):
		return NotCovered, ""
	case at < 0:
		return Unjudged, ""
	case isManual(j.recommendations[at]):
		return ByHand, j.recommendations[at].ID
	}
	return Automatic, j.recommendations[at].ID
}

func disables(m *policy.Member, given map[string]policy.Value) bool {
	values, err := m.Resolve(given)
	if err != nil {
		return false
	}
	for name, v := range values {
		if strings.EqualFold(name, "effect") {
			return strings.EqualFold(v.Text(), "Disabled")
		}
	}
	return false
}

// joinAliases makes one table of the library's aliases and the catalogue's, as an
// assessment does.
func (j *memberJudge) joinAliases() error {
	if j.aliases != nil {
		return nil
	}
	joined := policy.NewAliases()
	if j.library.Aliases != nil {
		for e := range j.library.Aliases.All() {
			joined.Add(e)
		}
	}
	own, err := j.catalog.Aliases()
	if err != nil {
		return err
	}
	j.aliases = joined
	return joined.LoadAliasDump(own)
}
