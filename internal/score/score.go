// Package score computes the classic secure score: per control, per unit,
// overall, and what each recommendation would gain. It is pure arithmetic over
// states; internal/score/testdata holds recorded vectors.
package score

import "github.com/bartizan-dev/bartizan/internal/posture"

// Control is a security control with its points.
type Control struct {
	ID, Name string
	Max      float64
}

// Recommendation is what the score needs to know of one. Only scored ones
// (built in, with a control, not preview) are handed in.
type Recommendation struct {
	ID       string
	Controls []string
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
	Percent      float64 // 0..100, weighted over the units
	HasScore     bool    // false: no unit has an effective control with points
	Current, Max float64 // points; of one unit only, 0 otherwise
	Units        []Unit  // by scope id
}

// Unit is the score of one unit.
type Unit struct {
	Scope                 string
	Percent, Current, Max float64
	Weight                int
	Controls              []ControlScore // in the order handed in; effective ones have Healthy+Unhealthy > 0
}

// ControlScore is one control in one unit.
type ControlScore struct {
	ID, Name                    string
	Max, Current, Percentage    float64 // Percentage 0..1, 4 decimals
	Healthy, Unhealthy, Unknown int     // resources
	Weight                      int     // healthy + unhealthy resources
}
