package index

import (
	"slices"
	"strings"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

// Choice is what a property may be: any of its values, or none of them if Not.
// Without values it is no condition.
type Choice[T comparable] struct {
	Values []T
	Not    bool
}

// Any chooses values.
func Any[T comparable](values ...T) Choice[T] { return Choice[T]{Values: values} }

func (c Choice[T]) allows(value T) bool {
	if len(c.Values) == 0 {
		return true
	}
	for _, v := range c.Values {
		if v == value {
			return !c.Not
		}
	}
	return c.Not
}

// asked is allows, prepared for being asked often.
func (c Choice[T]) asked() func(T) bool {
	if len(c.Values) < 8 {
		return c.allows
	}
	values := make(map[T]bool, len(c.Values))
	for _, v := range c.Values {
		values[v] = true
	}
	return func(value T) bool { return values[value] != c.Not }
}

// Filter says which resources and which of their checks are meant. Its zero
// value is all.
type Filter struct {
	// Visible are the scopes that who asks may see; nil is all, empty none.
	Visible []string
	// Scopes are nodes of the tree, groups, ids of resources that say all, or tags,
	// tag:key=value; any of them.
	Scopes    []string
	Parts     []Part // any of them; nil is all
	Resource  uint32 // only this one, if it is not 0
	Clouds    Choice[posture.Cloud]
	Types     Choice[string]
	Units     Choice[string]
	Owners    Choice[string] // "" for none
	Locations Choice[string]
	States    Choice[posture.State] // of resources, rolled up
	Tags      []TagFilter           // all of them
	Text      string                // within name or id, ignoring case
	Checks    CheckFilter
	// UnitChecks are on units as a whole; they are in lists and counts of checks as
	// far as the other conditions leave them.
	UnitChecks []UnitChecks
}

// Part is a scope without some scopes in it, and of what lies there what one of some
// selectors admits; without any that is all. If and Unless narrow it to where an
// override holds.
type Part struct {
	Scope     string
	Not       []string
	Selectors []policy.ResourceSelector
	If        []policy.Selector   // all of them admit it
	Unless    [][]policy.Selector // of none of these all admit it
}

// looks reports whether selectors look at resources at all.
func (p *Part) looks() bool { return len(p.Selectors)+len(p.If)+len(p.Unless) > 0 }

// Admits reports whether the selectors may admit a resource.
func (p *Part) Admits(r *Resource) bool {
	if !p.looks() {
		return true
	}
	at := policy.Place{Type: r.Type, Location: r.Facts.Location, NoGroup: r.Group == "" && posture.IsARM(r.ID)}
	all := func(s []policy.Selector) bool {
		return !at.SelectedBy([]policy.ResourceSelector{{Selectors: s}}).False()
	}
	return !at.SelectedBy(p.Selectors).False() && all(p.If) && !slices.ContainsFunc(p.Unless, all)
}

// TagFilter wants a resource to have a tag, with a value unless Exists.
type TagFilter struct {
	Key    string
	Value  string
	Exists bool
	Not    bool
}

// CheckFilter says which checks are meant.
type CheckFilter struct {
	Rules      Choice[string] // ids, of policies too
	Also       Choice[string] // ids of rules as well, of which both choices have to hold
	Severities Choice[posture.Severity]
	Controls   Choice[string] // of the secure score, "" for none
	States     Choice[posture.State]
	Reasons    Choice[posture.Reason] // of unknown ones; others have NoReason
}

func (f CheckFilter) none() bool {
	return len(f.Rules.Values)+len(f.Also.Values)+len(f.Severities.Values)+len(f.Controls.Values)+len(f.States.Values)+len(f.Reasons.Values) == 0
}

// rules gives what tells whether a rule is meant.
func (f *CheckFilter) rules() func(*Rule) bool {
	chosen := func(c Choice[string]) func(*Rule) bool {
		none := len(c.Values) == 0
		is := Choice[string]{Values: c.Values}.asked()
		return func(r *Rule) bool { return none || (is(r.ID) || r.Policy != "" && is(r.Policy)) != c.Not }
	}
	rules, also := chosen(f.Rules), chosen(f.Also)
	return func(r *Rule) bool { return rules(r) && also(r) }
}

// AllowsWithout reports whether a rule without a check is meant: by what it is and the
// cloud that it is about, 0 for any, where nothing is said of its checks' states.
func (f *Filter) AllowsWithout(r *Rule, cloud posture.Cloud) bool {
	c := &f.Checks
	return len(c.States.Values)+len(c.Reasons.Values) == 0 && c.rules()(r) && c.Severities.allows(r.Severity) && c.Controls.allows(r.Control) &&
		(cloud == 0 || f.Clouds.allows(cloud))
}

func and(a, b *roaring.Bitmap) *roaring.Bitmap { return roaring.And(a, b) }

// filtered finds the resources that a filter leaves; all says that these are all that
// are there, of gives the sets of the index that they consist of, if that is known. None
// is to be changed.
func (x *Index) filtered(f *Filter) (set *roaring.Bitmap, all bool, of []*roaring.Bitmap) {
	set, all, of = x.sets.here, true, []*roaring.Bitmap{x.sets.here}
	narrow := func(by *roaring.Bitmap) { set, all, of = and(set, by), false, nil }
	narrowTo := func(sets []*roaring.Bitmap) {
		switch {
		case !all:
			narrow(inAny(sets))
		case len(sets) == 1: // as it is, so that what is kept of it is found
			set, all, of = sets[0], false, sets
		default:
			set, all, of = inAny(sets), false, sets
		}
	}
	if f.Visible != nil {
		if visible, whole := x.inScopes(f.Visible); !whole {
			narrow(visible)
		}
	}
	if len(f.Scopes) > 0 {
		if in, whole := x.inChosen(f.Scopes); !whole {
			narrow(in)
		}
	}
	if f.Parts != nil {
		narrow(x.inParts(f.Parts))
	}
	if f.Resource != 0 {
		narrow(roaring.BitmapOf(f.Resource))
	}
	narrowBy(f.Clouds, func(c posture.Cloud) *roaring.Bitmap { return x.sets.clouds.at(uint32(c)) }, x.sets.here, narrow, narrowTo)
	narrowBy(f.Types, func(t string) *roaring.Bitmap { return x.sets.kinds.word(x.types, t) }, x.sets.here, narrow, narrowTo)
	narrowBy(f.Units, func(u string) *roaring.Bitmap { return x.sets.units.word(x.units, x.tree.projectOf(u)) }, x.sets.here, narrow, narrowTo)
	narrowBy(f.Locations, func(l string) *roaring.Bitmap { return x.sets.location.word(x.locations, l) }, x.sets.here, narrow, narrowTo)
	narrowBy(f.States, func(s posture.State) *roaring.Bitmap { return x.sets.states.at(uint32(s)) }, x.sets.here, narrow, narrowTo)
	if len(f.Owners.Values) > 0 {
		o := x.owned()
		narrowBy(f.Owners, func(owner string) *roaring.Bitmap { return o.sets.word(o.words, owner) }, x.sets.here, narrow, func(sets []*roaring.Bitmap) { narrow(inAny(sets)) })
	}
	if len(f.Tags) > 0 {
		narrow(x.tagged(set, f.Tags))
	}
	if f.Text != "" {
		narrow(x.named(set, strings.ToLower(f.Text)))
	}
	return set, all, of
}

func (b byWord) word(w *words, text string) *roaring.Bitmap {
	n, ok := w.find(text)
	if !ok {
		return empty
	}
	return b.at(n)
}

// narrowBy narrows by a choice: to the sets of its values, unless they are excluded.
func narrowBy[T comparable](c Choice[T], of func(T) *roaring.Bitmap, here *roaring.Bitmap, narrow func(*roaring.Bitmap), narrowTo func([]*roaring.Bitmap)) {
	if len(c.Values) == 0 {
		return
	}
	var sets []*roaring.Bitmap
	for _, v := range c.Values {
		if set := of(v); !slices.Contains(sets, set) {
			sets = append(sets, set)
		}
	}
	if c.Not {
		narrow(roaring.AndNot(here, inAny(sets)))
		return
	}
	narrowTo(sets)
}

func inAny(sets []*roaring.Bitmap) *roaring.Bitmap {
	if len(sets) == 1 {
		return sets[0]
	}
	return roaring.FastOr(sets...)
}

// tagged finds the resources among some whose facts meet the conditions.
func (x *Index) tagged(among *roaring.Bitmap, tags []TagFilter) *roaring.Bitmap {
	const unknown, yes, no = 0, 1, 2
	known := make([]uint8, len(x.facts.stored))
	found := roaring.New()
	among.Iterate(func(n uint32) bool {
		at := x.resources.facts[n]
		if known[at] == unknown {
			known[at] = no
			if meets(x.facts.at(at).Tags, tags) {
				known[at] = yes
			}
		}
		if known[at] == yes {
			found.Add(n)
		}
		return true
	})
	return found
}

func meets(has map[string]string, wanted []TagFilter) bool {
	for _, w := range wanted {
		value, ok := "", false
		for key, v := range has {
			if strings.EqualFold(key, w.Key) {
				value, ok = v, true
			}
		}
		if (ok && (w.Exists || value == w.Value)) == w.Not {
			return false
		}
	}
	return true
}

// contains reports whether a resource's id or name contains a text, which is in
// lower case.
func (x *Index) contains(n uint32, text string) bool {
	c := &x.resources
	return containsFolded(c.ids.at(n), text) || c.nameLength[n] == tooLong && containsFolded(c.names[n], text)
}

// containsFolded reports whether a text contains another, which is in lower case.
func containsFolded(in, text string) bool {
	first, upper := text[0], text[0]
	if 'a' <= first && first <= 'z' {
		upper = first - 'a' + 'A'
	}
	for at := 0; at+len(text) <= len(in); at++ {
		if c := in[at]; (c == first || c == upper) && compareFolded(in[at:at+len(text)], text) == 0 {
			return true
		}
	}
	return false
}
