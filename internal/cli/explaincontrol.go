package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// control is a control of a standard, as STANDARD:CONTROL names it.
type control struct {
	standard *catalog.Standard
	node     catalog.Node
}

func (c *control) id() string { return c.standard.ID + ":" + c.node.ID }

// controlNamed finds the control of a built-in standard or one of the user's
// own, nil if the name is none of one.
func controlNamed(all *catalog.Catalog, own []*catalog.Standard, name string) (*control, error) {
	standards, err := all.Standards()
	if err != nil {
		return nil, err
	}
	for _, s := range slices.Concat(standards, own) {
		for _, n := range s.Nodes {
			if c := (control{s, n}); strings.EqualFold(c.id(), name) {
				return &c, nil
			}
		}
	}
	return nil, nil
}

// judgedBy says what judges a control that no person attests.
func (c *control) judgedBy(all *catalog.Catalog) error {
	recommendations, err := all.Recommendations()
	if err != nil {
		return err
	}
	var ids []string
	for _, r := range recommendations {
		if slices.ContainsFunc(r.Standards, func(ref catalog.StandardRef) bool {
			return ref.Standard == c.standard.ID && ref.Control == c.node.ID
		}) {
			ids = append(ids, r.ID)
		}
	}
	for _, name := range c.node.Recommendations {
		if e, ok := all.Named(name); ok {
			ids = append(ids, e.ID)
		}
	}
	if ids = append(ids, c.node.Policies...); len(ids) == 0 {
		return fmt.Errorf("explain: %s is not covered: no recommendation gives evidence for it, and it takes no attestation", c.id())
	}
	return fmt.Errorf("explain: %s is judged by rules; explain one of them:\n%s", c.id(), strings.Join(ids, "\n"))
}

// explainedControl is what there is to say of a manual control in a unit.
type explainedControl struct {
	control
	check posture.Check
}

// explainControl finds the check that a manual control has in a unit.
func (a *app) explainControl(ctx context.Context, o assess.Options, unit string, c *control) (*explainedControl, error) {
	if !c.node.Manual {
		return nil, c.judgedBy(o.BuiltIn)
	}
	defer a.progress(&o)()
	// Compliance with this standard alone is told, and of a built-in one nothing
	// else is judged.
	o.Policies, o.Initiatives, o.Standards, o.OwnInitiatives = nil, nil, nil, nil
	if own := slices.Contains(o.OwnStandards, c.standard); !own {
		o.Initiatives, o.OwnStandards = []string{c.standard.ID}, nil
	}
	checks, err := checksOf(ctx, o, func(check *posture.Check) bool { return check.Rule == c.id() })
	if err != nil {
		return nil, err
	}
	var units []string
	for _, check := range checks {
		if posture.Fold(check.Unit) == posture.Fold(unit) {
			return &explainedControl{*c, check}, nil
		}
		units = append(units, check.Unit)
	}
	text := fmt.Sprintf("explain %s: no unit %q in the input", c.id(), unit)
	if len(units) == 0 {
		return nil, errors.New(text + "; the standard is about none that is there")
	}
	return nil, errors.New(text + "; want the id of one: " + strings.Join(units[:min(10, len(units))], ", "))
}

// Text says in a paragraph what a manual control is and what it waits for.
func (e *explainedControl) Text() string {
	var b strings.Builder
	writeState(&b, &e.check, false)
	fmt.Fprintf(&b, "\n%s\n  %s\non %s\n\n", e.id(), e.node.Title, e.check.Unit)
	fmt.Fprintf(&b, `%s is a control of %s that no configuration
shows: somebody has to look, and to say what they found. Each unit has one check
of it, which `, e.id(), e.standard.Title)
	if e.check.Attested {
		b.WriteString("is as the newest attestation for the unit says.\n")
		return b.String()
	}
	fmt.Fprintf(&b, `needs an attestation and is manual until there is one. Give one in
a file for --attestations, with the state healthy or unhealthy:

  %s
`, e.attestation())
	return b.String()
}

// attestation is an example of one for this check.
func (e *explainedControl) attestation() string {
	return fmt.Sprintf(`{"control": %q, "scope": %q, "state": "healthy", "reason": "who looked, at what, when"}`, e.id(), e.check.Unit)
}

// MarshalJSON writes one object, with the state's keys as for other rules.
func (e *explainedControl) MarshalJSON() ([]byte, error) {
	return joinObjects(stateObjectOf(&e.check), struct {
		Control     string `json:"control"`
		Title       string `json:"title"`
		Standard    string `json:"standard"`
		Resource    string `json:"resource"`
		Type        string `json:"type"`
		Detail      string `json:"detail,omitempty"`
		Attestation string `json:"attestation"` // an example of one that would judge it
	}{e.id(), e.node.Title, e.standard.ID, e.check.Resource, e.check.Type, e.check.Detail, e.attestation()})
}
