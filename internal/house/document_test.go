package house

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

// machinePath finds absolute paths of the places where people and build
// machines keep checkouts.
var machinePath = regexp.MustCompile(`(?:^|[^\w./~-])(/(?:work|root|home|Users)/[\w.-]+["/]|[A-Z]:\\Users\\)`)

// imageUser holds the homes of the users that cloud images come with; estates
// name them.
var imageUser = map[string]bool{"/home/" + "azureuser/": true, "/home/" + "ec2-user/": true}

func TestNoMachinePaths(t *testing.T) {
	top := root(t)
	walk(t, func(name string) {
		text, err := os.ReadFile(filepath.Join(top, filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, "go.sum") || !utf8.Valid(text) {
			return
		}
		if at := machinePath.FindSubmatch(text); at != nil && !imageUser[string(at[1])] {
			t.Errorf("%s: holds %q, a path of one machine", name, at[1])
		}
	})
}

func TestMachinePath(t *testing.T) {
	tests := map[string]struct {
		in   string
		want bool
	}{
		"home":      {"see /" + "home/anna/bartizan", true},
		"a_folder":  {`"/` + `work/shared"`, true},
		"quoted":    {`"/` + `root/go/pkg/"`, true},
		"users":     {`C:` + `\Users\anna`, true},
		"url":       {"https://example.org/home/anna/", false},
		"below":     {"x/root/go/", false},
		"only_root": {"the tree's /root and /home", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := machinePath.MatchString(test.in); got != test.want {
				t.Errorf("%q: got %v, want %v", test.in, got, test.want)
			}
		})
	}
}

var link = regexp.MustCompile(`\]\(([^)#\s]+)(?:#[^)]*)?\)`)

// TestLinks: links between our documents lead somewhere.
func TestLinks(t *testing.T) {
	top := root(t)
	walk(t, func(name string) {
		if path.Ext(name) != ".md" || strings.Contains(name, "testdata/") {
			return
		}
		for _, found := range link.FindAllStringSubmatch(read(t, name), -1) {
			if strings.Contains(found[1], ":") {
				continue // another site
			}
			target := path.Join(path.Dir(name), found[1])
			if _, err := os.Stat(filepath.Join(top, filepath.FromSlash(target))); err != nil {
				t.Errorf("%s: links to %s, which is not there", name, found[1])
			}
		}
	})
}

// docPath finds documents named in text and comments, such as
// docs/decisions/0002-judging-by-classes.md.
var docPath = regexp.MustCompile(`\bdocs/[\w/-]+\.md\b`)

// TestNamedDocuments: a document that a comment or document names exists.
func TestNamedDocuments(t *testing.T) {
	top := root(t)
	walk(t, func(name string) {
		if ext := path.Ext(name); ext != ".md" && ext != ".go" && path.Base(name) != "Makefile" {
			return
		}
		for _, target := range docPath.FindAllString(read(t, name), -1) {
			if _, err := os.Stat(filepath.Join(top, filepath.FromSlash(target))); err != nil {
				t.Errorf("%s: names %s, which is not there", name, target)
			}
		}
	})
}

// TestMapIsShort: the map is read before the code, so it stays a map.
func TestMapIsShort(t *testing.T) {
	if n := strings.Count(read(t, "docs/architecture.md"), "\n"); n > 150 {
		t.Errorf("docs/architecture.md: %d lines, want at most 150", n)
	}
}
