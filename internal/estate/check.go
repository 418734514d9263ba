package estate

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/internal/govern"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/spelling"
	"github.com/bartizan-dev/bartizan/policy"
)

// checking looks at a policy document that is to be kept among others.
type checking struct {
	judges   *Judges
	policies *govern.Policies // those that are kept
	policy   *govern.Policy
	covers   func(scope, id string) bool
	wrong    govern.Problems
}

// Check says what is wrong with a policy document beside others, as
// [govern.Problems], and adds to its warnings what its author should look at. What
// it refers to has to be kept where it is kept itself or above, or be the
// catalogue's.
func (j *Judges) Check(among *govern.Policies, p *govern.Policy, covers func(scope, id string) bool) error {
	c := &checking{judges: j, policies: among, policy: p, covers: covers}
	for other := range among.All(p.Kind) {
		if other.ID != p.ID && strings.EqualFold(other.ID, p.ID) {
			return govern.Problems{{Path: "id", Want: "another document has this id in other case; give this one another name"}}
		}
	}
	switch {
	case p.Initiative != nil:
		c.initiative(p.Initiative)
	case p.Assignment != nil:
		c.assignment(p.Assignment)
	case p.Standard != nil:
		if err := c.standard(p.Standard); err != nil {
			return err
		}
	case p.Aliases != nil:
		c.aliases(p.Aliases.Table())
	}
	if len(c.wrong) > 0 {
		return c.wrong
	}
	c.lint()
	return nil
}

func (c *checking) report(at policy.Position, format string, args ...any) {
	c.wrong = append(c.wrong, govern.Problem{Pos: c.policy.In(at), Want: fmt.Sprintf(format, args...)})
}

func (c *checking) warn(at policy.Position, format string, args ...any) {
	c.policy.Warnings = append(c.policy.Warnings, policy.Problem{Pos: c.policy.In(at), Warning: true, Text: fmt.Sprintf(format, args...)})
}

// find gives a document that may be referred to.
func (c *checking) find(kind ledger.DocumentKind, id string) (*govern.Policy, bool) {
	p, ok := c.policies.Find(kind, id)
	if !ok || !c.covers(p.Scope, c.policy.Scope) {
		return nil, false
	}
	return p, true
}

// builtInPlace is where Microsoft's own definitions are.
const builtInPlace = "/providers/microsoft.authorization/policydefinitions/"

// twin gives the recommendation that checks what a definition of Microsoft's does,
// nil for none.
func (c *checking) twin(id string) *catalog.Recommendation {
	name, ok := strings.CutPrefix(strings.ToLower(id), builtInPlace)
	if !ok {
		return nil
	}
	return c.judges.twins[name]
}

// meant names what was probably meant by an id.
func (c *checking) meant(id string, kinds ...ledger.DocumentKind) string {
	var ids []string
	for _, kind := range kinds {
		for _, p := range c.policies.Of(kind) {
			if c.covers(p.Scope, c.policy.Scope) {
				ids = append(ids, p.ID)
			}
		}
	}
	return spelling.Meant(id, ids)
}

func (c *checking) initiative(s *policy.Initiative) {
	for _, m := range s.Members {
		if _, ok := c.find(ledger.Definition, m.DefinitionID); ok || c.twin(m.DefinitionID) != nil {
			continue
		}
		c.report(s.Pos, "member %q: there is no definition %q at %s or above%s", m.ReferenceID, m.DefinitionID, c.policy.Scope, c.meant(m.DefinitionID, ledger.Definition))
	}
}

func (c *checking) assignment(a *policy.Assignment) {
	for _, scope := range a.NotScopes {
		if !c.covers(a.Scope, scope) {
			c.warn(a.Pos, "notScopes: %s is not within %s, so that it excludes nothing", scope, a.Scope)
		}
	}
	var declared []policy.Parameter
	d, alone := c.find(ledger.Definition, a.DefinitionID)
	s, several := c.find(ledger.Initiative, a.DefinitionID)
	switch twin := c.twin(a.DefinitionID); {
	case alone:
		declared = d.Definition.Parameters
	case several:
		declared = s.Initiative.Parameters
	case twin != nil:
		c.warn(a.Pos, "recommendation %s, which checks the same, is judged everywhere", twin.ID)
		return
	case c.standardNamed(a.DefinitionID):
		return
	default:
		c.report(a.Pos, "there is no definition, initiative or standard %q at %s or above%s", a.DefinitionID, a.Scope, c.meant(a.DefinitionID, ledger.Definition, ledger.Initiative, ledger.Standard))
		return
	}
	_, problems := policy.CheckParameters(declared, a.Parameters)
	for _, p := range problems {
		if !p.Warning {
			p.File, p.Pos = "", policy.Position{}
			c.report(a.Pos, "%s", p.Error())
		}
	}
}

// aliases warns of what other tables say otherwise.
func (c *checking) aliases(table *policy.Aliases) {
	if n, first := contradicted(table, c.judges.tables.own); n > 0 {
		c.warn(policy.Position{}, "the built-in table says otherwise of %d aliases, such as %s, and counts", n, first)
	}
	for _, other := range c.policies.Of(ledger.AliasTable) {
		if other.ID == c.policy.ID {
			continue
		}
		n, first := contradicted(table, other.Aliases.Table())
		if n == 0 {
			continue
		}
		counts := "this table"
		if other.ID > c.policy.ID {
			counts = "that table"
		}
		c.warn(policy.Position{}, "table %s says otherwise of %d aliases, such as %s; %s counts, as its name comes later", other.Name, n, first, counts)
	}
}

// contradicted counts the aliases of which another table says something else, and
// gives the first of them by name. One that tells no versions of a path apart is not
// asked about them.
func contradicted(table, other *policy.Aliases) (n int, first string) {
	for e := range table.All() {
		of, found, _ := other.Lookup(e.Name, e.Type)
		if !found || of.Path == e.Path && (of.Versions == nil || e.Versions == nil || maps.Equal(of.Versions, e.Versions)) {
			continue
		}
		if n++; first == "" || e.Name < first {
			first = e.Name
		}
	}
	return n, first
}

// standardNamed reports whether there is a standard, built in or kept.
func (c *checking) standardNamed(id string) bool {
	if _, ok := c.find(ledger.Standard, id); ok {
		return true
	}
	all, err := c.judges.catalog.Standards()
	return err == nil && catalog.StandardNamed(all, id) != nil
}

func (c *checking) standard(s *catalog.Standard) error {
	all, err := c.judges.catalog.Standards()
	if err != nil {
		return err
	}
	if catalog.StandardNamed(all, s.ID) != nil {
		c.report(policy.Position{Line: 1, Column: 1}, "a built-in standard is called %s; give it another name", s.ID)
	}
	var ids []string
	for _, e := range c.judges.catalog.Entries() {
		ids = append(ids, e.ID)
	}
	for _, n := range s.Nodes {
		at := placeOfNode(n.Place)
		for _, name := range n.Recommendations {
			e, ok := c.judges.catalog.Named(name)
			switch {
			case !ok:
				c.report(at, "control %q: there is no recommendation %q%s", n.ID, name, spelling.Meant(name, ids))
			case !slices.Contains(s.Clouds, e.Cloud):
				c.report(at, "control %q: recommendation %q is about %s, which is none of the standard's clouds", n.ID, name, e.Cloud)
			}
		}
		for _, name := range n.Policies {
			if _, ok := c.find(ledger.Definition, name); !ok {
				c.report(at, "control %q: there is no definition %q at %s or above%s", n.ID, name, c.policy.Scope, c.meant(name, ledger.Definition))
			}
		}
	}
	return nil
}

// placeOfNode reads FILE:LINE.
func placeOfNode(place string) policy.Position {
	line := 1
	if at := strings.LastIndexByte(place, ':'); at >= 0 {
		_, _ = fmt.Sscan(place[at+1:], &line)
	}
	return policy.Position{Line: line, Column: 1}
}

// lint adds what the linter says of the document to its warnings.
func (c *checking) lint() {
	var ds []*policy.Definition
	var ss []*policy.Initiative
	p := c.policy
	add := func(id string) {
		if d, ok := c.policies.Find(ledger.Definition, id); ok {
			ds = append(ds, d.Definition)
		}
	}
	members := func(s *policy.Initiative) {
		ss = append(ss, s)
		for i := range s.Members {
			add(s.Members[i].DefinitionID)
		}
	}
	switch {
	case p.Definition != nil:
		ds = append(ds, p.Definition)
	case p.Initiative != nil:
		members(p.Initiative)
	case p.Assignment != nil:
		add(p.Assignment.DefinitionID)
		if s, ok := c.policies.Find(ledger.Initiative, p.Assignment.DefinitionID); ok {
			members(s.Initiative)
		}
	}
	if len(ds)+len(ss) == 0 {
		return
	}
	library := policy.LibraryOf(ds, ss)
	if p.Assignment != nil {
		library.Assignments = []*policy.Assignment{p.Assignment}
	}
	library.Aliases = c.judges.tables.of(c.policies).all
	for _, found := range policy.Lint(library) {
		of := p.ID == found.File && !(p.Initiative != nil && strings.Contains(found.Text, ": no definition ")) // a twin checks it
		if of {
			found.File, found.Pos = "", p.In(found.Pos)
			p.Warnings = append(p.Warnings, found)
		}
	}
}
