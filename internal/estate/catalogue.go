package estate

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/bartizan-dev/bartizan/internal/index"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/internal/score"
)

// catalogueID is the id of the document that keeps which catalogue judged.
const catalogueID = "built-in"

// catalogueRule is what is kept of a recommendation that judged.
type catalogueRule struct {
	ID       string `json:"id"`
	Rule     string `json:"rule"` // hash of what judges, in hexadecimal
	Severity string `json:"severity"`
	Control  string `json:"control,omitempty"`
	Scored   bool   `json:"scored,omitempty"`
}

// catalogue is what is kept of a catalogue that judged: what of it makes verdicts
// and scores what they are.
type catalogue struct {
	Rules    []catalogueRule   `json:"rules"` // by id
	Controls []cataloguePoints `json:"controls"`
}

// cataloguePoints is a control of the secure score.
type cataloguePoints struct {
	ID   string  `json:"id"`
	Name string  `json:"name"`
	Max  float64 `json:"max"`
}

// catalogueOf is what is kept of a catalogue.
func catalogueOf(content index.Content, texts map[string]ledger.Hash) *catalogue {
	c := &catalogue{}
	for _, r := range content.Rules {
		hash := texts[r.ID]
		c.Rules = append(c.Rules, catalogueRule{r.ID, hex.EncodeToString(hash[:]), r.Severity.String(), r.Control, r.Scored})
	}
	for _, p := range content.Controls {
		c.Controls = append(c.Controls, cataloguePoints{p.ID, p.Name, p.Max})
	}
	slices.SortFunc(c.Rules, func(a, b catalogueRule) int { return compareText(a.ID, b.ID) })
	return c
}

// keptCatalogue reads the catalogue among documents, nil for none.
func keptCatalogue(documents []ledger.DocumentVersion) (*catalogue, error) {
	at := slices.IndexFunc(documents, func(d ledger.DocumentVersion) bool { return d.Kind == ledger.Catalogue })
	if at < 0 {
		return nil, nil
	}
	c := &catalogue{}
	if err := json.Unmarshal(documents[at].Text, c); err != nil {
		return nil, fmt.Errorf("reading which catalogue judged: %w", err)
	}
	return c, nil
}

func (c *catalogue) equal(o *catalogue) bool {
	return c != nil && o != nil && slices.Equal(c.Rules, o.Rules) && slices.Equal(c.Controls, o.Controls)
}

// content is what a posture index has to know of it.
func (c *catalogue) content() (content index.Content) {
	for _, r := range c.Rules {
		severity, err := posture.ParseSeverity(r.Severity)
		if err != nil {
			severity = posture.NotRated
		}
		content.Rules = append(content.Rules, index.Rule{ID: r.ID, Severity: severity, Control: r.Control, Scored: r.Scored})
	}
	for _, p := range c.Controls {
		content.Controls = append(content.Controls, score.Control{ID: p.ID, Name: p.Name, Max: p.Max})
	}
	return content
}

func (c *catalogue) find(id string) *catalogueRule {
	at, ok := slices.BinarySearchFunc(c.Rules, id, func(r catalogueRule, id string) int { return compareText(r.ID, id) })
	if !ok {
		return nil
	}
	return &c.Rules[at]
}

// differences lists the rules that judge otherwise than by another catalogue, and
// those that count otherwise in the score, by id; a rule may be both.
func (c *catalogue) differences(from *catalogue) (judge, count []string) {
	for _, r := range from.Rules {
		if c.find(r.ID) == nil {
			judge = append(judge, r.ID)
		}
	}
	for _, r := range c.Rules {
		before := from.find(r.ID)
		if before == nil || before.Rule != r.Rule {
			judge = append(judge, r.ID)
		}
		if before != nil && (before.Control != r.Control || before.Scored != r.Scored) {
			count = append(count, r.ID)
		}
	}
	slices.Sort(judge)
	return judge, count
}

func (c *catalogue) document() (ledger.DocumentVersion, error) {
	text, err := json.Marshal(c)
	return ledger.DocumentVersion{Kind: ledger.Catalogue, ID: catalogueID, Text: text}, err
}
