package assess

import (
	"iter"

	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/internal/compliance"
	"github.com/bartizan-dev/bartizan/internal/inventory"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/internal/score"
)

// Result is everything that one assessment says, summed up. The single checks
// are streamed by Checks, because they need not fit into memory.
type Result struct {
	Score           score.Score
	Slice           bool // the filter takes resources out of their units: Score is theirs, without points
	Coverage        Coverage
	Recommendations []RuleResult // built-in first; worst first: severity, then unhealthy, then id
	// ControlsUnhealthy counts the checks of manual controls that people say are
	// unhealthy. They belong to no recommendation, and nobody rates them.
	ControlsUnhealthy int
	Compliance        []compliance.Result
	Fixes             []Fix   // worth most, best first, at most five
	Together          float64 // percentage points of all Fixes jointly
	NotEvaluated      []NotEvaluated
	Resources         map[posture.State]int // the six add up to Total
	Total             int
	Selected          int      // resources that the filter admits: Total
	Empty             []string // scopes of the filter without a resource
	Duplicates        int      // records left out because another one of the same id counts
	Units             int
	Seen              []inventory.Seen
	Problems          []inventory.Problem // those of the input, then notices
	Warnings          []string            // of rules, filters, exemptions: deprecated forms, older pins, what holds for nothing …
	Scopes            []posture.Scope     // the tree, from the data and the hierarchy, by id
	ByUnit            []UnitResult        // where Options.ByUnit asks for it, by the units' ids
}

// Coverage says which share of the checks got an answer. A record of the input
// that could not be read is one check more that is unknown (error), and so is a
// resource that could not be read, by its reason.
type Coverage struct {
	Judged, Unknown int                    // checks: healthy + unhealthy, unknown with Rejected and Unseen
	Rejected        int                    // of Unknown: records and places of the input that could not be read
	Percent         float64                // 0..100; 100, saying nothing, when Judged + Unknown is 0
	Unseen          map[posture.Reason]int // of Unknown: resources that read records name and no input has, one check each
	Reasons         map[posture.Reason]int // checks; Rejected among those of posture.Failed, and Unseen
	Manual, Exempt  int                    // checks, outside coverage
	Mitigated       int                    // of Exempt
	// NotRead lists, by type and scope, what read records say was not read, or not all
	// of it, of types that rules judge or look for: up to a hundred of NotReadTotal. How
	// many checks that would be nobody knows, so they are in none of the numbers above.
	NotRead      []FailedRead
	NotReadTotal int
	NotJudged    int // of NotReadTotal: of types that rules judge
}

// Floor is Percent if of each type that rules judge one check more were unknown in
// each scope where it was not read, which is the least that may be missing.
func (c Coverage) Floor() float64 {
	if c.NotJudged == 0 {
		return c.Percent
	}
	return 100 * float64(c.Judged) / float64(c.Judged+c.Unknown+c.NotJudged)
}

// UnseenCount is how many resources could not be read at all.
func (c Coverage) UnseenCount() int {
	n := 0
	for _, count := range c.Unseen {
		n += count
	}
	return n
}

// RuleResult counts the checks of one recommendation or policy.
type RuleResult struct {
	ID             string
	Title          string
	Recommendation *catalog.Recommendation // nil for an imported policy
	Cloud          posture.Cloud
	Severity       posture.Severity
	Control        string // name of the secure-score control, "" if none
	ParametersHash string

	Healthy, Unhealthy, Unknown, Manual, Exempt, NotApplicable int // checks
	Mitigated                                                  int // of Exempt
	Reasons                                                    map[posture.Reason]int
	Gain                                                       float64 // percentage points
	// NotRead are types that the rule judges, folded, or "" for every type, of which
	// not all was read where it does.
	NotRead []string
}

// Count gives the number of checks that ended in a state.
func (r *RuleResult) Count(state posture.State) int {
	return *r.count(state)
}

// Fix is one recommendation with what mending it is worth.
type Fix struct {
	Rule      *RuleResult
	Gain      float64 // percentage points
	Points    float64 // of one unit only
	Resources int
}

// NotEvaluated names a policy that makes no checks, and what it lacks.
type NotEvaluated struct{ Policy, Title, Why string }

// Checks yields every check in input order, all states but notApplicable by
// type. An error ends the sequence.
type Checks = iter.Seq2[*posture.Check, error]
