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

	"github.com/valyala/fastjson"
)

// maxCaseLine bounds one line of a case file.
const maxCaseLine = 64 << 20

// EvalCases reads cases, one JSON object a line, and writes one answer a line
// in the same order: id with effect, compliance and details, or loads, or
// value, or error. An empty line is passed over. A line that is no case is
// answered with an error.
func EvalCases(r io.Reader, w io.Writer) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 1<<20), maxCaseLine)
	out := bufio.NewWriter(w)
	for number := 1; lines.Scan(); number++ {
		line := bytes.TrimSpace(lines.Bytes())
		if len(line) == 0 {
			continue
		}
		answer, err := json.Marshal(evalCase(line, number))
		if err != nil {
			return fmt.Errorf("write answer of line %d: %w", number, err)
		}
		if _, err := out.Write(append(answer, '\n')); err != nil {
			return err
		}
	}
	return errors.Join(lines.Err(), out.Flush())
}

// Answer is what EvalCases writes for one case.
type Answer struct {
	ID         string   `json:"id"`
	Effect     *string  `json:"effect"`
	Compliance string   `json:"compliance,omitempty"`
	Details    *Changes `json:"details,omitempty"`
	Warnings   []string `json:"warnings,omitempty"`
	Error      string   `json:"error,omitempty"`
	Loads      bool     `json:"loads,omitempty"`
	Value      *Value   `json:"value,omitempty"`
}

// testCase is one line of a case file.
type testCase struct {
	ID         string            `json:"id"`
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

func evalCase(line []byte, number int) Answer {
	var c testCase
	if err := json.Unmarshal(line, &c); err != nil {
		return Answer{ID: c.ID, Error: fmt.Sprintf("load: line %d: %v", number, err)}
	}
	def, problems := ParseDefinition("definition", definitionText(c.Definition))
	a := Answer{ID: c.ID}
	if def == nil {
		a.Error = "load: " + problems.Error()
		return a
	}
	a.Loads = true
	for _, p := range problems {
		a.Warnings = append(a.Warnings, p.Error())
	}
	if c.Kind == "function" && c.Call != nil {
		return a.call(&c)
	}
	if len(c.Resource) == 0 || string(c.Resource) == "null" {
		return a
	}
	return a.judge(&c, def)
}

// definitionText is the definition's own text where the case carries it as a
// string, because it is no JSON or repeats a key.
func definitionText(raw json.RawMessage) []byte {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return []byte(text)
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

func (a Answer) judge(c *testCase, def *Definition) Answer {
	r, env, err := c.setting()
	if err != nil {
		a.Error = "load: " + err.Error()
		return a
	}
	j := newJudgement(Bind(def, c.Parameters), r, env)
	j.filtered = true
	v := j.verdict()
	a.Compliance, a.Warnings = v.Compliance, append(a.Warnings, v.Warnings...)
	if v.Effect != "" {
		effect := v.Effect
		a.Effect = &effect
		a.Details = j.changes()
	}
	return a
}

// setting builds the resource and the environment of a case.
func (c *testCase) setting() (*Resource, Environment, error) {
	env := Environment{Aliases: NewAliases()}
	if len(c.Aliases) > 0 && string(c.Aliases) != "null" {
		if err := env.Aliases.LoadAliasTable(c.Aliases); err != nil {
			return nil, env, err
		}
	}
	r, err := ParseResource(c.Resource)
	if err != nil {
		return nil, env, err
	}
	// A case says all there is to say: nothing is taken from the id.
	r.Type = textOf(lookup(r.Body, "type"))
	if full := textOf(lookup(r.Body, "fullName")); full == "" {
		r.FullName = textOf(lookup(r.Body, "name"))
	}
	if c.APIVersion != nil {
		r.APIVersion = *c.APIVersion
	}
	known := caseContext{values: c.Context, apiVersion: r.APIVersion}
	r.Surroundings = known
	env.Policy = known.get("policy")
	if now := known.get("utcNow"); now.Kind() == String {
		env.Clock = now.Text()
		if env.Now, err = time.Parse(time.RFC3339Nano, now.Text()); err != nil {
			return nil, env, fmt.Errorf("context.utcNow: %w", err)
		}
	}
	related := caseRelated{}
	for _, raw := range c.Related {
		body, err := fastjson.ParseBytes(raw)
		if err != nil {
			return nil, env, fmt.Errorf("related: %w", err)
		}
		related.found = append(related.found, NewResource(body))
	}
	env.Related = related
	return r, env, nil
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
