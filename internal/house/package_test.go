package house

import (
	"go/ast"
	"path"
	"strings"
	"testing"
)

// TestPackageComments: every package says what it is for, once.
func TestPackageComments(t *testing.T) {
	comments := map[string]int{}
	for _, s := range sources(t) {
		comments[s.pkg()] += 0
		if s.file.Doc == nil {
			continue
		}
		want := "Package " + s.file.Name.Name + " "
		if s.file.Name.Name == "main" {
			want = "Command " + path.Base(s.pkg()) + " "
		}
		if !strings.HasPrefix(s.file.Doc.Text(), want) {
			t.Errorf("%s: package comment begins %.30q, want %q", s.name, s.file.Doc.Text(), want)
		}
		comments[s.pkg()]++
	}
	for pkg, n := range comments {
		if n != 1 {
			t.Errorf("%s: %d package comments, want 1", pkg, n)
		}
	}
}

// TestPackageNames: a package is a noun of the domain, not a drawer.
func TestPackageNames(t *testing.T) {
	drawers := map[string]bool{
		"util": true, "utils": true, "common": true, "helper": true, "helpers": true,
		"models": true, "types": true, "base": true, "core": true, "misc": true, "shared": true,
	}
	for _, s := range sources(t) {
		if drawers[s.file.Name.Name] {
			t.Errorf("%s: package %s is a drawer; name it after its subject", s.name, s.file.Name.Name)
		}
	}
}

// TestExportedComments: every exported name says what it is.
func TestExportedComments(t *testing.T) {
	for _, s := range sources(t) {
		for _, decl := range s.file.Decls {
			switch d := decl.(type) {
			case *ast.FuncDecl:
				if d.Doc == nil && d.Name.IsExported() && exportedReceiver(d) {
					t.Errorf("%s: %s has no comment", s.name, d.Name.Name)
				}
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					if typ, ok := spec.(*ast.TypeSpec); ok && typ.Name.IsExported() && typ.Doc == nil && d.Doc == nil {
						t.Errorf("%s: %s has no comment", s.name, typ.Name.Name)
					}
				}
			}
		}
	}
}

// exportedReceiver says whether a function can be called from outside: it is
// no method, or one of an exported type.
func exportedReceiver(d *ast.FuncDecl) bool {
	if d.Recv == nil {
		return true
	}
	typ := d.Recv.List[0].Type
	if star, ok := typ.(*ast.StarExpr); ok {
		typ = star.X
	}
	if index, ok := typ.(*ast.IndexExpr); ok {
		typ = index.X
	}
	name, ok := typ.(*ast.Ident)
	return ok && name.IsExported()
}

// TestFileLength: past the ceiling there is a second subject inside.
func TestFileLength(t *testing.T) {
	const ceiling = 600
	for _, s := range sources(t) {
		if n := strings.Count(s.text, "\n"); n > ceiling && !ast.IsGenerated(s.file) {
			t.Errorf("%s: %d lines, want at most %d", s.name, n, ceiling)
		}
	}
}
