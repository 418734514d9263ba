package assess

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

// mostNotRead is how many types and scopes a coverage lists as not read.
const mostNotRead = 100

// findNotRead finds the types of which read records say that not all was read where
// rules judge or look for them.
func (s *summer) findNotRead(p *placer) {
	s.tellNotRead(p, &Reads{known: s.run.known}, ReadQuestion{Shows: func(string) bool { return true }})
}

// NotRead is what was not read, or not all of it, of types that rules judge or look
// for: that of a [Coverage], and the rules that judge one of the types.
type NotRead struct {
	Failed        []FailedRead // the first hundred
	Total, Judged int
	Rules         []RuleResult
}

// FindNotRead tells without judging anything what read records say that was not read.
// Of the question it asks for what may be named.
func FindNotRead(o Options, records []posture.ReadRecord, q ReadQuestion) (*NotRead, error) {
	run, err := newRun(&o)
	if err != nil {
		return nil, err
	}
	for _, r := range records {
		run.known.read(r, "", 0)
	}
	s := &summer{run: run, result: &Result{}}
	s.prepare()
	s.tellNotRead(newPlacer(run.book, run.known), &Reads{known: run.known}, q)
	c := &s.result.Coverage
	found := &NotRead{Failed: c.NotRead, Total: c.NotReadTotal, Judged: c.NotJudged}
	for _, r := range s.rules {
		if len(r.NotRead) > 0 {
			found.Rules = append(found.Rules, r)
		}
	}
	return found, nil
}

func (s *summer) tellNotRead(p *placer, reads *Reads, q ReadQuestion) {
	run := s.run
	failing := reads.failing()
	if len(failing) == 0 {
		return
	}
	types := run.book.typesOfRules()
	q.Types = types.names(failing, run.options.Filter.ResourceTypes)
	q.Admits = func(name, scope string) bool {
		of, in := posture.CloudOfType(name), posture.CloudOfScope(scope)
		return of == posture.NoCloud || in == posture.NoCloud || of == in
	}
	found := reads.failed(&q)
	for _, f := range failedInOrder(found) {
		at := run.readPlace(p, types, f)
		told := false
		for _, name := range found[f] {
			for _, number := range at.judge(name) {
				told = true
				if r := &s.rules[number]; !slices.Contains(r.NotRead, f.Type) {
					r.NotRead = append(r.NotRead, f.Type)
				}
			}
		}
		if !told && !slices.ContainsFunc(found[f], at.isLookedFor) {
			continue
		}
		s.result.Coverage.addNotRead(f, told)
		if unit := reads.Unit(f.Scope); run.options.ByUnit && unit != "" {
			s.unitSum(unit).result.Coverage.addNotRead(f, told)
		}
	}
}

// addNotRead tells of a type that was not read, and that rules judge.
func (c *Coverage) addNotRead(f FailedRead, judged bool) {
	if judged {
		c.NotJudged++
	}
	if c.NotReadTotal++; c.NotReadTotal <= mostNotRead {
		c.NotRead = append(c.NotRead, f)
	}
}

// ruleTypes has, by folded type, the rules that make checks of it. What is manual
// makes none that coverage counts.
type ruleTypes struct {
	book  *ruleBook
	judge map[string][]int
	look  map[string][]int
	any   []int // those that name no type to judge
	tried map[string][]int
}

func (b *ruleBook) typesOfRules() *ruleTypes {
	t := &ruleTypes{book: b, judge: map[string][]int{}, look: map[string][]int{}, tried: map[string][]int{}}
	for i := range b.rules {
		r := &b.rules[i]
		if b.set.Broken(i) != "" || strings.EqualFold(r.bound.Effect, "manual") {
			continue
		}
		target := policy.FoldType(r.target())
		if target != "" {
			t.look[target] = append(t.look[target], i)
		}
		types, named := t.named(i, target)
		if !named {
			t.any = append(t.any, i)
		}
		for _, name := range types {
			t.judge[name] = append(t.judge[name], i)
		}
	}
	return t
}

// named gives the types that a rule judges, if it names them.
func (t *ruleTypes) named(number int, target string) (types []string, ok bool) {
	r := &t.book.rules[number]
	if r.recommendation != nil && len(r.recommendation.Brief.Types) > 0 {
		return r.recommendation.Brief.Types, true
	}
	types, ok = t.book.set.Types(number)
	if target == "" || r.bound.MayApplyTo(target, t.book.set.Aliases()) {
		return types, ok
	}
	return slices.DeleteFunc(slices.Clone(types), func(name string) bool { return name == target }), ok
}

// names are all types that matter: those of rules, and for rules that name none those
// that were not read and those that are chosen.
func (t *ruleTypes) names(failing, chosen []string) []string {
	names := map[string]bool{}
	for name := range t.judge {
		names[name] = true
	}
	for name := range t.look {
		names[name] = true
	}
	if len(t.any) > 0 {
		names[""] = true
		for _, name := range slices.Concat(failing, chosen) {
			names[policy.FoldType(name)] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// judging lists the rules that judge resources of a type, "" for every type of a
// cloud.
func (t *ruleTypes) judging(name string, cloud posture.Cloud) []int {
	if name == "" {
		return slices.DeleteFunc(slices.Clone(t.any), func(number int) bool {
			r := &t.book.rules[number]
			of := posture.NoCloud
			if r.recommendation != nil {
				of = r.recommendation.Cloud
			} else if isMicrosofts(r.bound.Definition) {
				of = posture.Azure
			}
			return of != posture.NoCloud && cloud != posture.NoCloud && of != cloud
		})
	}
	all, known := t.tried[name]
	if !known {
		all = slices.Clone(t.judge[name])
		for _, number := range t.any {
			if t.book.rules[number].bound.MayApplyTo(name, t.book.set.Aliases()) {
				all = append(all, number)
			}
		}
		t.tried[name] = all
	}
	return all
}

// readPlace is where a type was not read, as rules and the filter look at it.
type readPlace struct {
	run       *run
	types     *ruleTypes
	failed    FailedRead
	cloud     posture.Cloud
	placement *placement // nil where places decide nothing
}

func (run *run) readPlace(p *placer, types *ruleTypes, f FailedRead) *readPlace {
	at := &readPlace{run: run, types: types, failed: f, cloud: posture.CloudOfScope(f.Scope)}
	if !p.plain {
		at.placement = p.find(&place{
			id: f.Scope, unit: run.known.tree.Unit(cmp.Or(unitOfID(f.Scope), f.Scope)), group: cmp.Or(policy.GroupOf(f.Scope), "?"),
			typeName: f.Type, unread: f.Reason.String(),
		})
	}
	return at
}

// judge lists the rules that judge resources of a type there, if the filter admits
// any.
func (at *readPlace) judge(name string) []int {
	chosen := at.run.options.Filter.ResourceTypes
	if len(chosen) > 0 && !slices.ContainsFunc(chosen, func(t string) bool { return policy.FoldType(t) == name }) || !at.mayBeIn(name) {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(at.types.judging(name, at.cloud)), func(number int) bool { return !at.isJudged(number) })
}

// isLookedFor reports whether rules that judge what the filter admits look for a type
// there.
func (at *readPlace) isLookedFor(name string) bool {
	chosen := at.run.options.Filter.ResourceTypes
	return at.mayBeIn(name) && slices.ContainsFunc(at.types.look[name], func(number int) bool {
		return at.isJudged(number) && (len(chosen) == 0 || slices.ContainsFunc(chosen, func(t string) bool {
			return slices.Contains(at.types.judging(policy.FoldType(t), at.cloud), number)
		}))
	})
}

// isJudged reports whether a rule may make checks there that are not exempt.
func (at *readPlace) isJudged(number int) bool {
	var m *mark
	if at.placement != nil {
		m = at.placement.marks[number]
	}
	switch {
	case m == nil:
		return at.run.book.rules[number].everywhere
	case !m.outside:
		return m.exempt == nil
	}
	return slices.ContainsFunc(at.run.book.references, func(ref reference) bool {
		return ref.assignment != nil && slices.ContainsFunc(ref.variants, func(v variant) bool { return v.rule == number }) &&
			at.run.known.tree.Within(ref.assignment.Scope, at.failed.Scope)
	})
}

// mayBeIn reports whether one of the filter's scopes may hold what was not read of a
// type. Any resource may have a tag.
func (at *readPlace) mayBeIn(name string) bool {
	scopes, tree := at.run.options.Filter.Scopes, &at.run.known.tree
	return len(scopes) == 0 || slices.ContainsFunc(scopes, func(scope string) bool {
		switch {
		case isTag(scope), tree.Within(tree.Unit(at.failed.Scope), tree.Unit(scope)):
			return true
		case !tree.Within(tree.Unit(scope), tree.Unit(at.failed.Scope)):
			return false
		case isScope(scope), at.run.holdsUnits(scope):
			return true
		}
		of := policy.TypeOfID(scope) // a resource: what was not read may be itself, or belong to it
		return of != "" && (name == of || strings.HasPrefix(name, of+"/") || policy.IsExtensionType(name))
	})
}
