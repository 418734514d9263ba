package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/policy"
)

// unknownNames says which names of --policy and --initiative stand for nothing.
// They are the command line's fault, like wrong words of other flags.
func unknownNames(o *assess.Options) error {
	if len(o.Policies)+len(o.Initiatives) == 0 {
		return nil
	}
	standards, err := o.BuiltIn.Standards()
	if err != nil {
		return err
	}
	library := o.Library
	if library == nil {
		library = &policy.Library{}
	}
	var wrong problemList
	for _, name := range o.Policies {
		if !isRecommendation(o.BuiltIn, name) && !isDefinition(library, name) {
			wrong.add(fmt.Errorf("--policy %q: neither a recommendation nor a policy of --catalog", name))
		}
	}
	for _, name := range o.Initiatives {
		if !isStandard(standards, name) && !isInitiative(library, name) {
			wrong.add(fmt.Errorf("--initiative %q: neither a standard (%s) nor an initiative of --catalog", name, standardIDs(standards)))
		}
	}
	return wrong.err()
}

func isRecommendation(c *catalog.Catalog, name string) bool {
	_, found := recommendationNamed(c, name)
	return found
}

// recommendationNamed finds a recommendation by its id or title.
func recommendationNamed(c *catalog.Catalog, name string) (catalog.Entry, bool) {
	for _, e := range c.Entries() {
		if anyFold(name, e.ID, e.Title) {
			return e, true
		}
	}
	return catalog.Entry{}, false
}

func isDefinition(l *policy.Library, name string) bool {
	_, found := l.Definition(name)
	return found || slices.ContainsFunc(l.Definitions, func(d *policy.Definition) bool { return anyFold(name, d.Name, d.DisplayName) })
}

func isStandard(all []*catalog.Standard, name string) bool {
	return slices.ContainsFunc(all, func(s *catalog.Standard) bool { return anyFold(name, s.ID, s.Title) })
}

func isInitiative(l *policy.Library, name string) bool {
	_, found := l.Initiative(name)
	return found || slices.ContainsFunc(l.Initiatives, func(i *policy.Initiative) bool { return anyFold(name, i.Name, i.DisplayName) })
}

func anyFold(name string, names ...string) bool {
	return slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, name) })
}

func standardIDs(all []*catalog.Standard) string {
	ids := make([]string, len(all))
	for i, s := range all {
		ids[i] = s.ID
	}
	return strings.Join(ids, ", ")
}
