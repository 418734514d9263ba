package index

import (
	"cmp"
	"slices"
	"sort"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

// UnitCheck is a check on a unit as a whole, which none of its resources has: that of
// a control that waits for a person. It has the control in the place of a rule, and of
// a control of the score; nobody rates it.
type UnitCheck struct {
	Control, Unit string // ids
	Verdict       Verdict
}

// UnitType is the type of what a UnitCheck is on.
const UnitType = "unit"

// UnitName is the name of a unit, by its id.
func UnitName(unit string) string { return unit[strings.LastIndexByte(unit, '/')+1:] }

// unitChecks finds the rows of those that a filter leaves.
func (x *Index) unitChecks(f *Filter) (rows []Row) {
	if len(f.UnitChecks) == 0 || f.Resource != 0 || !f.AllowsUnits() {
		return nil
	}
	in := x.unitsIn(f.Scopes)
	text, chosen := strings.ToLower(f.Text), folded(f.Units, posture.Fold)
	for i := range f.UnitChecks {
		c := &f.UnitChecks[i]
		switch {
		case in != nil && !in[posture.Fold(c.Unit)], !f.Clouds.allows(posture.CloudOfUnit(c.Unit)), !chosen.allows(posture.Fold(c.Unit)),
			text != "" && !containsFolded(c.Unit, text),
			!f.Checks.Rules.allows(c.Control), !f.Checks.Also.allows(c.Control),
			!f.Checks.Controls.allows(c.Control), !f.Checks.States.allows(c.Verdict.State):
			continue
		}
		rows = append(rows, Row{Unit: c.Unit, Rule: c.Control, Verdict: c.Verdict})
	}
	return rows
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

// comparing orders places of a list of checks.
func comparing(r *rules, by []Order) func(a, b *Place) int {
	keys, backwards := Expand(true, by)
	return func(a, b *Place) int {
		for i := range min(len(keys), len(a.Keys), len(b.Keys)) { // a place that somebody remembers may have less
			at := a.Keys[i].compare(b.Keys[i])
			if keys[i].Desc {
				at = -at
			}
			if at != 0 {
				return at
			}
		}
		name := cmp.Or(compareFolded(a.Name, b.Name), cmp.Compare(a.Resource, b.Resource), compare(a.Unit, b.Unit))
		if backwards {
			name = -name
		}
		return cmp.Or(name, compareRanked(r, a.Rule, b.Rule))
	}
}

// placed is a row with its place.
type placed struct {
	Row
	at Place
}

// mix puts the first of the checks on units behind a place among rows of resources.
func (s *Selection) mix(rows []Row, by []Order, after *Place, limit int) []Row {
	compare := comparing(s.index.rules, by)
	order := func(a, b placed) int { return compare(&a.at, &b.at) }
	var all []placed
	for _, row := range rows {
		all = append(all, placed{row, s.PlaceOf(by, row)})
	}
	for i := range s.units {
		p := placed{s.units[i], placeOfUnit(by, &s.units[i])}
		if after != nil && compare(&p.at, after) <= 0 {
			continue
		}
		at, _ := slices.BinarySearchFunc(all, p, order)
		if at < limit {
			all = slices.Insert(all[:min(len(all), limit-1)], at, p)
		}
	}
	rows = rows[:0]
	for i := range all {
		rows = append(rows, all[i].Row)
	}
	return rows
}

// skipMixed is Skip with checks on units among those of resources, of which there are
// so many.
func (s *Selection) skipMixed(by []Order, rows, ofResources int) *Place {
	units := make([]Place, len(s.units))
	for i := range s.units {
		units[i] = placeOfUnit(by, &s.units[i])
	}
	compare := comparing(s.index.rules, by)
	order := func(a, b Place) int { return compare(&a, &b) }
	slices.SortFunc(units, order)
	before := func(p *Place) int {
		at, _ := slices.BinarySearchFunc(units, *p, order)
		return at
	}
	// How many of the rows are of resources: the last of them is none too far.
	least, most := max(0, rows-len(units)), min(rows, ofResources)
	of := least + sort.Search(most-least, func(i int) bool {
		n := least + i + 1
		return n+before(s.skip(true, by, n)) > rows
	})
	if last := s.skip(true, by, of); last != nil && of+before(last) == rows {
		return last
	}
	return &units[rows-of-1]
}

// addUnits counts the checks on units.
func (t *Tally) addUnits(rows []Row) {
	for i := range rows {
		v := &rows[i].Verdict
		t.All[v.State]++
		if v.Mark == Attested {
			t.Attested++
		}
		if v.Mark == Mitigated && v.State == posture.Exempt {
			t.MitigatedUnits++
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
		row := &s.units[i]
		switch facet {
		case CloudFacet:
			counts[posture.CloudOfUnit(row.Unit).String()]++
		case TypeFacet:
			counts[UnitType]++
		case UnitFacet:
			counts[row.Unit]++
		case LocationFacet, OwnerFacet:
			counts[""]++ // it has none
		case StateFacet:
			counts[row.Verdict.State.String()]++
		case SeverityFacet:
			counts[posture.NotRated.String()]++
		case ControlFacet, RuleFacet:
			counts[row.Rule]++
		}
	}
	return sorted(counts)
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
func (s *Selection) UnitRows() []Row { return s.units }
