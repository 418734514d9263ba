// Package reference writes the pages about the catalogue that people read:
// docs/recommendations/ and the part of docs/inventory.md about types that no
// provider's schema has. It is pure; a test writes the files and finds stale
// ones.
package reference

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// clouds are the clouds in the order of the pages, with their names.
var clouds = []struct {
	cloud posture.Cloud
	name  string
}{
	{posture.Azure, "Azure"}, {posture.AWS, "AWS"}, {posture.GCP, "Google Cloud"}, {posture.Machine, "Machines"},
}

// book is a catalogue, whole.
type book struct {
	all       []*catalog.Recommendation
	standards []*catalog.Standard
	catalog   *catalog.Catalog
}

// Pages gives the files of docs/recommendations by name: README.md, a page a
// service, and a page a standard. The catalogue has to be whole.
func Pages(c *catalog.Catalog) (map[string]string, error) {
	all, err := c.Recommendations()
	if err != nil {
		return nil, err
	}
	standards, err := c.Standards()
	if err != nil {
		return nil, err
	}
	b := &book{all, standards, c}
	pages := map[string]string{}
	for service, list := range b.services() {
		pages[service+".md"] = b.service(list)
	}
	for _, s := range standards {
		if pages["standard-"+s.ID+".md"], err = b.standard(s); err != nil {
			return nil, err
		}
	}
	pages["README.md"], err = b.index()
	return pages, err
}

// services groups recommendations by cloud and service; the key names the page.
func (b *book) services() map[string][]*catalog.Recommendation {
	found := map[string][]*catalog.Recommendation{}
	for _, r := range b.all {
		key := pageOf(r)
		found[key] = append(found[key], r)
	}
	return found
}

func pageOf(r *catalog.Recommendation) string { return r.Cloud.String() + "-" + r.Service }

// linkTo links to where a recommendation is described.
func linkTo(r *catalog.Recommendation, text string) string {
	return fmt.Sprintf("[%s](%s.md#%s)", escaped(text), pageOf(r), r.ID)
}

// worstFirst orders by severity, then title.
func worstFirst(list []*catalog.Recommendation) []*catalog.Recommendation {
	sorted := slices.Clone(list)
	slices.SortFunc(sorted, func(a, b *catalog.Recommendation) int {
		return cmp.Or(cmp.Compare(b.Severity, a.Severity), cmp.Compare(a.Title, b.Title))
	})
	return sorted
}

// escaped makes text harmless in a cell of a Markdown table.
func escaped(text string) string {
	return strings.NewReplacer("|", `\|`, "<", "&lt;", "\n", " ").Replace(text)
}

const generated = "<!-- Written by go generate ./internal/reference from the files under catalog/; do not edit. -->\n\n"
