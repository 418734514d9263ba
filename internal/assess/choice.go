package assess

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/internal/spelling"
	"github.com/bartizan-dev/bartizan/policy"
)

// choice is what --policy, --initiative and --standard name.
type choice struct {
	any             bool // something is chosen, so that nothing else is judged
	recommendations map[string]bool
	standards       map[string]bool
	definitions     map[*policy.Definition]bool
	initiatives     []*policy.Initiative
	told            toldStandards
	warnings        []string // of names that several have
}

// UnknownNames says which of the options' policies and initiatives stand for
// nothing, all at once; nil if all are known.
func UnknownNames(o *Options) error {
	_, err := newChoice(o)
	return err
}

func newChoice(o *Options) (*choice, error) {
	c := &choice{
		any:             len(o.Policies)+len(o.Initiatives) > 0,
		recommendations: map[string]bool{}, standards: map[string]bool{}, definitions: map[*policy.Definition]bool{},
	}
	if !c.any && !o.namesStandards() {
		return c, nil
	}
	standards, err := standardsOf(o.BuiltIn)
	if err != nil {
		return nil, err
	}
	var unknown []error
	for _, name := range o.Policies {
		if !c.choosePolicy(o, name) {
			unknown = append(unknown, fmt.Errorf("--policy %q: neither a recommendation nor a policy of --catalog%s", name, meantRule(o, name)))
		}
	}
	for _, name := range o.Initiatives {
		if !c.chooseInitiative(o, standards, name) {
			unknown = append(unknown, fmt.Errorf("--initiative %q: neither a standard (%s) nor an initiative of --catalog%s", name, catalog.StandardIDs(standards), meantStandard(o, standards, name)))
		}
	}
	for _, s := range c.initiatives {
		if err := c.chooseTwins(o, s); err != nil {
			return nil, err
		}
	}
	unknown = append(unknown, c.tell(o, standards)...)
	return c, errors.Join(unknown...)
}

// MeantName is the end of a message about a name that is neither a rule's nor a
// control's: the nearest one as a question, "" if none is near.
func MeantName(o *Options, name string) string {
	return cmp.Or(meantControl(o, name), meantRule(o, name))
}

// meantControl is MeantName for STANDARD:CONTROL. Of a standard that there is only
// its own controls are near.
func meantControl(o *Options, name string) string {
	standard, control, ok := strings.Cut(name, ":")
	standards, err := standardsOf(o.BuiltIn)
	if !ok || err != nil {
		return ""
	}
	var all []string
	for _, s := range slices.Concat(standards, o.OwnStandards) {
		var own []string
		for _, n := range s.Nodes {
			own = append(own, n.ID)
			all = append(all, s.ID+":"+n.ID)
		}
		if !strings.EqualFold(s.ID, standard) {
			continue
		}
		if near := spelling.Nearest(control, own); near != "" {
			return fmt.Sprintf("; did you mean %q?", s.ID+":"+near)
		}
		return ""
	}
	return spelling.Meant(name, all)
}

// meantRule is MeantName for rules: the nearest id of a recommendation or name of
// a policy.
func meantRule(o *Options, name string) string {
	return spelling.Meant(name, append(recommendationIDs(o.BuiltIn), policyNames(o.Library)...))
}

func recommendationIDs(c *catalog.Catalog) (ids []string) {
	if c == nil {
		return nil
	}
	for _, e := range c.Entries() {
		ids = append(ids, e.ID)
	}
	return ids
}

func policyNames(l *policy.Library) (names []string) {
	if l == nil {
		return nil
	}
	for _, d := range l.Definitions {
		names = append(names, d.Name)
	}
	return names
}

func meantStandard(o *Options, standards []*catalog.Standard, name string) string {
	var names []string
	for _, s := range standards {
		names = append(names, s.ID)
	}
	if o.Library != nil {
		for _, s := range o.Library.Initiatives {
			names = append(names, s.Name)
		}
	}
	return spelling.Meant(name, names)
}

// wants reports whether a definition is to be judged as a member of an
// initiative, nil for none.
func (c *choice) wants(d *policy.Definition, s *policy.Initiative) bool {
	return !c.any || c.definitions[d] || s != nil && slices.Contains(c.initiatives, s)
}

func (c *choice) choosePolicy(o *Options, name string) bool {
	if e, ok := o.BuiltIn.Named(name); ok {
		c.recommendations[e.ID] = true
		return true
	}
	found := definitionsNamed(o.Library, name)
	var places []string
	for _, d := range found {
		c.definitions[d] = true
		places = append(places, fmt.Sprintf("%s (%s)", cmp.Or(d.ID, d.Name), placed(d.File, d.Pos)))
	}
	c.warnings = append(c.warnings, namesakes("--policy", name, places)...)
	return len(found) > 0
}

func (c *choice) chooseInitiative(o *Options, standards []*catalog.Standard, name string) bool {
	if s := catalog.StandardNamed(standards, name); s != nil {
		c.standards[s.ID] = true
		return true
	}
	found := initiativesNamed(o.Library, name)
	var places []string
	for _, s := range found {
		if !slices.Contains(c.initiatives, s) {
			c.initiatives = append(c.initiatives, s)
		}
		places = append(places, fmt.Sprintf("%s (%s)", cmp.Or(s.ID, s.Name), placeOf(s)))
	}
	c.warnings = append(c.warnings, namesakes("--initiative", name, places)...)
	return len(found) > 0
}

// definitionsNamed finds the definition with an id, or else all with a name, or else
// all with a title.
func definitionsNamed(l *policy.Library, name string) (found []*policy.Definition) {
	if l == nil {
		return nil
	}
	return l.DefinitionsNamed(name)
}

// initiativesNamed finds initiatives as [definitionsNamed] finds definitions.
func initiativesNamed(l *policy.Library, name string) (found []*policy.Initiative) {
	if l == nil {
		return nil
	}
	return l.InitiativesNamed(name)
}

// namesakes warns of a flag's value that is the name of several.
func namesakes(flag, name string, places []string) []string {
	if len(places) < 2 {
		return nil
	}
	return []string{fmt.Sprintf("%s %q stands for %d: %s; all are judged, an id is one of them", flag, name, len(places), strings.Join(places, ", "))}
}

// isAny reports whether a name is one of those that a thing has.
func isAny(name string, names ...string) bool {
	return slices.ContainsFunc(names, func(n string) bool { return n != "" && strings.EqualFold(n, name) })
}

func standardsOf(c *catalog.Catalog) ([]*catalog.Standard, error) {
	if c == nil {
		return nil, nil
	}
	return c.Standards()
}
