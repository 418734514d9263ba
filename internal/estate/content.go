package estate

import (
	"encoding/hex"
	"fmt"
	"hash/fnv"

	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/internal/index"
	"github.com/bartizan-dev/bartizan/internal/score"
)

// Content is what a posture index has to know of a catalogue, and a text that
// tells catalogues apart by what matters there.
func Content(c *catalog.Catalog) (content index.Content, id string, err error) {
	for _, control := range c.Controls() {
		content.Controls = append(content.Controls, score.Control{ID: control.ID, Name: control.Name, Max: control.Max})
	}
	all, err := c.Recommendations()
	if err != nil {
		return content, "", err
	}
	for _, r := range all {
		content.Rules = append(content.Rules, index.Rule{ID: r.ID, Severity: r.Severity, Control: r.Control, Scored: r.Control != "" && !r.Preview})
	}
	h := fnv.New128a()
	fmt.Fprintf(h, "%+v", content)
	return content, hex.EncodeToString(h.Sum(nil)), nil
}
