package policy

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// maxCaseLine bounds one line of a case file.
const maxCaseLine = 64 << 20

// EvalCases reads cases, one JSON object a line, and writes one answer a line
// in the same order: id with effect, compliance and details, or loads, or
// value, or error. An empty line is passed over. A line that is no case, or is
// longer than 64 MiB, is answered with an error. The clock is an input: now is
// what utcNow() returns in cases whose context says no other time. EvalCases
// itself fails only where reading or writing does.
func EvalCases(r io.Reader, w io.Writer, now time.Time) error {
	lines := bufio.NewReaderSize(r, 1<<20)
	out := bufio.NewWriter(w)
	for number := 1; ; number++ {
		line, whole, err := caseLine(lines)
		if err != nil && err != io.EOF {
			return errors.Join(fmt.Errorf("read line %d: %w", number, err), out.Flush())
		}
		if line = bytes.TrimSpace(line); len(line) > 0 {
			a := Answer{Error: fmt.Sprintf("load: line %d: longer than %d bytes", number, maxCaseLine)}
			if whole {
				a = evalCase(line, number, now)
			}
			if err := writeAnswer(out, a); err != nil {
				return fmt.Errorf("write answer of line %d: %w", number, err)
			}
		}
		if err == io.EOF {
			return out.Flush()
		}
	}
}

// caseLine reads one line; of one that is too long it keeps the start, and
// whole is false.
func caseLine(lines *bufio.Reader) (line []byte, whole bool, err error) {
	whole = true
	for {
		part, err := lines.ReadSlice('\n')
		if len(line)+len(part) > maxCaseLine {
			whole = false
			part = part[:maxCaseLine-len(line)]
		}
		line = append(line, part...)
		if err != bufio.ErrBufferFull {
			return line, whole, err
		}
	}
}

func writeAnswer(out *bufio.Writer, a Answer) error {
	text, err := json.Marshal(a)
	if err != nil {
		return err
	}
	_, err = out.Write(append(text, '\n'))
	return err
}

// Answer is what EvalCases writes for one case.
type Answer struct {
	// ID is the case's own, as JSON: nearly always a string. It is null where
	// the line has none that could be read.
	ID         json.RawMessage `json:"id"`
	Effect     *string         `json:"effect"`
	Compliance string          `json:"compliance,omitempty"`
	// Details are a [Changes], of append the list of what it would add.
	Details  any      `json:"details,omitempty"`
	Warnings []string `json:"warnings,omitempty"`
	Error    string   `json:"error,omitempty"`
	Loads    bool     `json:"loads,omitempty"`
	Value    *Value   `json:"value,omitempty"`
}

// testCase is one line of a case file.
type testCase struct {
	ID         json.RawMessage   `json:"id"`
	Kind       string            `json:"kind"`
	Definition json.RawMessage   `json:"definition"`
	Parameters map[string]Value  `json:"parameters"`
	Resource   json.RawMessage   `json:"resource"`
	APIVersion *string           `json:"apiVersion"`
	Context    map[string]Value  `json:"context"`
	Related    []json.RawMessage `json:"related"`
	Aliases    json.RawMessage   `json:"aliases"`
	Call       *struct {
		Function string  `json:"function"`
		Args     []Value `json:"args"`
	} `json:"call"`
}

func evalCase(line []byte, number int, now time.Time) Answer {
	var c testCase
	err := json.Unmarshal(line, &c)
	a := Answer{ID: c.ID}
	if err != nil {
		a.Error = fmt.Sprintf("load: line %d: %v", number, err)
		return a
	}
	def, problems := ParseDefinition("definition", definitionText(c.Definition))
	a.Loads = def != nil
	switch {
	case c.Kind == "function" && c.Call != nil:
		return a.call(&c)
	case def == nil:
		a.Error = "load: " + problems.Error()
		return a
	}
	for _, p := range problems {
		a.Warnings = append(a.Warnings, p.Error())
	}
	aliases, err := c.aliasTable()
	if err != nil {
		a.Error = "load: " + err.Error()
		return a
	}
	if refused := def.unmodifiable(aliases); len(refused) > 0 {
		a.Loads, a.Error = false, "load: "+refused.Error()
		return a
	}
	if isNullJSON(c.Resource) {
		return a
	}
	return a.judge(&c, def, aliases, now)
}

func isNullJSON(raw json.RawMessage) bool { return len(raw) == 0 || string(raw) == "null" }

// definitionText is the definition's own text where the case carries it as a
// string, because it is no JSON or repeats a key.
func definitionText(raw json.RawMessage) []byte {
	var text *string
	if json.Unmarshal(raw, &text) == nil && text != nil {
		return []byte(*text)
	}
	return raw
}

func (a Answer) call(c *testCase) Answer {
	v, err := CallFunction(c.Call.Function, c.Call.Args)
	if err != nil {
		a.Error = "evaluation: " + err.Error()
		return a
	}
	a.Value = &v
	return a
}

func (a Answer) judge(c *testCase, def *Definition, aliases *Aliases, now time.Time) Answer {
	r, env, err := c.setting(aliases)
	env.Now = now
	if err != nil {
		a.Error = "load: " + err.Error()
		return a
	}
	j := newJudgement(Bind(def, c.Parameters), r, env)
	j.filtered = true
	v := j.verdict()
	a.Compliance = j.unattested(v)
	if v.Effect != "" {
		a.Effect = &v.Effect
		if changes := j.changes(); changes != nil {
			a.Details = changes.detail()
		}
	}
	a.Warnings = append(a.Warnings, j.warnings...)
	if named := typeOfID(r.ID); r.Type == "" && named != "" {
		a.Warnings = append(a.Warnings, fmt.Sprintf("resource without \"type\"; a case takes none from the id, which says %q", named))
	}
	if LastProviders(r.ID) >= 0 && !strings.EqualFold(r.Name, lastSegment(r.ID)) {
		a.Warnings = append(a.Warnings, fmt.Sprintf("name %q is not that of the id, %q; a case goes by its name", r.Name, lastSegment(r.ID)))
	}
	return a
}

// aliasTable is the whole alias table of a case.
func (c *testCase) aliasTable() (*Aliases, error) {
	aliases := NewAliases()
	if isNullJSON(c.Aliases) {
		return aliases, nil
	}
	if err := aliases.LoadAliasTable(c.Aliases); err != nil {
		return nil, fmt.Errorf("aliases: %w", err)
	}
	return aliases, nil
}

// setting builds the resource and the environment of a case.
func (c *testCase) setting(aliases *Aliases) (*Resource, Environment, error) {
	env := Environment{Aliases: aliases}
	r, err := caseResource(c.Resource)
	if err != nil {
		return nil, env, err
	}
	// A case says all there is to say: the type is not taken from the id.
	r.Type = textOf(lookup(r.Body, "type"))
	if c.APIVersion != nil {
		r.APIVersion = *c.APIVersion
	} else {
		r.APIVersion = textOf(lookup(r.Body, "apiVersion"))
	}
	known := caseContext{values: c.Context, apiVersion: r.APIVersion}
	r.Surroundings = known
	env.Policy = known.get("policy")
	// utcNow() returns the text as it stands, even if it is no date.
	env.Clock = known.get("utcNow").Text()
	related := caseRelated{}
	for i, raw := range c.Related {
		candidate, err := caseResource(raw)
		if err != nil {
			return nil, env, fmt.Errorf("related[%d]: %w", i, err)
		}
		related.found = append(related.found, candidate)
	}
	env.Related = related
	return r, env, nil
}

// caseResource reads a resource of a case; its full name is not taken from the
// id.
func caseResource(raw json.RawMessage) (*Resource, error) {
	r, err := ParseResource(raw)
	if err != nil {
		return nil, err
	}
	if textOf(lookup(r.Body, "fullName")) == "" {
		if name := textOf(lookup(r.Body, "name")); name != "" {
			r.FullName = name
		}
	}
	return r, nil
}

// caseContext answers context functions with exactly what a case gives.
type caseContext struct {
	values     map[string]Value
	apiVersion string
}

func (c caseContext) get(name string) Value {
	for key, v := range c.values {
		if strings.EqualFold(key, name) {
			return v
		}
	}
	return Value{}
}

// Context implements [Surroundings].
func (c caseContext) Context(function string, _ *Resource) (Value, bool) {
	v := c.get(function)
	if function != "requestContext" || c.apiVersion == "" || v.Lookup("apiVersion").Kind() != Missing {
		return v, true
	}
	keys, values := []string{"apiVersion"}, []Value{StringValue(c.apiVersion)}
	for _, key := range v.Keys() {
		keys, values = append(keys, key), append(values, v.Lookup(key))
	}
	return ObjectValue(keys, values), true
}

// caseRelated is all that a case's look-up finds.
type caseRelated struct{ found []*Resource }

// Candidates implements [Related].
func (c caseRelated) Candidates(*Resource, Query) ([]*Resource, bool, string) {
	return c.found, true, ""
}
