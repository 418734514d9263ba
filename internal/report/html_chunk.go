package report

import (
	"encoding/base64"
	"encoding/json"
	"io"

	"github.com/klauspost/compress/flate"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

// The checks lie in the page in pieces, each a JSON object of columns that is
// deflated and written in base64. A piece has its own table of texts, so that
// the writer holds one piece and never the estate; the script joins the tables
// again. Deflate takes out what the columns repeat.
//
// Base64 has no character that means anything to HTML, whatever an estate's
// names hold.

// A piece is closed after so many checks, or so many bytes of text: what a
// browser unpacks without a noticeable stop.
const (
	chunkChecks = 8192
	chunkText   = 1 << 20
)

// chunk is one piece. Numbers stand for texts by their place in Text, whose
// first is "".
type chunk struct {
	Text []string `json:"text"`
	// Rules that the index does not list: number, id, severity.
	Rules []int `json:"rules"`
	// Resources: id, name, type, location, unit, scope, tags, cloud, and what
	// tells it from all others, which mostly is the id.
	Resources []int `json:"resources"`
	// Evidence: the pieces of one check, each path, found, wanted, resource.
	// Found 0 is a property that is not there, resource 0 the check's own.
	Evidence [][]int `json:"evidence"`
	// Extras: category, end and reason of an exemption, how many references there
	// are, assignment, member, exemption (0, 1 or 2) and message of each, then the names
	// of the controls in which the check is exempt.
	Extras [][]int `json:"extras"`
	// The columns, each as long as there are checks. Resource, Evidence and
	// Extra count from 1 in the lists above, 0 is none.
	Rule     []int `json:"rule"`
	Resource []int `json:"resource"`
	Verdict  []int `json:"verdict"` // state, judged, reason, marks: three bits each
	Detail   []int `json:"detail"`
	Proof    []int `json:"proof"`
	Extra    []int `json:"extra"`
}

// Marks of a verdict.
const (
	markAttested = 1 << iota
	markConflict
)

// chunkWriter fills pieces and writes each when it is full.
type chunkWriter struct {
	*markup
	rules     *ruleIndex
	chunk     chunk
	bytes     int
	texts     map[string]int
	resources map[string]int
	evidence  map[string]int
	deflate   *flate.Writer
}

// checks writes all checks, and says how many there were.
func (d *document) checks() error {
	if d.err != nil {
		return d.err
	}
	deflate, err := flate.NewWriter(io.Discard, flate.DefaultCompression)
	if err != nil {
		return err
	}
	w := &chunkWriter{markup: d.markup, rules: d.rules, deflate: deflate}
	w.clear()
	if d.run.Checks != nil {
		for check, err := range d.run.Checks {
			if err != nil {
				return err
			}
			if err := w.add(check); err != nil {
				return err
			}
		}
	}
	return w.flush()
}

func (w *chunkWriter) clear() {
	w.chunk = chunk{Text: []string{""}, Rules: []int{}, Resources: []int{}, Evidence: [][]int{}, Extras: [][]int{}}
	w.bytes = 0
	w.texts, w.resources, w.evidence = map[string]int{"": 0}, map[string]int{}, map[string]int{}
}

func (w *chunkWriter) add(c *posture.Check) error {
	k := &w.chunk
	rule, fresh := w.rules.of(c)
	if fresh {
		k.Rules = append(k.Rules, rule, w.text(c.Rule), int(c.Severity))
	}
	marks := 0
	if c.Attested {
		marks |= markAttested
	}
	if c.Conflict {
		marks |= markConflict
	}
	proof, err := w.proof(c.Evidence)
	if err != nil {
		return err
	}
	k.Rule = append(k.Rule, rule)
	k.Resource = append(k.Resource, w.resource(c))
	k.Verdict = append(k.Verdict, int(c.State)|int(c.Judged)<<3|int(c.Reason)<<6|marks<<9)
	k.Detail = append(k.Detail, w.text(c.Detail))
	k.Proof = append(k.Proof, proof)
	k.Extra = append(k.Extra, w.extra(c))
	if len(k.Rule) == chunkChecks || w.bytes > chunkText {
		return w.flush()
	}
	return nil
}

// text numbers a text. What would turn the direction of writing, or is no
// character at all, is taken out here, once for all.
func (w *chunkWriter) text(text string) int {
	if n, ok := w.texts[text]; ok {
		return n
	}
	n := len(w.chunk.Text)
	w.texts[text] = n
	w.chunk.Text = append(w.chunk.Text, Harmless(text))
	w.bytes += len(text)
	return n
}

func (w *chunkWriter) resource(c *posture.Check) int {
	called := c.Qualified()
	if n, ok := w.resources[called]; ok {
		return n
	}
	const stride = 9
	w.chunk.Resources = append(w.chunk.Resources, w.text(c.Resource), w.text(c.Name), w.text(c.Type), w.text(c.Location),
		w.text(c.Unit), w.text(c.Scope), w.text(pairs(c.Tags)), int(c.Cloud), w.text(called))
	n := len(w.chunk.Resources) / stride
	w.resources[called] = n
	return n
}

func (w *chunkWriter) proof(evidence []posture.Evidence) (int, error) {
	if len(evidence) == 0 {
		return 0, nil
	}
	numbers := make([]int, 0, 4*len(evidence))
	for _, e := range evidence {
		found := 0
		if !e.Absent {
			text, err := appendValue(nil, e.Found)
			if err != nil {
				return 0, err
			}
			found = w.text(string(text))
		}
		numbers = append(numbers, w.text(e.Path), found, w.text(e.Wanted), w.text(e.Resource))
	}
	key, err := json.Marshal(numbers)
	if err != nil {
		return 0, err
	}
	n, ok := w.evidence[string(key)]
	if !ok {
		w.chunk.Evidence = append(w.chunk.Evidence, numbers)
		n = len(w.chunk.Evidence)
		w.evidence[string(key)] = n
	}
	return n, nil
}

func (w *chunkWriter) extra(c *posture.Check) int {
	if c.Exempt == nil && len(c.References) == 0 {
		return 0
	}
	numbers := []int{0, 0, 0, len(c.References)}
	if c.Exempt != nil {
		numbers[0] = w.text(c.Exempt.Category)
		numbers[2] = w.text(c.Exempt.Reason)
		if !c.Exempt.ExpiresOn.IsZero() {
			numbers[1] = w.text(c.Exempt.ExpiresOn.UTC().Format("2006-01-02 15:04 UTC"))
		}
	}
	for _, r := range c.References {
		message := 0
		if c.Judged == posture.Unhealthy {
			message = w.text(r.Message)
		}
		numbers = append(numbers, w.text(r.Assignment), w.text(r.Member), exemptNumber(&r), message)
	}
	for _, r := range c.References {
		for _, name := range r.ExemptIn {
			numbers = append(numbers, w.text(name))
		}
	}
	w.chunk.Extras = append(w.chunk.Extras, numbers)
	return len(w.chunk.Extras)
}

// exemptNumber is 0 for what is not exempt, 2 for what is mitigated.
func exemptNumber(r *posture.Reference) int {
	switch {
	case !r.Exempt:
		return 0
	case r.Category == "mitigated":
		return 2
	}
	return 1
}

// flush writes the piece and begins the next.
func (w *chunkWriter) flush() error {
	if len(w.chunk.Rule) == 0 {
		return nil
	}
	w.raw(`<script type="application/x-bartizan-checks">`)
	encoder := base64.NewEncoder(base64.StdEncoding, w.markup)
	w.deflate.Reset(encoder)
	if err := json.NewEncoder(w.deflate).Encode(&w.chunk); err != nil {
		return err
	}
	if err := w.deflate.Close(); err != nil {
		return err
	}
	if err := encoder.Close(); err != nil {
		return err
	}
	w.raw("</script>\n")
	w.clear()
	return nil
}
