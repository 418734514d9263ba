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
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/contoso"
	"github.com/bartizan-dev/bartizan/internal/posture"
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
// coverage, whatever was not read of it.
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
		"lines that break": {9, func(_, _ string, record map[string]any) (string, string) {
			return strings.Replace(asText(record), "}", ",", 1), ""
		}},
		"types that are numbers": {9, func(_, _ string, record map[string]any) (string, string) {
			record["type"] = 5
			return asText(record), ""
		}},
		"bodies that are texts": {9, func(_, _ string, record map[string]any) (string, string) {
			record["properties"] = "text"
			return asText(record), ""
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
				Judged, Unknown, Rejected int
				Unseen                    map[string]int
				Reasons                   map[string]int
			}
			told := func(n map[posture.Reason]int) map[string]int {
				words := map[string]int{}
				for reason, count := range n {
					words[reason.String()] = count
				}
				return words
			}
			of := result.Coverage
			want := numbers{of.Judged, of.Unknown, of.Rejected, told(of.Unseen), told(of.Reasons)}
			got := get[numbers](r, "/api/v1/coverage", owner)
			if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("-assess +server:\n%s", diff)
			}
			unseen, rejected := 0, 0
			for _, unit := range get[Score](r, "/api/v1/score", owner).Units {
				got := get[numbers](r, "/api/v1/coverage?scope="+url.QueryEscape(unit.Scope), owner)
				rejected += got.Rejected
				for _, n := range got.Unseen {
					unseen += n
				}
			}
			for _, n := range want.Unseen {
				unseen -= n
			}
			if unseen != 0 || rejected < want.Rejected { // what may be of several units counts in each
				t.Errorf("units have %d unseen more than all, and %d rejected, want %d or more", unseen, rejected, want.Rejected)
			}
		})
	}
}
