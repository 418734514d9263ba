package estate_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/estate"
	"github.com/bartizan-dev/bartizan/internal/intake"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// An import tells every scope and type that it took as read: by its records, and by the
// word of who imports, each once.
func TestImport_tells_what_it_took_as_read(t *testing.T) {
	elsewhere := strings.ReplaceAll(account("z", "true"), unit, other)
	said := func(scope, typeName string) []posture.ReadRecord {
		return []posture.ReadRecord{{Scope: scope, Type: typeName, Complete: true}}
	}
	type read = posture.ReadRecord
	tests := map[string]struct {
		text    string
		options estate.ImportOptions
		want    []read
	}{
		"nothing":             {account("a", "true"), estate.ImportOptions{}, nil},
		"all":                 {account("a", "true") + elsewhere, estate.ImportOptions{CompleteAll: true}, []read{{Scope: unit, Type: "*", Complete: true}, {Scope: other, Type: "*", Complete: true}}},
		"all of nothing":      {readAt(9, storage, true), estate.ImportOptions{CompleteAll: true}, []read{{Scope: unit, Type: storage, Complete: true}}},
		"a scope":             {account("a", "true"), estate.ImportOptions{Complete: said(unit, "*")}, []read{{Scope: unit, Type: "*", Complete: true}}},
		"a type":              {account("a", "true"), estate.ImportOptions{Complete: said(unit, storage)}, []read{{Scope: unit, Type: storage, Complete: true}}},
		"a scope twice":       {account("a", "true"), estate.ImportOptions{Complete: said(strings.ToUpper(unit), "*"), CompleteAll: true}, []read{{Scope: strings.ToUpper(unit), Type: "*", Complete: true}}},
		"beside a record":     {readAt(9, storage, false) + account("a", "true"), estate.ImportOptions{CompleteAll: true}, []read{{Scope: unit, Type: storage}, {Scope: unit, Type: "*", Complete: true}}},
		"that promises less":  {readAt(9, "*", false) + account("a", "true"), estate.ImportOptions{CompleteAll: true}, []read{{Scope: unit, Type: "*"}}},
		"that says the same":  {readAt(9, "*", true) + account("a", "true"), estate.ImportOptions{CompleteAll: true}, []read{{Scope: unit, Type: "*", Complete: true}}},
		"a scope of nobody's": {account("a", "true"), estate.ImportOptions{Complete: said(other, "*")}, nil},
	}
	for name, test := range tests {
		t.Run(strings.ReplaceAll(name, " ", "_"), func(t *testing.T) {
			t.Parallel()
			k := newKept(t)
			for _, dry := range []bool{true, false} {
				o := test.options
				o.Inputs, o.Actor, o.DryRun = []intake.Input{input("in", test.text)}, "tester", dry
				answer, err := k.estate.Import(t.Context(), o)
				if err != nil {
					t.Fatal(err)
				}
				for n := range answer.Reads {
					answer.Reads[n].StartedAt = time.Time{}
				}
				if diff := cmp.Diff(test.want, answer.Reads); diff != "" {
					t.Errorf("dry run %t: -want +got\n%s", dry, diff)
				}
			}
		})
	}
}
