package policy

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Explanation tells in full how one rule came to its verdict on one resource.
type Explanation struct {
	Policy, Title  string
	Resource, Type string
	Effect         string // of the binding, whether or not it matched
	Verdict        Verdict
	Applies        *Trace // nil where nothing but the type decides
	Condition      *Trace // nil where the rule cannot be judged
	Related        *RelatedTrace
	Evidence       []Evidence
	Changes        *Changes // what modify or append would write
	// Inapplicable says why the rule has no results on resources of this type at
	// all, "" where it is the conditions that tell.
	Inapplicable string
}

// RelatedTrace tells what an existence check looked for and found.
type RelatedTrace struct {
	Query      Query
	Complete   bool
	Reason     string // why not complete
	Candidates []CandidateTrace
	Outcome    Outcome

	itself bool // it looks for the judged resource, and found it
}

// CandidateTrace is one related resource that was looked at.
type CandidateTrace struct {
	ID        string
	Unseen    string // why it could not be read at all; see [NewUnseen]
	Condition *Trace // nil where being there is enough

	open []Evidence // what leaves open whether it passes
}

// Explain judges one resource and tells how.
func (b *Bound) Explain(r *Resource, env Environment) *Explanation {
	j := newJudgement(b, r, env)
	e := &Explanation{
		Policy: b.Definition.Name, Title: b.Definition.DisplayName, Resource: r.ID, Type: r.Type, Effect: b.Effect,
	}
	e.Verdict = j.verdict()
	e.Verdict.Compliance, e.Verdict.Warnings = j.unattested(e.Verdict), j.warnings
	if !e.Verdict.Applicable {
		e.Inapplicable = b.refusal(r.Type)
	}
	if j.compiled == nil {
		return e
	}
	if where := j.frame.trace(j.compiled.where); where.Kind != "constant" {
		e.Applies = where
	}
	whole := &compiler{fields: j.frame.fields, shape: r, whole: true}
	e.Condition = j.frame.trace(whole.compile(j.bound.condition))
	// The evidence is that which a set has: of what the type leaves of the rule.
	own := j.frame.trace(j.compiled.condition).Evidence()
	if e.Evidence = own; len(own) == 0 && b.family != familyManual && e.Verdict.Compliance != NoResult {
		e.Evidence = j.frame.ruleGrounds(b)
	}
	switch {
	case e.Applies != nil && !e.Applies.Outcome.True():
		e.Evidence = e.Applies.Evidence()
	case b.family == familyExists && e.Condition.Outcome&mayTrue != 0:
		e.Related = j.traceRelated()
		if !b.spares {
			own = nil
		}
		told := j.existenceEvidence(e.Related)
		switch {
		case told == nil || !e.Condition.Outcome.True() && e.Verdict.Compliance != Compliant:
		case e.Verdict.Compliance == NonCompliant && e.Related != nil && !e.Related.Complete && !e.Related.itself:
			if e.Evidence = j.frame.hopelessEvidence(b.details, own); len(e.Evidence) == 0 {
				e.Evidence = told
			}
		default:
			e.Evidence = slices.Concat(own, told)
		}
	case b.family == familyChange && e.Verdict.Effect != "" && e.Inapplicable == "":
		j.hides = true
		e.Changes = j.changes()
		e.Verdict.Warnings = j.warnings // what could not be computed too
	}
	return e
}

// existenceEvidence is what there is to tell of an existence check, given the
// trace of what it found; nil where there is nothing.
func (j *judgement) existenceEvidence(t *RelatedTrace) []Evidence {
	d, r := j.bound.details, j.frame.outer
	switch _, err := j.frame.query(d); {
	case err != nil:
		return queryEvidence(err, d)
	case t == nil:
		return nil
	case t.itself:
		own := (&compiler{fields: j.frame.fields, shape: r}).compileOwn(d)
		return j.frame.ownEvidence(own, j.bound)
	}
	told := []Evidence{relatedEvidence(d, t.Query, r, IntValue(int64(t.seen())))}
	switch {
	case t.Outcome.False():
		told = append(told, closestOf(t.Candidates)...)
	case !t.Outcome.Known():
		told = append(told, openOf(t.Candidates)...)
	}
	return told
}

// IdleGaps lists the paths of a resource's gaps that change nothing in how it is
// judged: the rule reads nothing there.
func (b *Bound) IdleGaps(r *Resource, env Environment) []string {
	if len(r.Gaps) == 0 {
		return nil
	}
	// What cannot be written as JSON is no explanation.
	whole, err := json.Marshal(b.Explain(r, env))
	if err != nil {
		return nil
	}
	var idle []string
	for i, g := range r.Gaps {
		without := *r
		without.Gaps = slices.Delete(slices.Clone(r.Gaps), i, i+1)
		if rest, err := json.Marshal(b.Explain(&without, env)); err == nil && bytes.Equal(whole, rest) {
			idle = append(idle, g.Path)
		}
	}
	return idle
}

func (j *judgement) traceRelated() *RelatedTrace {
	q, err := j.frame.query(j.bound.details)
	if err != nil || j.env.Related == nil {
		return nil
	}
	t := &RelatedTrace{Query: q, Outcome: isFalse}
	var found []*Resource
	t.Query = j.frame.shownQuery(j.bound.details, q)
	found, t.Complete, t.Reason = j.env.Related.Candidates(j.frame.outer, q)
	for _, c := range found {
		fits := q.fits(c)
		if fits.False() {
			continue
		}
		ct, passes := CandidateTrace{ID: c.ID, Unseen: c.Unseen}, Outcome(isTrue)
		if j.bound.details.Existence != nil {
			f := *j.frame
			f.self, f.pins = c, nil
			comp := &compiler{fields: f.fields, shape: c}
			ct.Condition = f.trace(comp.compile(j.bound.details.Existence))
			passes = ct.Condition.Outcome
		}
		if passes = c.found(fits.and(passes)); !passes.Known() {
			ct.open = q.openEvidence(c.ID, c, ct.Condition, &t.Query)
		}
		t.Outcome = t.Outcome.or(passes)
		t.Candidates = append(t.Candidates, ct)
	}
	t.itself = j.isItself(found)
	if !t.Complete && !t.Outcome.True() && !t.itself && !j.hopeless(q.Type, t.Reason) {
		t.Outcome = t.Outcome.or(unsure(false, gapReason(t.Reason)))
	}
	return t
}

// Text puts the explanation into plain words, indented, one condition a line.
func (e *Explanation) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n  %s\non %s\n  %s\n\n", e.Policy, e.Title, e.Resource, e.Type)
	fmt.Fprintf(&b, "compliance in Azure's words: %s\n", e.verdictWords())
	for _, w := range e.Verdict.Warnings {
		fmt.Fprintf(&b, "note: %s\n", w)
	}
	if e.Applies != nil {
		b.WriteString("\napplies if:\n")
		e.Applies.write(&b, "  ")
	}
	if e.Condition != nil {
		fmt.Fprintf(&b, "\nthe rule (effect %s) matches if:\n", e.Effect)
		e.Condition.write(&b, "  ")
	}
	if e.Related != nil {
		e.Related.write(&b)
	}
	if len(e.Evidence) > 0 {
		b.WriteString("\njudged on:\n")
		for _, v := range e.Evidence {
			path := v.Path
			if v.Resource != "" {
				path += " in " + v.Resource
			}
			fmt.Fprintf(&b, "  %s %s, wanted: %s\n", path, v.Found.isWords(), v.Wanted)
		}
	}
	if e.Changes != nil {
		change, err := json.MarshalIndent(e.Changes, "  ", "  ")
		if err == nil {
			fmt.Fprintf(&b, "\nwould change:\n  %s\n", change)
		}
	}
	return b.String()
}

func (e *Explanation) verdictWords() string {
	switch v := &e.Verdict; {
	case e.Condition == nil:
		return "not judged"
	case v.Compliance == NoResult && e.Inapplicable != "":
		return "not applicable: " + e.Inapplicable
	case v.Compliance == NoResult:
		return "not applicable"
	case len(v.Reasons) > 0:
		return v.Compliance + " (" + strings.Join(v.Reasons, ", ") + ")"
	default:
		return v.Compliance
	}
}

// seen counts the candidates that were read.
func (t *RelatedTrace) seen() int {
	n := 0
	for _, c := range t.Candidates {
		if c.Unseen == "" {
			n++
		}
	}
	return n
}

func (t *RelatedTrace) write(b *strings.Builder) {
	fmt.Fprintf(b, "\nand looks for a related %s", t.Query.Type)
	if !t.Query.AnyName {
		fmt.Fprintf(b, " named %q", t.Query.Name)
	}
	if t.Query.Kind != "" {
		fmt.Fprintf(b, " of kind %q", t.Query.Kind)
	}
	fmt.Fprintf(b, ": %d found", t.seen())
	if !t.Complete {
		fmt.Fprintf(b, "; others may exist that were not read (%s)", t.Reason)
	}
	b.WriteString("\n")
	for _, c := range t.Candidates {
		fmt.Fprintf(b, "  %s", c.ID)
		if c.Unseen != "" {
			fmt.Fprintf(b, ", which could not be read (%s)", c.Unseen)
		}
		b.WriteString("\n")
		if c.Condition != nil {
			c.Condition.write(b, "    ")
		}
	}
}

// MarshalJSON writes the explanation as one object.
func (e *Explanation) MarshalJSON() ([]byte, error) {
	type candidate struct {
		ID        string `json:"id"`
		Unseen    string `json:"unseen,omitempty"`
		Condition *Trace `json:"condition,omitempty"`
	}
	type related struct {
		Type       string      `json:"type"`
		Name       string      `json:"name,omitempty"`
		Kind       string      `json:"kind,omitempty"`
		Complete   bool        `json:"complete"`
		Reason     string      `json:"reason,omitempty"`
		Outcome    string      `json:"outcome"`
		Candidates []candidate `json:"candidates"`
	}
	var r *related
	if t := e.Related; t != nil {
		r = &related{t.Query.Type, t.Query.Name, t.Query.Kind, t.Complete, t.Reason, t.Outcome.String(), []candidate{}}
		for _, c := range t.Candidates {
			r.Candidates = append(r.Candidates, candidate{c.ID, c.Unseen, c.Condition})
		}
	}
	return json.Marshal(struct {
		Policy     string         `json:"policy"`
		Title      string         `json:"title"`
		Resource   string         `json:"resource"`
		Type       string         `json:"type"`
		Effect     string         `json:"effect"`
		Compliance string         `json:"compliance"`
		Applicable bool           `json:"applicable"`
		Reasons    []string       `json:"reasons,omitempty"`
		Warnings   []string       `json:"warnings,omitempty"`
		Applies    *Trace         `json:"applies,omitempty"`
		Condition  *Trace         `json:"condition,omitempty"`
		Related    *related       `json:"related,omitempty"`
		Evidence   []EvidenceJSON `json:"evidence"`
		Changes    *Changes       `json:"changes,omitempty"`
		Why        string         `json:"inapplicable,omitempty"`
	}{
		e.Policy, e.Title, e.Resource, e.Type, e.Effect, e.Verdict.Compliance, e.Verdict.Applicable,
		e.Verdict.Reasons, e.Verdict.Warnings, e.Applies, e.Condition, r, evidenceJSON(e.Evidence), e.Changes, e.Inapplicable,
	})
}

// EvidenceJSON is the wire form of one piece of evidence.
type EvidenceJSON struct {
	Path   string `json:"path"`
	Found  Value  `json:"found"`
	Wanted string `json:"wanted"`
	Absent bool   `json:"absent,omitempty"` // nothing is there: Found is null
	// Resource is the related resource that the path is in, if it is another.
	Resource string `json:"resource,omitempty"`
}

func evidenceJSON(list []Evidence) []EvidenceJSON {
	out := make([]EvidenceJSON, len(list))
	for i, e := range list {
		out[i] = EvidenceJSON{e.Path, e.Found, e.Wanted, e.Found.Kind() == Missing, e.Resource}
	}
	return out
}
