package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// Explained is an explanation that says the states first.
type Explained struct{ *assess.Explanation }

// Text puts the states before what they come from.
func (e Explained) Text() string {
	var b strings.Builder
	for i := range e.Checks {
		WriteState(&b, &e.Checks[i], len(e.Checks) > 1)
	}
	switch {
	case len(e.Checks) > 0:
	case !e.Verdict.Applicable:
		b.WriteString("state: notApplicable\n")
	default:
		b.WriteString("state: none; nothing has this policy judged here\n")
	}
	if len(e.Checks) > 1 {
		fmt.Fprintf(&b, "\nwith parameters %s:\n", e.Checks[0].ParametersHash)
	}
	return b.String() + "\n" + e.Explanation.Explanation.Text()
}

// WriteState writes a check's state and, of an exempt one, what is beneath.
func WriteState(b *strings.Builder, c *posture.Check, several bool) {
	var beside []string
	if mark := c.Exempt; c.State == posture.Exempt && mark != nil {
		beside = append(beside, mark.Category)
		if !mark.ExpiresOn.IsZero() {
			beside = append(beside, "until "+mark.ExpiresOn.UTC().Format(time.RFC3339))
		}
	} else {
		beside = judgedBeside(c)
	}
	if several {
		beside = append(beside, "parameters "+c.ParametersHash)
		for _, r := range c.References {
			beside = append(beside, referenceWords(&r))
		}
	}
	fmt.Fprintf(b, "state: %s%s\n", c.State, inBrackets(beside))
	if mark := c.Exempt; c.State == posture.Exempt && mark != nil && mark.Reason != "" {
		fmt.Fprintf(b, "exempt: %q\n", mark.Reason)
	}
	if c.State == posture.Exempt {
		fmt.Fprintf(b, "judged: %s%s\n", c.Judged, inBrackets(judgedBeside(c)))
	}
	if c.Attested && c.Detail != "" {
		fmt.Fprintf(b, "attested: %q\n", c.Detail)
	}
	for _, message := range c.Messages() {
		fmt.Fprintf(b, "message: %q\n", message)
	}
}

// referenceWords names what has a policy judged: an assignment, or an initiative that
// was chosen without one, with the member.
func referenceWords(r *posture.Reference) string {
	words := "by " + r.Assignment
	switch id := strings.ToLower(r.Assignment); {
	case strings.Contains(id, "/policyassignments/"):
		words = "assignment " + r.Assignment
	case strings.Contains(id, "/policysetdefinitions/"):
		words = "initiative " + r.Assignment
	}
	if r.Member != "" {
		words += ", reference " + r.Member
	}
	return words
}

func judgedBeside(c *posture.Check) []string {
	switch {
	case c.Judged == posture.Unknown:
		return []string{c.Reason.String()}
	case c.Attested:
		return []string{"attested"}
	case c.Conflict:
		return []string{"conflict"}
	}
	return nil
}

func inBrackets(words []string) string {
	if len(words) == 0 {
		return ""
	}
	return " (" + strings.Join(words, ", ") + ")"
}

// CheckState is a check's state in JSON, with the keys of jsonl.
type CheckState struct {
	State      *string         `json:"state"` // null: not judged here
	Judged     *string         `json:"judged"`
	Reason     *string         `json:"reason"`
	Exempt     *exemptObject   `json:"exempt"`
	Attested   bool            `json:"attested,omitempty"`
	Conflict   bool            `json:"conflict,omitempty"`
	Parameters string          `json:"parametersHash,omitempty"`
	References []referenceText `json:"references,omitempty"`
}

type exemptObject struct {
	Category  string     `json:"category"`
	ExpiresOn *time.Time `json:"expiresOn"`
	Reason    string     `json:"reason,omitempty"`
}

type referenceText struct {
	Assignment string  `json:"assignment"`
	Reference  *string `json:"reference"`
	Exempt     bool    `json:"exempt"`
	Category   string  `json:"category,omitempty"`
	Message    string  `json:"message,omitempty"`
}

// StateOf is that of a check.
func StateOf(c *posture.Check) CheckState {
	o := CheckState{State: word(c.State.String()), Judged: word(c.Judged.String()), Reason: word(c.Reason.String()), Attested: c.Attested, Conflict: c.Conflict}
	if c.Exempt != nil {
		o.Exempt = &exemptObject{Category: c.Exempt.Category, Reason: c.Exempt.Reason}
		if at := c.Exempt.ExpiresOn.UTC(); !at.IsZero() {
			o.Exempt.ExpiresOn = &at
		}
	}
	for _, r := range c.References {
		told := referenceText{Assignment: r.Assignment, Reference: word(r.Member), Exempt: r.Exempt, Category: r.Category}
		if c.Judged == posture.Unhealthy {
			told.Message = r.Message
		}
		o.References = append(o.References, told)
	}
	o.Parameters = c.ParametersHash
	return o
}

func word(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// MarshalJSON puts the state of the first check before the explanation's
// members; where there are several, "states" has them all.
func (e Explained) MarshalJSON() ([]byte, error) {
	var first CheckState
	var all struct {
		States []CheckState `json:"states"`
	}
	switch {
	case len(e.Checks) > 0:
		first = StateOf(&e.Checks[0])
	case !e.Verdict.Applicable:
		first.State = word(posture.NotApplicable.String())
		first.Judged = first.State
	}
	parts := []any{first, e.Explanation.Explanation}
	if len(e.Checks) > 1 {
		for i := range e.Checks {
			all.States = append(all.States, StateOf(&e.Checks[i]))
		}
		parts = []any{first, all, e.Explanation.Explanation}
	}
	return JoinObjects(parts...)
}

// JoinObjects writes the members of several objects as one object.
func JoinObjects(parts ...any) ([]byte, error) {
	var members [][]byte
	for _, part := range parts {
		text, err := json.Marshal(part)
		if err != nil {
			return nil, err
		}
		if text = bytes.TrimSuffix(bytes.TrimPrefix(text, []byte("{")), []byte("}")); len(text) > 0 {
			members = append(members, text)
		}
	}
	return append(append([]byte("{"), bytes.Join(members, []byte(","))...), '}'), nil
}
