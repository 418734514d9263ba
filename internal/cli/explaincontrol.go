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
	"github.com/bartizan-dev/bartizan/internal/report"
	"github.com/bartizan-dev/bartizan/policy"
)

// control is a control of a standard or initiative, as STANDARD:CONTROL names it.
type control struct {
	name, title string // of the standard
	standard    *catalog.Standard
	node        catalog.Covered
	below       string // the id of a control below a group
}

func (c *control) id() string { return c.name + ":" + c.node.ID }

// controlNamed finds the control of a built-in standard, one of the user's own,
// or an initiative; nil if the name is none of one.
func controlNamed(o *assess.Options, name string) (*control, error) {
	standards, err := o.BuiltIn.Standards()
	if err != nil {
		return nil, err
	}
	for _, s := range slices.Concat(standards, o.OwnStandards) {
		if !begins(name, s.ID) {
			continue
		}
		nodes, err := o.BuiltIn.Coverage(s, o.Library)
		if found := nodeNamed(control{name: s.ID, title: s.Title, standard: s}, nodes, name); found != nil || err != nil {
			return found, err
		}
	}
	if o.Library == nil {
		return nil, nil
	}
	for _, s := range o.Library.Initiatives {
		if !begins(name, s.Name) {
			continue
		}
		nodes, err := o.BuiltIn.InitiativeCoverage(s, o.Library)
		if found := nodeNamed(control{name: s.Name, title: s.DisplayName}, nodes, name); found != nil || err != nil {
			return found, err
		}
	}
	return nil, nil
}

// begins reports whether a name is one of a standard's controls, by its begin.
func begins(name, standard string) bool {
	return len(name) > len(standard) && name[len(standard)] == ':' && strings.EqualFold(name[:len(standard)], standard)
}

// nodeNamed completes a control by the node that a name means, nil for none.
func nodeNamed(c control, nodes []catalog.Covered, name string) *control {
	for _, n := range nodes {
		if !strings.EqualFold(c.name+":"+n.ID, name) {
			continue
		}
		c.node = n
		plain := make([]catalog.Node, len(nodes))
		for i := range nodes {
			plain[i] = nodes[i].Node
		}
		c.below = catalog.FirstBelow(plain, n.ID)
		return &c
	}
	return nil
}

// judgedBy says what judges a control that no person attests.
func (c *control) judgedBy(l *policy.Library) error {
	ids := slices.Clone(c.node.Recommendations)
	for _, name := range c.node.Policies {
		if l != nil && slices.ContainsFunc(l.Definitions, func(d *policy.Definition) bool {
			return strings.EqualFold(d.Name, name) || strings.EqualFold(d.ID, name) || strings.EqualFold(d.DisplayName, name)
		}) {
			ids = append(ids, name)
		}
	}
	switch {
	case len(ids) > 0:
		return fmt.Errorf("explain: %s is judged by rules; explain one of them:\n%s", c.id(), strings.Join(ids, "\n"))
	case c.below != "":
		return fmt.Errorf("explain: %s is a group of controls; explain one of them, such as %s:%s", c.id(), c.name, c.below)
	}
	return fmt.Errorf("explain: %s is not covered: nothing gives evidence for it, and it takes no attestation", c.id())
}

// explainControl finds the check that a manual control has in a unit.
func (a *app) explainControl(ctx context.Context, o assess.Options, unit string, c *control) (*report.ExplainedControl, error) {
	if !c.node.Manual {
		return nil, c.judgedBy(o.Library)
	}
	defer a.progress(&o)()
	// Compliance with this standard alone is told, and of a built-in one nothing
	// else is judged.
	o.Policies, o.Initiatives, o.Standards, o.OwnInitiatives = nil, nil, nil, nil
	if own := slices.Contains(o.OwnStandards, c.standard); !own {
		o.Initiatives, o.OwnStandards = []string{c.name}, nil
	}
	checks, err := checksOf(ctx, o, func(check *posture.Check) bool { return check.Rule == c.id() })
	if err != nil {
		return nil, err
	}
	var units []string
	for _, check := range checks {
		if posture.Fold(check.Unit) == posture.Fold(unit) {
			return &report.ExplainedControl{Standard: c.name, StandardTitle: c.title, ID: c.node.ID, Title: c.node.Title, Check: check}, nil
		}
		units = append(units, check.Unit)
	}
	text := fmt.Sprintf("explain %s: no unit %q in the input", c.id(), unit)
	if len(units) == 0 {
		return nil, errors.New(text + "; the standard is about none that is there")
	}
	return nil, errors.New(text + "; want the id of one: " + strings.Join(units[:min(10, len(units))], ", "))
}
