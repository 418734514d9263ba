package server

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/contoso"
)

// spoilt gives the demo's estate with every so manieth Azure resource as what makes of
// it: lines in its place, and read records.
func spoilt(t *testing.T, every int, what func(id, kind string, record map[string]any) (lines, reads string)) string {
	t.Helper()
	var estate bytes.Buffer
	if err := contoso.Estate(&estate); err != nil {
		t.Fatal(err)
	}
	var text, reads strings.Builder
	n := 0
	for line := range strings.Lines(estate.String()) {
		var record map[string]any
		if err := json.Unmarshal([]byte(line), &record); err != nil {
			t.Fatal(err)
		}
		id, _ := record["id"].(string)
		kind, _ := record["type"].(string)
		if record["bartizan"] == nil && strings.HasPrefix(id, "/subscriptions/") {
			if n++; n%every == 0 {
				var more string
				line, more = what(id, kind, record)
				reads.WriteString(more)
			}
		}
		text.WriteString(line)
	}
	return text.String() + reads.String()
}

// deniedRead is a read record that lists something as denied.
func deniedRead(id, kind, gap string) string {
	return fmt.Sprintf(`{"bartizan":"read","scope":%q,"type":%q,"complete":true,"startedAt":"2026-11-22T03:00:00Z","denied":[%s]}`+"\n", strings.Join(strings.Split(id, "/")[:3], "/"), kind, gap)
}

// TestCoverage_is_that_of_assess: of one inventory a server and assess come to the same
// coverage, whatever was not read of it, but for the places that could not be read, which
// are told by the import.
func TestCoverage_is_that_of_assess(t *testing.T) {
	asText := func(record map[string]any) string {
		text, err := json.Marshal(record)
		if err != nil {
			t.Fatal(err)
		}
		return string(text) + "\n"
	}
	tests := map[string]struct {
		every int
		what  func(id, kind string, record map[string]any) (lines, reads string)
	}{
		"resources that are denied": {9, func(id, kind string, _ map[string]any) (string, string) {
			return "", deniedRead(id, kind, fmt.Sprintf(`{"id":%q}`, id))
		}},
		"resources that are denied and there": {9, func(id, kind string, record map[string]any) (string, string) {
			return asText(record), deniedRead(id, kind, fmt.Sprintf(`{"id":%q}`, id))
		}},
		"parts of bodies that are denied": {9, func(id, kind string, record map[string]any) (string, string) {
			body, _ := record["properties"].(map[string]any)
			gaps := []string{}
			for _, key := range slices.Sorted(maps.Keys(body))[:len(body)/2] {
				delete(body, key)
				gaps = append(gaps, fmt.Sprintf(`{"id":%q,"path":%q}`, id, "properties."+key))
			}
			return asText(record), deniedRead(id, kind, strings.Join(gaps, ","))
		}},
		"types that are denied": {40, func(id, kind string, record map[string]any) (string, string) {
			return asText(record), deniedRead(id, "*", fmt.Sprintf(`{"type":%q}`, kind))
		}},
		"bodies that are not there": {9, func(_, _ string, record map[string]any) (string, string) {
			delete(record, "properties")
			return asText(record), ""
		}},
	}
	for name, test := range tests {
		t.Run(strings.ReplaceAll(name, " ", "_"), func(t *testing.T) {
			t.Parallel()
			text := spoilt(t, test.every, test.what)
			r := newRunning(t)
			owner := r.token("anna", access.Owner, "/")
			r.imported(owner, "", text)
			result, _, err := assess.Run(t.Context(), assess.Options{BuiltIn: r.server.Catalog, Now: r.now, Inputs: []assess.Input{
				{Name: "in.jsonl", Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }},
			}})
			if err != nil {
				t.Fatal(err)
			}
			type numbers struct {
				Judged, Unknown int
				Unseen          map[string]int
			}
			of := result.Coverage
			want := numbers{of.Judged, of.Unknown - of.Rejected, map[string]int{}}
			for reason, n := range of.Unseen {
				want.Unseen[reason.String()] = n
			}
			got := get[numbers](r, "/api/v1/coverage", owner)
			listed := got.Unseen["partial"] // places of the input in assess
			got.Unknown -= listed
			if delete(got.Unseen, "partial"); len(got.Unseen) == 0 {
				got.Unseen = map[string]int{}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-assess +server:\n%s", diff)
			}
			sum := 0
			for _, unit := range get[Score](r, "/api/v1/score", owner).Units {
				for _, n := range get[numbers](r, "/api/v1/coverage?scope="+url.QueryEscape(unit.Scope), owner).Unseen {
					sum += n
				}
			}
			for _, n := range want.Unseen {
				sum -= n
			}
			if sum != listed {
				t.Errorf("units have %d unseen more than all, want %d", sum, listed)
			}
		})
	}
}
