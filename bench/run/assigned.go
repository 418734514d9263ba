package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
)

// assigned is how many of the built-ins are assigned to the server's estates: every
// second of them, with the recommendations some sixteen checks a resource.
const assigned = 2

// policyDocument is an Azure Policy document as files have it.
type policyDocument struct {
	ID         string `json:"id"`
	Name       string `json:"name"`
	Type       string `json:"type"`
	Properties any    `json:"properties"`
}

// assign puts built-ins and their aliases into a data directory and assigns them as
// one initiative to everything.
func (b *bench) assign(dir string) error {
	const at = "/providers/Microsoft.Authorization/"
	members, err := b.writeMembers(b.file("assigned.jsonl"), at)
	if err != nil {
		return err
	}
	initiative := policyDocument{at + "policySetDefinitions/bench", "bench", "Microsoft.Authorization/policySetDefinitions", map[string]any{
		"displayName": "Built-ins of the benchmark", "policyType": "Custom", "policyDefinitions": members,
	}}
	assignment := policyDocument{at + "policyAssignments/bench", "bench", "Microsoft.Authorization/policyAssignments", map[string]any{
		"displayName": "Built-ins of the benchmark", "policyDefinitionId": initiative.ID, "scope": "/",
	}}
	files := []struct{ kind, file string }{
		{"aliases", b.policies + "/aliases.json.gz"},
		{"definition", b.file("assigned.jsonl")},
		{"initiative", b.file("initiative.json")},
		{"assignment", b.file("assignment.json")},
	}
	for i, d := range []policyDocument{initiative, assignment} {
		text, err := json.Marshal(d)
		if err != nil {
			return err
		}
		if err := os.WriteFile(files[i+2].file, text, 0o644); err != nil {
			return err
		}
	}
	for _, f := range files {
		if _, err := start(2, b.file("bartizan"), "admin", f.kind, "set", f.file, "--data", dir, "--quiet"); err != nil {
			return err
		}
	}
	return nil
}

// writeMembers writes the definitions that are assigned, and gives the members that
// an initiative of them has.
func (b *bench) writeMembers(to, at string) (members []map[string]any, err error) {
	text, err := os.ReadFile(b.file("parameters.json"))
	if err != nil {
		return nil, err
	}
	var parameters map[string]map[string]json.RawMessage
	if err := json.Unmarshal(text, &parameters); err != nil {
		return nil, fmt.Errorf("%s: %w", b.file("parameters.json"), err)
	}
	in, err := os.Open(b.file("definitions.jsonl"))
	if err != nil {
		return nil, err
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		return nil, err
	}
	defer out.Close()
	w := bufio.NewWriter(out)
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 8<<20)
	for n := 0; lines.Scan(); n++ {
		if n%assigned != 0 {
			continue
		}
		var d struct {
			Name string `json:"name"`
		}
		if err := json.Unmarshal(lines.Bytes(), &d); err != nil {
			return nil, fmt.Errorf("%s: %w", in.Name(), err)
		}
		given := map[string]any{}
		for name, v := range parameters[d.Name] {
			given[name] = map[string]any{"value": v}
		}
		members = append(members, map[string]any{
			"policyDefinitionId": at + "policyDefinitions/" + d.Name, "policyDefinitionReferenceId": d.Name, "parameters": given,
		})
		w.Write(lines.Bytes())
		w.WriteByte('\n')
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", in.Name(), err)
	}
	return members, w.Flush()
}
