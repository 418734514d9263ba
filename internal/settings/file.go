package settings

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/bartizan-dev/bartizan/internal/spelling"
	"github.com/bartizan-dev/bartizan/internal/yamltext"
)

// File is a configuration file that was read.
type File struct {
	Name     string
	values   map[string]placed // by setting
	signOn   []Provider
	problems Problems
}

// placed is a value with its place in the file.
type placed struct {
	value  value
	origin Origin
}

// signOnKey is the mapping of sign-ins elsewhere, by name.
const signOnKey = "sign-on"

// ReadFile reads the text of a configuration file. What is wrong with it comes
// with [Load].
func ReadFile(name string, text []byte) *File {
	f := &File{Name: name, values: map[string]placed{}}
	root := f.decode(text)
	if root == nil {
		return f
	}
	known := []string{signOnKey}
	for _, d := range All {
		known = append(known, d.Name)
	}
	for key, n := range f.members(root, "the file", known) {
		if key == signOnKey {
			f.readSignOn(n)
			continue
		}
		d, _ := find(key)
		if v, ok := f.value(d, n); ok {
			f.values[key] = placed{v, f.at(n)}
		}
	}
	return f
}

func (f *File) at(n *yaml.Node) Origin { return Origin{FromFile, f.Name, n.Line, n.Column} }

func (f *File) report(n *yaml.Node, format string, args ...any) {
	f.problems = append(f.problems, problemAt(f.at(n), format, args...))
}

func (f *File) warn(n *yaml.Node, format string, args ...any) {
	f.report(n, format, args...)
	f.problems[len(f.problems)-1].Warning = true
}

// decode reads the one document of the file; nil if there is nothing in it.
func (f *File) decode(text []byte) *yaml.Node {
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	var root, more yaml.Node
	switch err := decoder.Decode(&root); {
	case errors.Is(err, io.EOF) || err == nil && (len(root.Content) != 1 || root.Content[0].Tag == "!!null"):
		return nil
	case err != nil:
		line, what := yamltext.Fault(err, text)
		f.report(&yaml.Node{Line: line}, "%s", what)
		return nil
	}
	if err := decoder.Decode(&more); !errors.Is(err, io.EOF) {
		f.report(&more, "a second document begins here; want one in a file")
	}
	return root.Content[0]
}

// members gives those of a mapping that are known, in no order, and reports the
// others.
func (f *File) members(n *yaml.Node, what string, known []string) map[string]*yaml.Node {
	found := map[string]*yaml.Node{}
	if n.Kind != yaml.MappingNode {
		f.report(n, "%s: got %s, want a mapping", what, kindOf(n))
		return found
	}
	wanted := map[string]bool{}
	for _, k := range known {
		wanted[k] = true
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		switch {
		case key.Kind != yaml.ScalarNode || !wanted[key.Value]:
			p := problemAt(f.at(key), "%s: there is no setting %q", what, key.Value)
			p.Suggestion = spelling.Nearest(strings.ReplaceAll(key.Value, "_", "-"), known)
			f.problems = append(f.problems, p)
		case found[key.Value] != nil:
			f.report(key, "%s: %q is there twice", what, key.Value)
		default:
			found[key.Value] = value
		}
	}
	return found
}

func kindOf(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.AliasNode:
		return "a YAML anchor"
	case n.Kind == yaml.MappingNode:
		return "a mapping"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case n.Tag == "!!null":
		return "nothing"
	}
	return fmt.Sprintf("%s %.80q", strings.TrimPrefix(n.Tag, "!!"), n.Value)
}

// value reads what the file says of a setting.
func (f *File) value(d Setting, n *yaml.Node) (v value, ok bool) {
	before := len(f.problems.of(false))
	switch d.Kind {
	case Hidden:
		v.secret = f.secret(d.Name, n)
	case List:
		v.list = f.texts(n, d.Name, d.wrong)
	case Truth:
		if n.Kind != yaml.ScalarNode || n.Tag != "!!bool" {
			f.report(n, "%s: got %s, want true or false", d.Name, kindOf(n))
			break
		}
		var is bool
		_ = n.Decode(&is) // the tag says that it is one
		v.text = fmt.Sprint(is)
	default:
		if v.text, ok = f.text(n, d.Name, d.Want); !ok {
			break
		}
		if err := d.wrong(v.text); err != nil {
			p := problemAt(f.at(n), "%s: %s", d.Name, err)
			p.Suggestion = spelling.Nearest(v.text, d.Words)
			f.problems = append(f.problems, p)
		}
		if d.Kind == Path {
			v.text = f.below(v.text)
		}
		if u, err := url.Parse(v.text); d.Name == "database" && err == nil && len(f.problems.of(false)) == before && hasPassword(u) {
			f.warn(n, "database: the password stands here for all who may read the file; put it into database-password as {file: NAME} or {env: NAME}")
		}
	}
	return v, len(f.problems.of(false)) == before
}

func hasPassword(u *url.URL) bool {
	_, given := u.User.Password()
	return given || u.Query().Get("password") != ""
}

// below is a path that counts from the file's own folder.
func (f *File) below(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(filepath.Dir(f.Name), name)
}

// text reads a text; numbers are none, as YAML changes how they are written.
func (f *File) text(n *yaml.Node, what, want string) (string, bool) {
	if n.Kind != yaml.ScalarNode || n.Tag == "!!null" {
		f.report(n, "%s: got %s, want %s", what, kindOf(n), want)
		return "", false
	}
	return n.Value, true
}

func (f *File) texts(n *yaml.Node, what string, check func(string) error) []string {
	if n.Kind != yaml.SequenceNode {
		f.report(n, "%s: got %s, want a list", what, kindOf(n))
		return nil
	}
	all := []string{}
	for _, item := range n.Content {
		text, ok := f.text(item, what, "a text")
		if !ok {
			continue
		}
		if err := check(text); err != nil {
			f.report(item, "%s: %s", what, err)
		}
		all = append(all, text)
	}
	return all
}

// secret reads where a secret is. One that is written plainly is taken, with a
// warning that does not repeat it.
func (f *File) secret(what string, n *yaml.Node) Secret {
	if n.Kind == yaml.ScalarNode && n.Tag != "!!null" && n.Value != "" {
		f.warn(n, "%s: the secret stands here for all who may read the file; want {file: NAME} or {env: NAME}", what)
		return Secret{plain: n.Value}
	}
	if n.Kind != yaml.MappingNode {
		f.report(n, "%s: got %s, want {file: NAME} or {env: NAME}", what, kindOf(n))
		return Secret{}
	}
	members := f.members(n, what, []string{"file", "env"})
	if len(n.Content) != 2 {
		f.report(n, "%s: want either file or env", what)
	}
	s := Secret{}
	for key, at := range members {
		text, ok := f.text(at, what+": "+key, "a name")
		switch {
		case !ok:
		case text == "":
			f.report(at, "%s: %s: want a name", what, key)
		case key == "file":
			s = Secret{file: f.below(text)}
		default:
			s = Secret{variable: text}
		}
	}
	return s
}
