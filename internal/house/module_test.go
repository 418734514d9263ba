package house

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/semver"
)

// TestModulesOfBenchesAgree: a bench that is a module of its own and uses ours
// wants no other module older than ours does; go would refuse to build it.
func TestModulesOfBenchesAgree(t *testing.T) {
	ours := moduleFile(t, filepath.Join(root(t), "go.mod"))
	wanted := map[string]string{}
	for _, r := range ours.Require {
		wanted[r.Mod.Path] = r.Mod.Version
	}
	files, err := filepath.Glob(filepath.Join(root(t), "bench", "*", "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	checked := 0
	for _, file := range files {
		module := moduleFile(t, file)
		if !slices.ContainsFunc(module.Require, func(r *modfile.Require) bool { return r.Mod.Path == ours.Module.Mod.Path }) {
			continue
		}
		checked++
		for _, r := range module.Require {
			if least := wanted[r.Mod.Path]; least != "" && semver.Compare(r.Mod.Version, least) < 0 {
				t.Errorf("%s wants %s %s, ours %s: run go mod tidy there", file, r.Mod.Path, r.Mod.Version, least)
			}
		}
	}
	if checked == 0 {
		t.Error("no bench uses our module")
	}
}

func moduleFile(t *testing.T, name string) *modfile.File {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	f, err := modfile.Parse(name, text, nil)
	if err != nil {
		t.Fatal(err)
	}
	return f
}
