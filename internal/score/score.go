// Package score computes the classic secure score: per control, per unit,
// overall, and what each recommendation would gain. It is pure arithmetic over
// states.
//
// [Compute] gives the score alone. [New] prepares a [Model], which answers the
// score and any number of "what if" questions: [Model.Gain] for one
// recommendation, [Model.Together] for several jointly. All sums are whole
// numbers (hundredths of points, ten-thousandths of a score), so results do
// not depend on the order of the input.
package score

import "github.com/bartizan-dev/bartizan/internal/posture"

// Control is a security control with its points.
type Control struct {
	ID, Name string
	Max      float64 // points, with at most two decimals
}

// Recommendation is what the score needs to know of one. Only scored ones
// (built in, with a control, not preview) are handed in.
type Recommendation struct {
	ID       string
	Controls []string // ids of controls; ids that were not handed in are ignored
	Severity posture.Severity
}

// Group is a number of resources of one unit whose scored checks are alike.
// Grouping is only economy: a group of Count n equals n groups of one.
type Group struct {
	Unit   string
	Count  int
	Checks []Check
}

// Check is one scored check of a group's resources.
type Check struct {
	Recommendation int // index into the recommendations handed in
	State          posture.State
}

// Score is the result over all units.
type Score struct {
	// Percent is 0..100. Of one unit it is the unit's own; of several the mean
	// weighted by checks, rounded to two decimals like the units' own.
	Percent      float64
	HasScore     bool    // false: no unit has an effective control with points
	Current, Max float64 // points; of one unit only, 0 otherwise
	Units        []Unit  // by scope id, also those without a score
}

// Unit is the score of one unit.
type Unit struct {
	Scope                 string
	HasScore              bool // false: no effective control with points; left out of the overall score
	Percent, Current, Max float64
	Weight                int            // healthy + unhealthy scored checks
	Controls              []ControlScore // in the order handed in; effective ones have Healthy+Unhealthy > 0
}

// ControlScore is one control in one unit. Without a healthy or unhealthy
// resource it is not effective: Max, Current and Weight are 0 then.
type ControlScore struct {
	ID, Name                    string
	Max, Current, Percentage    float64 // Percentage 0..1, 4 decimals
	Healthy, Unhealthy, Unknown int     // resources
	Weight                      int     // healthy + unhealthy resources
}

// Compute gives the score of groups. A check whose index is outside
// recommendations is ignored, as are groups with a Count below 1.
func Compute(controls []Control, recommendations []Recommendation, groups []Group) Score {
	return New(controls, recommendations, groups).Score()
}
