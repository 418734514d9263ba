package house

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
)

const module = "github.com/bartizan-dev/bartizan/"

// root finds the module's folder above the test's own.
func root(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		up := filepath.Dir(dir)
		if up == dir {
			t.Fatal("no go.mod above the test")
		}
		dir = up
	}
}

// walk calls f with every file that could be committed, by its slashed path
// below the root. Modules of their own, such as bench/opa, are left out.
func walk(t *testing.T, f func(name string)) {
	t.Helper()
	top := root(t)
	err := filepath.WalkDir(top, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(top, file)
		if err != nil {
			return err
		}
		name = filepath.ToSlash(name)
		if d.IsDir() && notOurs(top, name) {
			return filepath.SkipDir
		}
		if d.Type().IsRegular() && d.Name() != ".git" { // a file in a linked worktree
			f(name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// notOurs says which folders hold nothing of this module: what .gitignore
// names, and other modules.
func notOurs(top, name string) bool {
	switch path.Base(name) {
	case ".git", "node_modules", "dist":
		return true
	}
	if name == "bench/out" {
		return true
	}
	_, err := os.Stat(filepath.Join(top, filepath.FromSlash(name), "go.mod"))
	return name != "." && err == nil
}

// source is one Go file that is not a test.
type source struct {
	name string // slashed, below the root
	file *ast.File
	text string
}

func (s source) pkg() string { return path.Dir(s.name) }

// sources parses every Go file but tests, testdata and the benchmarks, which
// are no part of the product.
func sources(t *testing.T) []source {
	t.Helper()
	var found []source
	top := root(t)
	walk(t, func(name string) {
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") ||
			strings.Contains(name, "testdata/") || strings.HasPrefix(name, "bench/") {
			return
		}
		text, err := os.ReadFile(filepath.Join(top, filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, text, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, source{name, file, string(text)})
	})
	if len(found) == 0 {
		t.Fatal("no Go file found")
	}
	return found
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root(t), filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
