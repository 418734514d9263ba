package index

import (
	"cmp"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

// UnitChecks are checks on some units as wholes, which none of their resources has:
// each of the units has each of the checks.
type UnitChecks struct {
	Units  []string // ids
	Checks []UnitCheck
}

// UnitCheck is that of a control that waits for a person. It has the control in the
// place of a rule, and of a control of the score; nobody rates it.
type UnitCheck struct {
	Control string // id
	Verdict Verdict
}

// UnitType is the type of what a UnitCheck is on.
const UnitType = "unit"

// UnitName is the name of a unit, by its id.
func UnitName(unit string) string { return unit[strings.LastIndexByte(unit, '/')+1:] }

// block is what a filter leaves of some checks on units.
type block struct {
	units  []wholeUnit // by name
	checks []UnitCheck // by control, as ByRule
}

// wholeUnit is a unit that has checks as a whole.
type wholeUnit struct{ id, name string }

func (b *block) rows() int { return len(b.units) * len(b.checks) }

// unitChecks finds those that a filter leaves.
func (x *Index) unitChecks(f *Filter) (all []block) {
	if len(f.UnitChecks) == 0 || f.Resource != 0 || !f.AllowsUnits() {
		return nil
	}
	units, checks := x.unitsLeft(f), checksLeft(&f.Checks)
	for i := range f.UnitChecks {
		b := block{units: units(f.UnitChecks[i].Units), checks: checks(f.UnitChecks[i].Checks)}
		if b.rows() > 0 {
			all = append(all, b)
		}
	}
	return all
}

// unitsLeft gives what finds those of some units that a filter leaves.
func (x *Index) unitsLeft(f *Filter) func(ids []string) []wholeUnit {
	in, text, chosen := x.unitsIn(f.Scopes), strings.ToLower(f.Text), folded(f.Units, x.tree.projectOf)
	if in == nil && text == "" && len(f.Clouds.Values)+len(chosen.Values) == 0 {
		return func(ids []string) []wholeUnit {
			all := make([]wholeUnit, len(ids))
			for i, id := range ids {
				all[i] = wholeUnit{id, UnitName(id)}
			}
			return byNames(all)
		}
	}
	return func(ids []string) (left []wholeUnit) {
		for _, id := range ids {
			fold := posture.Fold(id)
			if (in == nil || in[fold]) && f.Clouds.allows(posture.CloudOfUnit(id)) && chosen.allows(fold) && (text == "" || containsFolded(id, text)) {
				left = append(left, wholeUnit{id, UnitName(id)})
			}
		}
		return byNames(left)
	}
}

func byNames(units []wholeUnit) []wholeUnit {
	slices.SortFunc(units, wholeUnit.compare)
	return units
}

func (u wholeUnit) compare(other wholeUnit) int {
	return cmp.Or(compareFolded(u.name, other.name), compare(u.id, other.id))
}

// checksLeft gives what finds those of some checks that a filter leaves.
func checksLeft(f *CheckFilter) func([]UnitCheck) []UnitCheck {
	rules, also := f.Rules.asked(), f.Also.asked()
	return func(all []UnitCheck) (left []UnitCheck) {
		for _, c := range all {
			if rules(c.Control) && also(c.Control) && f.Controls.allows(c.Control) && f.States.allows(c.Verdict.State) {
				left = append(left, c)
			}
		}
		slices.SortFunc(left, func(a, b UnitCheck) int { return Key{Text: a.Control}.compare(Key{Text: b.Control}) })
		return left
	}
}

// AllowsUnits reports whether a filter may leave checks on units as a whole, by what
// is the same of all of them.
func (f *Filter) AllowsUnits() bool {
	return folded(f.Types, strings.ToLower).allows(UnitType) && f.Locations.allows("") && f.Owners.allows("") && f.States.allows(0) && meets(nil, f.Tags) &&
		f.Checks.Severities.allows(posture.NotRated) && f.Checks.Reasons.allows(posture.NoReason)
}

// folded is a choice whose values are folded.
func folded(c Choice[string], fold func(string) string) Choice[string] {
	all := Choice[string]{Not: c.Not}
	for _, v := range c.Values {
		all.Values = append(all.Values, fold(v))
	}
	return all
}

// unitsIn gives the units that some scopes have as a whole, folded; nil for all.
func (x *Index) unitsIn(scopes []string) map[string]bool {
	if len(scopes) == 0 {
		return nil
	}
	in := map[string]bool{}
	for _, scope := range scopes {
		units, _ := x.within(scope)
		for _, n := range units {
			in[posture.Fold(x.units.texts[n])] = true
		}
	}
	return in
}

// placeOfUnit is where a check on a unit stands.
func placeOfUnit(by []Order, row *Row) Place {
	p := Place{Name: UnitName(row.Unit), Unit: row.Unit, Rule: row.Rule}
	keys, _ := Expand(true, by)
	for _, o := range keys {
		p.Keys = append(p.Keys, keyOfUnit(o.By, row))
	}
	return p
}

// keyOfUnit is where a check on a unit stands in a column.
func keyOfUnit(by Column, row *Row) Key {
	switch by {
	case ByState:
		return Key{Rank: rankOfState(row.Verdict.State)}
	case ByType:
		return Key{Text: UnitType}
	case ByUnit:
		return Key{Text: row.Unit}
	case ByCloud:
		return Key{Text: posture.CloudOfUnit(row.Unit).String()}
	case BySeverity:
		return Key{Rank: rankOfSeverity(posture.NotRated)}
	case ByRule:
		return Key{Text: row.Rule}
	}
	return Key{} // it has no location
}

// addUnits counts the checks on units.
func (t *Tally) addUnits(all []block) {
	for i := range all {
		units := len(all[i].units)
		for _, c := range all[i].checks {
			t.All[c.Verdict.State] += units
			if c.Verdict.Mark == Attested {
				t.Attested += units
			}
			if c.Verdict.Mark == Mitigated && c.Verdict.State == posture.Exempt {
				t.MitigatedUnits += units
			}
		}
	}
}

// withUnits adds the checks on units to what a facet counted.
func (s *Selection) withUnits(facet Facet, values []FacetValue) []FacetValue {
	if len(s.units) == 0 {
		return values
	}
	counts := make(map[string]int, len(values))
	for _, v := range values {
		counts[v.Value] = v.Count
	}
	for i := range s.units {
		s.units[i].count(facet, counts)
	}
	return sorted(counts)
}

// count counts the rows by the values of a facet.
func (b *block) count(facet Facet, counts map[string]int) {
	switch facet {
	case CloudFacet, UnitFacet:
		for _, u := range b.units {
			value := u.id
			if facet == CloudFacet {
				value = posture.CloudOfUnit(u.id).String()
			}
			counts[value] += len(b.checks)
		}
	case StateFacet, ControlFacet, RuleFacet:
		for _, c := range b.checks {
			value := c.Control
			if facet == StateFacet {
				value = c.Verdict.State.String()
			}
			counts[value] += len(b.units)
		}
	case TypeFacet:
		counts[UnitType] += b.rows()
	case LocationFacet, OwnerFacet:
		counts[""] += b.rows() // it has none
	case SeverityFacet:
		counts[posture.NotRated.String()] += b.rows()
	}
}

// wholeUnits tells of which units a filter has more than resources: the unit itself,
// at or below what is visible and what is asked for. A resource group has no unit,
// whatever of it stands there.
func (x *Index) wholeUnits(f *Filter) func(unit uint32) bool {
	var visible map[string]bool
	if f.Visible != nil {
		visible = x.unitsIn(f.Visible)
	}
	asked := x.unitsIn(f.Scopes)
	if f.Visible == nil && asked == nil {
		return func(uint32) bool { return true }
	}
	return func(unit uint32) bool {
		id := posture.Fold(x.units.texts[unit])
		return (f.Visible == nil || visible[id]) && (asked == nil || asked[id])
	}
}

// WholeUnitsOf lists the units of some clouds that the selection has, not only
// resources in them, and of which it has a resource.
func (s *Selection) WholeUnitsOf(clouds []posture.Cloud) (units []string) {
	x, whole := s.index, s.whole()
	for n, members := range x.sets.units {
		if n > 0 && members != nil && whole(uint32(n)) && s.common(members) > 0 && slices.Contains(clouds, posture.CloudOfUnit(x.units.texts[n])) {
			units = append(units, x.units.texts[n])
		}
	}
	return units
}

// UnitRows are the checks on units as a whole that the selection has.
func (s *Selection) UnitRows() (rows []Row) {
	for i := range s.units {
		b := &s.units[i]
		for _, unit := range b.units {
			for _, c := range b.checks {
				rows = append(rows, Row{Unit: unit.id, Rule: c.Control, Verdict: c.Verdict})
			}
		}
	}
	return rows
}
