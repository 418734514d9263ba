package server

import (
	"context"
	"net/http"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/govern"
	"github.com/bartizan-dev/bartizan/internal/index"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// CheckRow is a check.
type CheckRow struct {
	RuleRef
	Resource ResourceRef `json:"resource"`
	Check
	References []CheckReference `json:"references,omitempty" doc:"of a policy: the ways in which it is assigned there"`
	InGroup
}

// RuleName names what judged: a recommendation, or a policy with its parameters.
type RuleName struct {
	Recommendation string `json:"recommendation,omitempty" doc:"id, or STANDARD:CONTROL of a control that waits for a person; of a policy there is none"`
	Policy         string `json:"policy,omitempty" doc:"id of the definition"`
	ParametersHash string `json:"parametersHash,omitempty" doc:"tells apart one policy with several sets of parameters; of a recommendation that of its defaults, which KQL does not tell"`
}

// RuleRef tells what judged.
type RuleRef struct {
	RuleName
	Title    string           `json:"title"`
	Severity posture.Severity `json:"severity"`
}

// nameOf gives the name of a rule by its id among those of an index.
func nameOf(rule string) RuleName {
	if at := strings.LastIndexByte(rule, '#'); at >= 0 {
		if _, _, ok := govern.SplitPolicyID(ledger.Definition, rule[:at]); ok {
			return RuleName{Policy: rule[:at], ParametersHash: rule[at+1:]}
		}
	}
	return RuleName{Recommendation: rule}
}

// rule is the id among those of an index.
func (n RuleName) rule() string {
	if n.Policy != "" {
		return index.PolicyRule(n.Policy, n.ParametersHash)
	}
	return n.Recommendation
}

// ruleRef names a rule, with the severity that it has in an index.
func (s *Server) ruleRef(x *index.Index, id string) RuleRef {
	rule, _ := x.Rule(id)
	ref := RuleRef{RuleName: nameOf(id), Title: id, Severity: rule.Severity}
	if ref.Policy == "" {
		if r := s.content[id]; r != nil {
			ref.Title, ref.ParametersHash = r.Title, s.hashes[id]
		}
		return ref
	}
	ref.Title = ref.Policy[strings.LastIndexByte(ref.Policy, '/')+1:]
	if p, ok := s.Estate.Policies().Find(ledger.Definition, ref.Policy); ok {
		ref.Title = p.Title()
	}
	return ref
}

// controlRef names a control that waits for a person.
func controlRef(control string) RuleRef {
	return RuleRef{RuleName: RuleName{Recommendation: control}, Title: control}
}

// Check is what one recommendation says of a resource.
type Check struct {
	State     posture.State  `json:"state"`
	Judged    posture.State  `json:"judged" doc:"beneath an exemption"`
	Reason    posture.Reason `json:"reason,omitempty" doc:"why it is unknown"`
	Attested  bool           `json:"attested,omitempty" doc:"judged is as a person says"`
	Mitigated bool           `json:"mitigated,omitempty" doc:"of an exempt check: not waived but mitigated"`
	Category  string         `json:"category,omitempty" doc:"of an exempt check: that of the exemption, waiver or mitigated"`
	// Exemption and Attestation are what lies over it.
	Exemption   *CheckExemption   `json:"exemption,omitempty" doc:"of an exempt check"`
	Attestation *CheckAttestation `json:"attestation,omitempty" doc:"of an attested check"`

	unders []index.Under // how it stands under references; nil for as it does as such
}

// ResourceRef names a resource.
type ResourceRef struct {
	ID    string        `json:"id"`
	Name  string        `json:"name"`
	Type  string        `json:"type"`
	Cloud posture.Cloud `json:"cloud"`
	Unit  string        `json:"unit" doc:"id of the subscription, account, project or group of machines"`
	Group string        `json:"group,omitempty" doc:"id of the resource group"`
	// With type and unit, region tells a resource from others of its id.
	Region   string `json:"region,omitempty" doc:"of AWS, where it tells a resource from others"`
	Location string `json:"location,omitempty"`
}

func refOf(r *index.Resource) ResourceRef {
	return ResourceRef{r.ID, r.Name, r.Type, r.Cloud, r.Unit, r.Group, r.Region, r.Facts.Location}
}

// unitRef names a unit as what the check of a control that waits for a person is on.
func unitRef(unit string) ResourceRef {
	return ResourceRef{ID: unit, Name: index.UnitName(unit), Type: index.UnitType, Cloud: posture.CloudOfUnit(unit), Unit: unit}
}

func checkOf(v index.Verdict) Check {
	c := Check{State: v.State, Judged: v.Judged, Reason: v.Reason, Attested: v.Mark == index.Attested}
	if v.State == posture.Exempt {
		c.Category, c.Mitigated = v.Mark.Category(), v.Mark == index.Mitigated
	}
	return c
}

type checksInput struct {
	Where
	ToldStandards
	Paging
	Grouping
}

type checksOutput = Listed[CheckRow]

var checkColumns = []index.Column{
	index.BySeverity, index.ByState, index.ByRule, index.ByName, index.ByType, index.ByUnit, index.ByLocation, index.ByCloud,
}

func (s *Server) registerChecks() {
	handle(s, route{method: http.MethodGet, path: "/api/v1/checks", id: "list-checks", summary: "List checks", need: seeing}, s.checks)
}

func (s *Server) checks(ctx context.Context, c *caller, in *checksInput) (*checksOutput, error) {
	out := &checksOutput{}
	return out, s.see(ctx, c, in.At, func(v *view) (err error) {
		out.Body, err = s.checksOf(ctx, v, in)
		return err
	})
}

func (s *Server) checksOf(ctx context.Context, v *view, in *checksInput) (List[CheckRow], error) {
	var p problems
	f := in.filter(v, &p)
	var err error
	if f.UnitChecks, err = in.unitChecks(ctx, s, v, in.Scope); err != nil {
		return List[CheckRow]{}, err
	}
	if err := s.narrow(ctx, v, &in.Where, &f, &p); err != nil {
		return List[CheckRow]{}, err
	}
	group, err := s.grouping(ctx, v, &in.Where, &in.Grouping, &f, &p)
	if err != nil {
		return List[CheckRow]{}, err
	}
	o := in.orders(&p, checkColumns, index.Order{By: index.BySeverity})
	facets := in.facets(&p, v, f, index.Checks)
	selected := v.x.Select(f)
	tally := selected.Tally()
	total := tally.All.Total()
	if group != nil {
		group.all = selected.Groups(index.Checks, &group.by)
	}
	rows, next := in.page(&p, group, f, selected, true, o, total)
	if err := p.err(); err != nil {
		return List[CheckRow]{}, err
	}
	list := List[CheckRow]{
		Rows: []CheckRow{}, Total: total, Unit: "checks", Facets: facets, Coverage: coverageOf(&tally), AsOf: v.asOf(),
		Cursor: next, Hidden: v.hidden, Query: checksQuery(&f, o),
	}
	if group != nil {
		list.Groups = s.groupRows(v, group, nil)
	}
	if len(in.Told) > 0 {
		list.Query = "" // a query has those of all standards
	}
	layers := s.layers(v)
	for _, row := range rows {
		check, err := layers.check(ctx, &row.Row)
		if err != nil {
			return list, err
		}
		if row.Unit != "" {
			list.Rows = append(list.Rows, CheckRow{RuleRef: controlRef(row.Rule), Resource: unitRef(row.Unit), Check: check, InGroup: row.in})
			continue
		}
		resource, _ := v.x.Resource(row.Resource)
		told := CheckRow{RuleRef: s.ruleRef(v.x, row.Rule), Resource: refOf(&resource), Check: check, InGroup: row.in}
		if told.Policy != "" {
			if told.References, err = s.referencesOf(ctx, v, row.Rule, &resource, &told.Check); err != nil {
				return list, err
			}
		}
		list.Rows = append(list.Rows, told)
	}
	return list, nil
}
