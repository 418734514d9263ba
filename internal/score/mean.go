package score

import "math"

// Standing is what one unit brings to the score of several.
type Standing struct {
	Ratio  int64 // its rounded score, in hundredths of a percent
	Weight int64 // 0: it is left out
}

// Turn is what became of one unit.
type Turn struct {
	Before, Now Standing
	// Effects are what causes did to the unit's own score, in hundredths of a
	// percent. Those of a unit that is in the mean before and after lead from the one
	// ratio to the other; of one that comes or goes they may be none.
	Effects []int64
}

// Step is what one effect, or the weight of one unit, did to a mean.
type Step struct {
	Turn   int     // index of the turn
	Effect int     // index of its effect; [ByWeight] for what the unit's weight did
	Exact  float64 // percentage points
	// Points are those of the mean as it is printed: the steps of one move add up to
	// the difference of the two printed scores, each at most a hundredth away from Exact.
	Points float64
}

// ByWeight is the effect of steps that come of weights: checks that count came or
// went, or the unit itself did.
const ByWeight = -1

// Mean is the score of several units, followed through changes.
type Mean struct{ total aggregate }

// Add takes in a unit.
func (m *Mean) Add(s Standing) { m.take(s, 1) }

func (m *Mean) take(s Standing, sign int64) {
	if s.Weight > 0 {
		m.total.weighted += sign * s.Ratio * s.Weight
		m.total.weight += sign * s.Weight
		m.total.units += int(sign)
	}
}

// Percent is the score as it is printed, and whether there is one.
func (m *Mean) Percent() (percent float64, has bool) {
	return m.total.printed(), m.total.units > 0
}

// Weight is that of all units together.
func (m *Mean) Weight() int { return int(m.total.weight) }

// printed is the mean in percent, rounded half to even to two decimals.
func (a aggregate) printed() float64 { return math.RoundToEven(a.percent()*100) / 100 }

// Move takes the mean from one state of some units to another. First the effects
// count, each by the share that its unit has in the weight before; then the weights
// do, each by how far its unit is from the mean that the effects led to. So no step
// depends on the order of units, and all that the weights of others do is in those
// of the units that changed.
func (m *Mean) Move(turns []Turn) []Step {
	before, weight := m.total, float64(m.total.weight)
	var steps []Step
	for i, t := range turns {
		if t.Before.Weight > 0 && t.Now.Weight > 0 {
			for e, effect := range t.Effects {
				steps = append(steps, Step{Turn: i, Effect: e, Exact: float64(effect*t.Before.Weight) / weight / 100})
			}
			m.total.weighted += (t.Now.Ratio - t.Before.Ratio) * t.Before.Weight
		}
	}
	middle := m.total.percent()
	for _, t := range turns {
		held := t.Before
		if t.Before.Weight > 0 && t.Now.Weight > 0 {
			held.Ratio = t.Now.Ratio
		}
		m.take(held, -1)
		m.take(t.Now, 1)
	}
	for i, t := range turns {
		steps = m.weigh(steps, i, t, before, middle)
	}
	settle(steps, before, m.total)
	return steps
}

// weigh adds what the weight of a unit did, after the mean has all of them.
func (m *Mean) weigh(steps []Step, turn int, t Turn, before aggregate, middle float64) []Step {
	ratio, change, over := t.Now.Ratio, t.Now.Weight-t.Before.Weight, float64(m.total.weight)
	if change == 0 {
		return steps
	}
	if t.Now.Weight == 0 {
		ratio = t.Before.Ratio
	}
	if m.total.weight == 0 { // all went
		over, middle = float64(before.weight), 0
	}
	// Where nothing else counts, before or after, the unit's own effects say it better.
	if (before.weight == 0 || m.total.weight == 0) && len(t.Effects) > 0 {
		for e, effect := range t.Effects {
			steps = append(steps, Step{Turn: turn, Effect: e, Exact: float64(effect*max(change, -change)) / over / 100})
		}
		return steps
	}
	far := float64(ratio)/100 - middle
	if far == 0 { // as it is of the only unit
		return steps
	}
	return append(steps, Step{Turn: turn, Effect: ByWeight, Exact: float64(change) * far / over})
}

// settle rounds steps from one score to another, so that they add up.
func settle(steps []Step, from, to aggregate) {
	exact, printed := from.percent(), from.printed()
	for i := range steps {
		exact += steps[i].Exact
		next := math.RoundToEven(exact*100) / 100
		if i == len(steps)-1 {
			next = to.printed()
		}
		steps[i].Points = math.RoundToEven((next-printed)*100) / 100
		printed = next
	}
}
