package policy

import (
	"slices"
	"strings"
)

// Brief is what a [Set] has to know of a rule before it meets a resource that
// the rule is about. See [Set.Defer].
type Brief struct {
	Types  []string // lower-cased; for all other types the condition is false
	Target string   // lower-cased type that the existence check looks for, "" for none
	Beyond bool     // it may look beyond the resource group; see [Bound.LooksBeyondGroup]
	Effect string   // of the rule, bound with its defaults
	Hash   string   // of the same
}

// Brief gives what [Set.Defer] wants of a rule of the set. Rules that cannot be
// judged, that name no types or that change resources are to be bound at once:
// ok is false.
func (s *Set) Brief(number int) (brief Brief, ok bool) {
	b := s.rules[number]
	if s.broken[number] != "" || b.family != familyAudit && b.family != familyExists && b.family != familyManual {
		return Brief{}, false
	}
	types, named := namedTypes(b.condition)
	if !named {
		return Brief{}, false
	}
	brief = Brief{Types: types, Effect: b.Effect, Hash: b.Hash()}
	if target := b.TargetType(); target != "" {
		brief.Target, brief.Beyond = FoldType(target), b.LooksBeyondGroup()
	}
	return brief, true
}

// Types gives the types, in lower case, that a rule of the set is about and that its
// existence check looks for; ok is false if it does not name them.
func (s *Set) Types(number int) (types []string, ok bool) {
	b := s.rules[number]
	if s.broken[number] != "" {
		return nil, true // it makes no checks
	}
	if types, ok = namedTypes(b.condition); !ok {
		return nil, false
	}
	if b.family == familyExists {
		target := b.TargetType()
		if target == "" {
			return nil, false // it is computed
		}
		types = append(slices.Clip(types), FoldType(target))
	}
	return types, true
}

// Defer is [Set.Add] for a rule that is bound once a resource is met that it is
// about, or that its existence check may look for: most rules of a large
// catalogue never are. The brief must be that of what bind returns. An error of
// bind makes the rule one that cannot be judged.
func (s *Set) Defer(brief Brief, bind func() (*Bound, error)) int {
	number := len(s.rules)
	s.rules = append(s.rules, nil)
	types := brief.Types
	if brief.Target != "" && !slices.Contains(types, brief.Target) {
		types = append(slices.Clip(types), brief.Target)
	}
	for _, t := range types {
		s.waiting[t] = append(s.waiting[t], int32(number))
	}
	s.deferred[number] = bind
	return number
}

// Unbound is how many rules wait for a resource that they are about.
func (s *Set) Unbound() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.deferred)
}

// bindFor binds the rules that the program of a type needs. The tests of
// existence checks are complete with it, since no other rule looks for the type.
func (s *Set) bindFor(lower string) {
	for _, number := range s.waiting[lower] {
		s.bind(int(number))
	}
	delete(s.waiting, lower)
}

// bind binds a rule if it is still to be bound.
func (s *Set) bind(number int) {
	bind, ok := s.deferred[number]
	if !ok {
		return
	}
	delete(s.deferred, number)
	b, err := bind()
	if err != nil {
		s.rules[number], s.broken[number] = &Bound{Definition: &Definition{}}, strings.TrimSpace(err.Error())
		return
	}
	s.rules[number] = b
	s.place(number, b)
	if s.settled {
		s.settleRule(number)
	}
}
