package baseline

import (
	"cmp"
	"iter"
	"slices"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

// Comparison says what became of the unhealthy checks of a baseline, and which
// unhealthy ones it does not have. All numbers are checks; those but New add up
// to the unhealthy checks of the baseline.
type Comparison struct {
	File string // the baseline's name
	// New is unhealthy now and was not: there was no such check, or it was
	// anything else, unknown too.
	New           int
	NewBySeverity [posture.Critical + 1]int // by posture.Severity

	StillThere    int // unhealthy both times
	Fixed         int // healthy now
	BecameUnknown int // has no answer now
	BecameExempt  int // somebody accepted it
	// NoLongerJudged says nothing of the resource: the rule, or this set of
	// parameters, is not judged now, does not apply any more or waits for an
	// attestation; or only a part of the estate was asked for.
	NoLongerJudged int
	Gone           int // the rule is judged, but the resource is not in the input

	// Worst are the most severe new ones, in the order of the checks, at most
	// as many as asked for.
	Worst []Finding
}

// Finding names a new unhealthy check.
type Finding struct {
	Rule           string
	Recommendation bool
	ParametersHash string
	Resource       string
	Qualified      string // what tells the resource from all others; "" where its id does
	Severity       posture.Severity
}

// Called is what tells the resource from all others.
func (f *Finding) Called() string { return cmp.Or(f.Qualified, f.Resource) }

// Scope says what the checks that are compared cover.
type Scope struct {
	// Judged are the rules that were judged, with or without checks.
	Judged []Rule
	// Part says that only some resources were asked for, so that one that is
	// missing need not be gone.
	Part bool
	// Worst is how many new checks to name.
	Worst int
}

// Compare ranges over all checks of the assessment once.
func (b *Baseline) Compare(checks iter.Seq2[*posture.Check, error], scope Scope) (*Comparison, error) {
	c := &Comparison{File: b.name}
	met := make(map[uint64]struct{}, len(b.checks))
	for check, err := range checks {
		if err != nil {
			return nil, err
		}
		key := keyOf(ruleOf(check.Rule, check.ParametersHash), check.Recommendation, check.Identity())
		if _, was := b.checks[key]; was {
			if _, twice := met[key]; !twice {
				met[key] = struct{}{}
				*c.count(check.State)++
			}
		} else if check.State == posture.Unhealthy {
			c.add(check, scope.Worst)
		}
	}
	judged := make([]bool, len(b.rules))
	for _, r := range scope.Judged {
		if at, ok := b.at[ruleOf(r.ID, r.ParametersHash)]; ok {
			judged[at] = true
		}
	}
	for key, rule := range b.checks {
		if _, ok := met[key]; ok {
			continue
		}
		if judged[rule] && !scope.Part {
			c.Gone++
		} else {
			c.NoLongerJudged++
		}
	}
	return c, nil
}

// count gives the number that a check of the baseline counts in by its state
// now.
func (c *Comparison) count(state posture.State) *int {
	switch state {
	case posture.Unhealthy:
		return &c.StillThere
	case posture.Healthy:
		return &c.Fixed
	case posture.Unknown:
		return &c.BecameUnknown
	case posture.Exempt:
		return &c.BecameExempt
	}
	return &c.NoLongerJudged
}

// add counts a new one, and names it if it is among the most severe.
func (c *Comparison) add(check *posture.Check, most int) {
	c.New++
	c.NewBySeverity[check.Severity]++
	if len(c.Worst) == most && (most == 0 || c.Worst[most-1].Severity >= check.Severity) {
		return
	}
	f := Finding{check.Rule, check.Recommendation, check.ParametersHash, check.Resource, check.Qualified(), check.Severity}
	if f.Qualified == f.Resource {
		f.Qualified = ""
	}
	at, _ := slices.BinarySearchFunc(c.Worst, f, func(has, new Finding) int {
		if has.Severity == new.Severity {
			return -1 // behind those that came before
		}
		return cmp.Compare(new.Severity, has.Severity)
	})
	c.Worst = slices.Insert(c.Worst, at, f)
	c.Worst = c.Worst[:min(len(c.Worst), most)]
}

// NewFrom gives the number of new checks of a severity or a higher one.
func (c *Comparison) NewFrom(severity posture.Severity) int {
	n := 0
	for _, count := range c.NewBySeverity[severity:] {
		n += count
	}
	return n
}
