package score

// sums are a unit's points over its effective controls, in hundredths.
type sums struct{ current, max int64 }

// sum adds up the controls of one unit.
func (m *Model) sum(tallies []tally) sums {
	var s sums
	for c, t := range tallies {
		if t.healthy+t.unhealthy > 0 {
			s.current += current(m.maxima[c], t)
			s.max += m.maxima[c]
		}
	}
	return s
}

// current is a control's current score in hundredths of points, rounded half
// to even.
func current(max int64, t tally) int64 {
	scored := t.healthy + t.unhealthy
	if scored == 0 {
		return 0
	}
	return divide(max*t.healthy, scored)
}

// ratio is current ÷ max in ten-thousandths, rounded half to even.
func (s sums) ratio() int64 { return divide(s.current*10_000, s.max) }

// divide rounds a ÷ b to the nearest whole number, a half to the even one.
// Neither is negative and b is not 0.
func divide(a, b int64) int64 {
	quotient, rest := a/b, a%b
	if twice := 2 * rest; twice > b || twice == b && quotient%2 == 1 {
		quotient++
	}
	return quotient
}

// aggregate is the weighted mean over units: Σ(ratio × weight) and Σ weight.
type aggregate struct {
	weighted, weight int64
	units            int
}

// add takes one unit in. Units without weight or without an effective control
// with points are left out.
func (a *aggregate) add(s sums, weight int64) {
	if counts(s, weight) {
		a.weighted += s.ratio() * weight
		a.weight += weight
		a.units++
	}
}

// remove takes one unit out that was added with the same values.
func (a *aggregate) remove(s sums, weight int64) {
	if counts(s, weight) {
		a.weighted -= s.ratio() * weight
		a.weight -= weight
		a.units--
	}
}

func counts(s sums, weight int64) bool { return s.max > 0 && weight > 0 }

// percent is the mean in percent, 0 without any unit.
func (a aggregate) percent() float64 {
	if a.weight == 0 {
		return 0
	}
	return float64(a.weighted) / float64(a.weight) / 100
}

// Score gives the score as things are.
func (m *Model) Score() Score {
	s := Score{
		Percent:  m.total.printed(),
		HasScore: m.total.units > 0,
	}
	for i := range m.units {
		u := m.unitScore(&m.units[i])
		if u.HasScore && m.total.units == 1 {
			s.Percent, s.Current, s.Max = u.Percent, u.Current, u.Max
		}
		s.Units = append(s.Units, u)
	}
	return s
}

func (m *Model) unitScore(u *unit) Unit {
	out := Unit{
		Scope:    u.scope,
		HasScore: counts(u.sums, u.weight),
		Current:  points(u.sums.current),
		Max:      points(u.sums.max),
		Weight:   int(u.weight),
		Controls: make([]ControlScore, len(m.controls)),
	}
	if out.HasScore {
		out.Percent = points(u.sums.ratio())
	}
	for c, t := range u.tally {
		out.Controls[c] = m.controlScore(c, t)
	}
	return out
}

func (m *Model) controlScore(c int, t tally) ControlScore {
	out := ControlScore{
		ID:        m.controls[c].ID,
		Name:      m.controls[c].Name,
		Healthy:   int(t.healthy),
		Unhealthy: int(t.unhealthy),
		Unknown:   int(t.unknown),
		Weight:    int(t.healthy + t.unhealthy),
	}
	if out.Weight == 0 {
		return out
	}
	out.Max = m.controls[c].Max
	now := current(m.maxima[c], t)
	out.Current = points(now)
	if m.maxima[c] > 0 {
		out.Percentage = float64(divide(now*10_000, m.maxima[c])) / 10_000
	}
	return out
}

// points turns hundredths into the nearest float64, which prints with two
// decimals at most.
func points(hundredths int64) float64 { return float64(hundredths) / 100 }

// Count is how many resources of one control a unit has.
type Count struct{ Healthy, Unhealthy, Unknown int }

// OfCounts gives a unit's score from the counts of its controls, by id, and its
// weight: what a [Unit] was computed from, counted earlier.
func OfCounts(controls []Control, scope string, of map[string]Count, weight int) Unit {
	m := New(controls, nil, nil)
	u := unit{scope: scope, weight: int64(weight), tally: make([]tally, len(controls))}
	for i, c := range controls {
		n := of[c.ID]
		u.tally[i] = tally{healthy: int64(n.Healthy), unhealthy: int64(n.Unhealthy), unknown: int64(n.Unknown)}
	}
	u.sums = m.sum(u.tally)
	return m.unitScore(&u)
}
