package posture

import (
	"slices"
	"time"
)

// Check is one recommendation, or one policy with one set of parameters, on
// one resource: the unit that reports list and scores count.
type Check struct {
	// Rule is the recommendation's or policy's id; Recommendation tells which.
	Rule           string
	Recommendation bool
	// ParametersHash tells apart checks of one policy with different parameters.
	ParametersHash string

	Resource string // id as the cloud writes it
	Type     string
	Name     string
	Location string
	Tags     map[string]string
	Cloud    Cloud
	Unit     string // scope id of the subscription, account, project or group of machines
	Scope    string // the narrowest scope: the resource group, else the unit

	State  State
	Judged State // the state beneath an exemption, otherwise equal to State
	Reason Reason
	// Detail says in words why the check is unknown, or what the judgement
	// rests on beyond Evidence. It never holds a secret.
	Detail   string
	Attested bool
	// Conflict says that another policy that is unhealthy on the resource would
	// write another value where this one does; the evidence names it.
	Conflict bool
	Exempt   *ExemptMark
	Severity Severity

	References []Reference
	Evidence   []Evidence
}

// ExemptMark says why a check is exempt.
type ExemptMark struct {
	Category  string // "waiver" or "mitigated"
	ExpiresOn time.Time
	Reason    string // in words of those who exempted it, "" without any
}

// Reference is one way in which a check came to be: a member of an assigned
// initiative, or an assigned definition (Member is "" then). Checks of the
// built-in catalogue have one only for a standard (Assignment) in a control
// (Member) of which they are exempt, without being so as such.
type Reference struct {
	Assignment string
	Member     string
	Exempt     bool
	Category   string // of the exemption, "waiver" or "mitigated"
	Message    string // what the assignment says of what is unhealthy, "" for nothing
	// ExemptIn are the controls, as STANDARD:CONTROL, in which the check is exempt
	// under this reference, be it in some of its controls or in all.
	ExemptIn []string
}

// Identity is that of the check's resource.
func (c *Check) Identity() Identity { return IdentityOf(c.Resource, c.Type, c.Unit, c.Location) }

// Region is the location where it tells the check's resource from others, "" where
// it does not.
func (c *Check) Region() string {
	i := within(c.Resource, c.Type, c.Unit, c.Location)
	if i.Region == "" && i.Type != "" && partitionOf(c.Location) != partitionOf("") {
		return c.Location // names are unique in a partition
	}
	return i.Region
}

// Qualified is the text by which people tell the check's resource from all others.
func (c *Check) Qualified() string { return Qualified(c.Resource, c.Type, c.Unit, c.Location) }

// Messages are what assignments say of the check, each once; none unless it was
// judged unhealthy.
func (c *Check) Messages() []string {
	var all []string
	for _, r := range c.References {
		if c.Judged == Unhealthy && r.Message != "" && !slices.Contains(all, r.Message) {
			all = append(all, r.Message)
		}
	}
	return all
}

// Evidence is one value that a check was judged on.
type Evidence struct {
	Path   string // where it stands in the resource, such as properties.minimumTlsVersion
	Found  any    // JSON value: nil, bool, float64, string, []any, map[string]any
	Absent bool   // the property is not there: Found is nil
	Wanted string // in words and values: "equals true"
	// Resource is the id of the related resource that Path is in, "" for the
	// check's own.
	Resource string
}
