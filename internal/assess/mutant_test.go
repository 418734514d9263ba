package assess_test

import (
	"cmp"
	"encoding/json"
	"io"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// otherKinds are what stands in the place of a list or an object that is not what its
// provider returns; nil where there is none.
var otherKinds = map[string]func(v any) any{
	"text":   func(v any) any { return asText(v) },
	"number": func(any) any { return 5 },
	"true":   func(any) any { return true },
	"in_a_list": func(v any) any {
		return []any{v}
	},
	"what_is_in_it": func(v any) any {
		switch v := v.(type) {
		case []any:
			return v[0]
		case map[string]any:
			return v[slices.Min(slices.Collect(maps.Keys(v)))]
		}
		return nil
	},
	"texts_in_it": func(v any) any {
		switch v := v.(type) {
		case []any:
			texts := make([]any, len(v))
			for i, item := range v {
				texts[i] = asText(item)
			}
			if _, scalar := v[0].(string); scalar {
				return nil
			}
			return texts
		case map[string]any:
			return slices.Collect(maps.Values(v))
		}
		return nil
	},
}

func asText(v any) string {
	b, _ := json.Marshal(v) // came from JSON
	return string(b)
}

// mutable is a line of an input, with the parts of it that are bodies.
type mutable struct {
	input  int
	record map[string]any
	of     string
	bodies []any
}

// nativeEstate is the demo's AWS, Google Cloud and machines as their tools export them:
// inputs, of which the lines of some can be changed.
func nativeEstate(t *testing.T) (inputs []assess.Input, lines []mutable) {
	t.Helper()
	for _, in := range contosoFiles(t) {
		if strings.HasPrefix(in.Name, "azure/") {
			continue
		}
		inputs = append(inputs, in)
		if !strings.HasSuffix(in.Name, ".jsonl") {
			continue
		}
		stream, err := in.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(stream)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(data)) {
			m := mutable{input: len(inputs) - 1}
			if err := json.Unmarshal([]byte(line), &m.record); err != nil {
				t.Fatal(err)
			}
			of, _ := m.record["type"].(string)
			asset, _ := m.record["assetType"].(string)
			if m.of = cmp.Or(asset, of); m.record["bartizan"] == nil {
				resource, _ := m.record["resource"].(map[string]any)
				for _, body := range []any{m.record["properties"], resource["data"], m.record["iamPolicy"]} {
					if body != nil {
						m.bodies = append(m.bodies, body)
					}
				}
			}
			lines = append(lines, m)
		}
	}
	return inputs, lines
}

// containers adds the paths of the lists and objects below v that have something in
// them, with * for items.
func containers(v any, path []string, add func(path []string)) {
	switch v := v.(type) {
	case map[string]any:
		for key, below := range v {
			containers(below, append(slices.Clip(path), key), add)
		}
	case []any:
		for _, below := range v {
			containers(below, append(slices.Clip(path), "*"), add)
		}
	}
	if size(v) > 0 && len(path) > 0 {
		add(path)
	}
}

func size(v any) int {
	switch v := v.(type) {
	case map[string]any:
		return len(v)
	case []any:
		return len(v)
	}
	return 0
}

// changed gives a copy of v with what stands at a path as change makes it.
func changed(v any, path []string, change func(any) any) any {
	if len(path) == 0 {
		if size(v) > 0 {
			if other := change(v); other != nil {
				return other
			}
		}
		return v
	}
	switch v := v.(type) {
	case map[string]any:
		below, ok := v[path[0]]
		if !ok {
			return v
		}
		v = maps.Clone(v)
		v[path[0]] = changed(below, path[1:], change)
		return v
	case []any:
		if path[0] != "*" {
			return v
		}
		v = slices.Clone(v)
		for i := range v {
			v[i] = changed(v[i], path[1:], change)
		}
		return v
	}
	return v
}

// with writes the inputs with one place of the lines that are chosen changed.
func with(inputs []assess.Input, lines []mutable, chosen func(*mutable) bool, path []string, change func(any) any) []assess.Input {
	texts := map[int][]string{}
	for i := range lines {
		m := &lines[i]
		record := m.record
		if chosen(m) {
			record = maps.Clone(record)
			for _, key := range []string{"properties", "iamPolicy"} {
				if body := record[key]; body != nil {
					record[key] = changed(body, path, change)
				}
			}
			if resource, ok := record["resource"].(map[string]any); ok {
				resource = maps.Clone(resource)
				resource["data"] = changed(resource["data"], path, change)
				record["resource"] = resource
			}
		}
		texts[m.input] = append(texts[m.input], asText(record))
	}
	all := slices.Clone(inputs)
	for i, text := range texts {
		all[i] = content(inputs[i].Name, []byte(strings.Join(text, "\n")))
	}
	return all
}

// A list or an object of which the input makes something else is no reason to call
// anything healthy that was not.
func TestNothingTurnsHealthyByAValueOfAnotherKind(t *testing.T) {
	if testing.Short() {
		t.Skip("long: runs without the race detector; shorter tests cover what runs at once")
	}
	inputs, lines := nativeEstate(t)
	o := assess.Options{Inputs: inputs, BuiltIn: builtIn(t), Now: now, Bare: true}
	_, checks := run(t, o)
	before := map[string]posture.State{}
	for _, c := range checks {
		before[c.Rule+" "+c.Resource+" "+c.Unit] = c.State
	}
	places := map[string][]string{} // by type and path
	for i := range lines {
		for _, body := range lines[i].bodies {
			containers(body, nil, func(path []string) {
				places[lines[i].of+" "+strings.Join(path, ".")] = append([]string{lines[i].of}, path...)
			})
		}
	}
	names, kinds := slices.Sorted(maps.Keys(places)), slices.Sorted(maps.Keys(otherKinds))
	t.Logf("%d checks, %d places", len(before), len(names))
	random := rand.New(rand.NewPCG(7, 11))
	uncertain := 0
	for range mutants {
		name := names[random.IntN(len(names))]
		kind := kinds[random.IntN(len(kinds))]
		place := places[name]
		var of []*mutable
		for i := range lines {
			if lines[i].of == place[0] {
				of = append(of, &lines[i])
			}
		}
		one := of[random.IntN(len(of))]
		everyone := random.IntN(4) > 0
		o.Inputs = with(inputs, lines, func(m *mutable) bool { return m == one || everyone && m.of == place[0] }, place[1:], otherKinds[kind])
		_, checks := run(t, o)
		for _, c := range checks {
			was, known := before[c.Rule+" "+c.Resource+" "+c.Unit]
			if known && c.State == posture.Healthy && (was == posture.Unhealthy || was == posture.Unknown) {
				t.Errorf("%s as %s: %s of %s turns from %v to healthy", name, kind, c.Rule, c.Resource, was)
			}
			if known && c.State == posture.Unknown && was != posture.Unknown {
				uncertain++
			}
		}
	}
	if uncertain < mutants {
		t.Errorf("%d verdicts became unknown, want many", uncertain)
	}
}

const mutants = 300
