package assess

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/policy"
)

// choice is what --policy and --initiative name.
type choice struct {
	any             bool // something is chosen, so that nothing else is judged
	recommendations map[string]bool
	standards       map[string]bool
	definitions     map[*policy.Definition]bool
	initiatives     []*policy.Initiative
}

func newChoice(o *Options) (*choice, error) {
	c := &choice{
		any:             len(o.Policies)+len(o.Initiatives) > 0,
		recommendations: map[string]bool{}, standards: map[string]bool{}, definitions: map[*policy.Definition]bool{},
	}
	var unknown []string
	for _, name := range o.Policies {
		if !c.choosePolicy(o, name) {
			unknown = append(unknown, fmt.Sprintf("policy %q: neither a recommendation nor a policy of --catalog", name))
		}
	}
	for _, name := range o.Initiatives {
		if !c.chooseInitiative(o, name) {
			unknown = append(unknown, fmt.Sprintf("initiative %q: neither a standard nor an initiative of --catalog", name))
		}
	}
	if len(unknown) > 0 {
		return nil, fmt.Errorf("%s", strings.Join(unknown, "\n"))
	}
	return c, nil
}

// wants reports whether a definition is to be judged as a member of an
// initiative, nil for none.
func (c *choice) wants(d *policy.Definition, s *policy.Initiative) bool {
	return !c.any || c.definitions[d] || s != nil && slices.Contains(c.initiatives, s)
}

func (c *choice) choosePolicy(o *Options, name string) bool {
	if o.BuiltIn != nil {
		for _, e := range o.BuiltIn.Entries() {
			if strings.EqualFold(e.ID, name) || strings.EqualFold(e.Title, name) {
				c.recommendations[e.ID] = true
				return true
			}
		}
	}
	if o.Library == nil {
		return false
	}
	if d, ok := o.Library.Definition(name); ok {
		c.definitions[d] = true
		return true
	}
	found := false
	for _, d := range o.Library.Definitions {
		if strings.EqualFold(d.DisplayName, name) || strings.EqualFold(d.Name, name) {
			c.definitions[d] = true
			found = true
		}
	}
	return found
}

func (c *choice) chooseInitiative(o *Options, name string) bool {
	if o.BuiltIn != nil {
		standards, err := o.BuiltIn.Standards()
		if err == nil {
			for _, s := range standards {
				if strings.EqualFold(s.ID, name) || strings.EqualFold(s.Title, name) {
					c.standards[s.ID] = true
					return true
				}
			}
		}
	}
	if o.Library == nil {
		return false
	}
	if s, ok := o.Library.Initiative(name); ok {
		c.addInitiative(s)
		return true
	}
	found := false
	for _, s := range o.Library.Initiatives {
		if strings.EqualFold(s.DisplayName, name) || strings.EqualFold(s.Name, name) {
			c.addInitiative(s)
			found = true
		}
	}
	return found
}

func (c *choice) addInitiative(s *policy.Initiative) {
	if !slices.Contains(c.initiatives, s) {
		c.initiatives = append(c.initiatives, s)
	}
}
