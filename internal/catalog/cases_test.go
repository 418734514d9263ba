package catalog

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/valyala/fastjson"

	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

// TestCases judges every case of every recommendation by the policy engine.
func TestCases(t *testing.T) { judgeCases(t, parseContent(t), "") }

// judgeCases judges the cases of one recommendation, or with "" of all.
func judgeCases(t *testing.T, c *Catalog, id string) {
	aliases := aliasesOf(t, c)
	for _, r := range all(t, c.Recommendations) {
		if id != "" && id != r.ID {
			continue
		}
		t.Run(r.ID, func(t *testing.T) {
			for _, one := range r.Cases {
				t.Run(one.Name, func(t *testing.T) {
					j := judge{t, aliases}
					got, reasons, explained := j.state(r, one)
					where := fmt.Sprintf("catalog/%s:%d", r.File, one.Line)
					if got != one.Want {
						t.Errorf("%s: got %v, want %v (%s)", where, got, one.Want, explained)
					}
					if one.Reason != posture.NoReason && !slices.Contains(reasons, one.Reason.String()) {
						t.Errorf("%s: unknown because of %q, want %v", where, reasons, one.Reason)
					}
				})
			}
		})
	}
}

// aliasesOf is the catalogue's alias table as the engine takes it.
func aliasesOf(t *testing.T, c *Catalog) *policy.Aliases {
	t.Helper()
	aliases := policy.NewAliases()
	if err := aliases.LoadAliasDump(all(t, c.Aliases)); err != nil {
		t.Fatal(err)
	}
	return aliases
}

// TestCases_mended_are_healthy applies each fix to the unhealthy cases that
// use the default parameters: what the machine would do has to help.
func TestCases_mended_are_healthy(t *testing.T) {
	c := parseContent(t)
	aliases := aliasesOf(t, c)
	for _, r := range all(t, c.Recommendations) {
		if r.Remediation.Fix == nil {
			continue
		}
		for _, one := range r.Cases {
			if one.Want != posture.Unhealthy {
				continue
			}
			t.Run(r.ID+"/"+one.Name, func(t *testing.T) {
				one.Resource = mend(t, aliases, r, one.Resource)
				j := judge{t, aliases}
				if got, _, explained := j.state(r, one); got != posture.Healthy {
					t.Errorf("after the fix: got %v, want healthy (%s)\n%s", got, explained, one.Resource)
				}
			})
		}
	}
}

// mend sets the fix's value at the place that its field names.
func mend(t *testing.T, aliases *policy.Aliases, r *Recommendation, body json.RawMessage) json.RawMessage {
	t.Helper()
	var fix struct {
		Operation, Field string
		Value            json.RawMessage
	}
	if err := json.Unmarshal(r.Remediation.Fix, &fix); err != nil {
		t.Fatal(err)
	}
	path := "properties." + strings.TrimPrefix(fix.Field, r.Types[0]+"/")
	if entry, found, _ := aliases.Lookup(fix.Field, r.Types[0]); found {
		path = entry.PathFor("")
	}
	root := fastjson.MustParseBytes(body)
	at, keys := root, strings.Split(path, ".")
	for _, key := range keys[:len(keys)-1] {
		if at.Get(key) == nil {
			at.Set(key, fastjson.MustParse("{}"))
		}
		at = at.Get(key)
	}
	at.Set(keys[len(keys)-1], fastjson.MustParseBytes(fix.Value))
	return root.MarshalTo(nil)
}

// judge gives the state of a case.
type judge struct {
	t       *testing.T
	aliases *policy.Aliases
}

func (j judge) state(r *Recommendation, c Case) (state posture.State, reasons []string, explained string) {
	j.t.Helper()
	applies, err := r.AppliesDefinition()
	if err != nil {
		j.t.Fatal(err)
	}
	if applies != nil {
		v := j.verdict(applies, c)
		switch v.Compliance {
		case policy.Compliant:
			return posture.NotApplicable, nil, "applies is false"
		case policy.NonCompliant:
		default:
			return posture.Unknown, v.Reasons, fmt.Sprintf("applies: %+v", v)
		}
	}
	v := j.verdict(r.Definition, c)
	explained = fmt.Sprintf("%+v", v)
	switch v.Compliance {
	case policy.Compliant:
		return posture.Healthy, nil, explained
	case policy.NonCompliant:
		return posture.Unhealthy, nil, explained
	case policy.Unattested:
		return posture.Manual, nil, explained
	case policy.NoResult:
		return posture.NotApplicable, nil, explained
	}
	return posture.Unknown, v.Reasons, explained
}

func (j judge) verdict(definition json.RawMessage, c Case) policy.Verdict {
	j.t.Helper()
	parsed, problems := policy.ParseDefinition("", definition)
	if len(problems) > 0 {
		j.t.Fatalf("definition: %v", problems)
	}
	given := map[string]policy.Value{}
	for name, raw := range c.Parameters {
		node, err := policy.ParseNode("", raw)
		if err != nil {
			j.t.Fatal(err)
		}
		given[name] = node.Value()
	}
	now := c.Now
	if now.IsZero() {
		now = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	resource := j.resource(c.Resource)
	resource.Partial = !c.Collected
	for _, path := range c.Unread {
		resource.Gaps = append(resource.Gaps, policy.Gap{Path: path, Reason: "notCollected"})
	}
	v := policy.Bind(parsed, given).Judge(resource, policy.Environment{Aliases: j.aliases, Related: surroundings{j, c}, Now: now})
	for _, warning := range v.Warnings {
		if c.Reason != posture.Failed { // a case that wants an error expects to hear of it
			j.t.Errorf("%s: the engine warns: %s", parsed.Name, warning)
		}
	}
	return v
}

func (j judge) resource(body json.RawMessage) *policy.Resource {
	j.t.Helper()
	r, err := policy.ParseResource(body)
	if err != nil {
		j.t.Fatal(err)
	}
	return r
}

// surroundings finds the related resources of a case.
type surroundings struct {
	judge
	of Case
}

// Candidates implements [policy.Related].
func (s surroundings) Candidates(r *policy.Resource, q policy.Query) (found []*policy.Resource, complete bool, reason string) {
	complete = slices.ContainsFunc(s.of.Complete, func(t string) bool { return strings.EqualFold(t, q.Type) })
	for _, body := range s.of.Related {
		c := s.resource(body)
		if !strings.EqualFold(c.Type, q.Type) {
			continue
		}
		complete = complete || s.of.Complete == nil
		below := strings.HasPrefix(strings.ToLower(c.ID), strings.ToLower(r.ID)+"/")
		if below || q.Relation != policy.Below && q.Relation != policy.Extension {
			found = append(found, c)
		}
	}
	return found, complete, "notCollected"
}
