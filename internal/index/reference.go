package index

import (
	"reflect"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

// Reference is one way in which a rule is assigned. An exemption may be of some of
// them: the check of a policy is exempt where each that judges it there is.
type Reference struct {
	Assignment string // its id
	Member     string // of an initiative that is assigned
	Rule       string // id of what it comes to; it may be a recommendation
	Part       *Part  // where it does; references may share one
}

// sameReferences reports whether both say the same.
func sameReferences(a, b []Reference) bool {
	if len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0]) {
		return true
	}
	same := map[[2]*Part]bool{}
	return slices.EqualFunc(a, b, func(p, q Reference) bool {
		if p.Assignment != q.Assignment || p.Member != q.Member || p.Rule != q.Rule {
			return false
		}
		key := [2]*Part{p.Part, q.Part}
		is, known := same[key]
		if !known {
			is = p.Part == q.Part || reflect.DeepEqual(p.Part, q.Part)
			same[key] = is
		}
		return is
	})
}

// isOf reports whether a laying is of references, not of rules.
func (l *Laying) isOf() bool { return l.Assignment != "" }

// refersTo reports whether a laying is of a reference.
func (l *Laying) refersTo(r *Reference) bool {
	return strings.EqualFold(l.Assignment, r.Assignment) &&
		(len(l.Members) == 0 || slices.ContainsFunc(l.Members, func(m string) bool { return strings.EqualFold(m, r.Member) }))
}

// Under is how a check stands under a reference that judges it.
type Under struct {
	Assignment, Member string
	Mark               Mark // Waived or Mitigated where it is exempt under it, else NoMark
}

// unders are lists of how checks stand under their references, equal ones once. Number
// 0 is none: a check stands under each of its references as it does as such.
type unders struct {
	lists   [][]Under
	numbers map[string]uint32
}

func (u *unders) of(n uint32) []Under {
	if n == 0 {
		return nil
	}
	return u.lists[n-1]
}

func (u *unders) number(list []Under) uint32 {
	if len(list) == 0 {
		return 0
	}
	if u.numbers == nil {
		u.numbers = map[string]uint32{}
		for i, known := range u.lists {
			u.numbers[keyOfUnders(known)] = uint32(i + 1)
		}
	}
	key := keyOfUnders(list)
	n, known := u.numbers[key]
	if !known {
		u.lists = append(u.lists, list)
		n = uint32(len(u.lists))
		u.numbers[key] = n
	}
	return n
}

func keyOfUnders(list []Under) string {
	var key []byte
	for _, one := range list {
		key = append(append(append(append(append(key, one.Assignment...), 0), one.Member...), 0), byte(one.Mark))
	}
	return string(key)
}

// stand is how the check that a verdict of a tuple is stands under its references.
type stand struct {
	evaluation uint32
	under      uint32 // among the unders, not 0
}

// standing gives the stands of a tuple, of the few verdicts that have one.
func (t *tuples) standing(n uint32) []stand {
	if int(n) >= len(t.stands) || t.stands[n] == 0 {
		return nil
	}
	return t.standLists[t.stands[n]-1]
}

// putStands notes those of a tuple that was put just now.
func (t *tuples) putStands(n uint32, list []stand) {
	if len(list) == 0 {
		return
	}
	for len(t.stands) <= int(n) { // never at a number that was there: readers may have it
		t.stands = append(t.stands, 0)
	}
	t.standLists = append(t.standLists, list)
	t.stands[n] = uint32(len(t.standLists))
}

// underOf gives how the check that a verdict of a tuple is stands under its
// references, 0 for as it does as such.
func (t *tuples) underOf(n, evaluation uint32) uint32 {
	for _, s := range t.standing(n) {
		if s.evaluation == evaluation {
			return s.under
		}
	}
	return 0
}

// Shown is a verdict with how the check stands under references.
type Shown struct {
	Verdict
	Under uint32 // see [Index.Under]
}

// shown gives the verdicts of a tuple so.
func (t *tuples) shown(n uint32) []Shown {
	verdicts := t.of(n)
	all := make([]Shown, len(verdicts))
	for i, v := range verdicts {
		all[i] = Shown{v, t.underOf(n, v.Evaluation)}
	}
	return all
}

// Shown gives the verdicts of a tuple, by number of evaluation.
func (x *Index) Shown(tuple uint32) []Shown { return x.tuples.shown(tuple) }

// Under gives how a check stands under each of its references, by a number; nil for 0,
// which says that it stands under each as it does as such.
func (x *Index) Under(n uint32) []Under { return x.tuples.unders.of(n) }

// UnderOf gives how a check of a resource that is there stands under each of its
// references; nil says that it stands so under each as it does as such.
func (x *Index) UnderOf(n, evaluation uint32) []Under {
	return x.Under(x.tuples.underOf(x.Laid(n), evaluation))
}

// UnderOf gives how a check of a resource stands under each of its references; nil says
// that it stands so under each as it does as such.
func (e *Excerpt) UnderOf(n, evaluation uint32) []Under {
	return e.tuples.unders.of(e.tuples.underOf(e.Tuple(n), evaluation))
}

// underAs gives what is told of references of which the marks are known, nil where each
// is that of the check.
func underAs(v *Verdict, list []Under) []Under {
	mark := NoMark
	if v.State == posture.Exempt {
		mark = v.Mark
	}
	if !slices.ContainsFunc(list, func(u Under) bool { return u.Mark != mark }) {
		return nil
	}
	return list
}
