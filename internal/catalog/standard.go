package catalog

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

// The properties of a standard and of its controls. Which rules give evidence
// for a control of a built-in standard is written in the recommendations, in
// one place; a user's own standard says it itself.
var (
	standardKeys   = []string{"!title", "!authority", "!version", "!clouds", "default", "!controls"}
	controlKeys    = []string{"!id", "!title", "manual", "controls"}
	ownControlKeys = append(slices.Clone(controlKeys), "recommendations", "policies")
)

func (p *parser) standards() {
	p.controlIDs = map[string]bool{}
	for _, file := range p.glob("standards/*") {
		d, root := p.open(file, "standard")
		r := standardReader{document: d}
		s := r.standard(d.idOfFile(), root)
		for _, n := range s.Nodes {
			p.controlIDs[s.ID+":"+n.ID] = true
		}
		p.standardList = append(p.standardList, s)
	}
}

// ParseStandard reads a user's own standard: the same form as a built-in one,
// as YAML or JSON, with the recommendations and policies that give evidence for
// each control. Its id is the file's name. All problems are reported at once,
// with what could be read in spite of them. Whether the names stand for something
// is left to the caller.
func ParseStandard(file string, data []byte) (*Standard, Problems) {
	var problems Problems
	d := &document{file, &problems}
	id := strings.TrimSuffix(path.Base(strings.ReplaceAll(file, `\`, "/")), path.Ext(file))
	r := standardReader{document: d, own: true}
	s := r.standard(id, d.decode(data))
	problems.Sort()
	return &s, problems
}

// standardReader reads one standard.
type standardReader struct {
	*document
	own  bool // a user's
	seen map[string]bool
}

func (r *standardReader) standard(id string, root *yaml.Node) Standard {
	m := r.object(root, "standard", standardKeys...)
	s := Standard{
		ID:        id,
		Title:     r.text(m["title"].value, "title"),
		Authority: r.text(m["authority"].value, "authority"),
		Version:   r.text(m["version"].value, "version"),
		Default:   r.truth(m["default"].value, "default", false),
	}
	for _, n := range r.list(m["clouds"].value, "clouds") {
		if cloud := r.cloud(n); cloud != posture.NoCloud {
			s.Clouds = append(s.Clouds, cloud)
		}
	}
	if r.own && root != nil {
		s.Place = fmt.Sprintf("%s:%d", r.file, root.Line)
	}
	r.seen = map[string]bool{}
	r.nodes(&s, "", m["controls"].value)
	return s
}

// nodes adds the controls of a list and, below each, its own.
func (r *standardReader) nodes(s *Standard, parent string, list *yaml.Node) {
	keys := controlKeys
	if r.own {
		keys = ownControlKeys
	}
	for _, n := range r.list(list, "controls") {
		m := r.object(n, "control", keys...)
		node := Node{
			ID:              r.text(m["id"].value, "id"),
			Title:           r.text(m["title"].value, "title"),
			Parent:          parent,
			Manual:          r.truth(m["manual"].value, "manual", false),
			Recommendations: r.evidence(m["recommendations"].value, "recommendations"),
			Policies:        r.evidence(m["policies"].value, "policies"),
		}
		if r.own {
			node.Place = fmt.Sprintf("%s:%d", r.file, n.Line)
		}
		if r.seen[strings.ToLower(node.ID)] {
			r.report(n, "control %q: is there twice", node.ID)
		}
		if words := len(strings.Fields(node.Title)); words > longestLabel && !r.own {
			r.report(m["title"].value, "title: %d words, want a label of at most %d", words, longestLabel)
		}
		r.seen[strings.ToLower(node.ID)] = true
		s.Nodes = append(s.Nodes, node)
		r.nodes(s, node.ID, m["controls"].value)
	}
}

// evidence reads a list of names, of which each may be there once: its checks
// would be counted again.
func (r *standardReader) evidence(list *yaml.Node, what string) []string {
	folded := func(name string) string { return strings.ToLower(strings.TrimSpace(name)) }
	seen := map[string]bool{}
	for _, n := range r.list(list, what) {
		name := folded(n.Value)
		if seen[name] && name != "" {
			r.report(n, "%s: %q is there twice", what, n.Value)
		}
		seen[name] = true
	}
	return slices.DeleteFunc(r.texts(list, what), func(name string) bool {
		first := seen[folded(name)]
		seen[folded(name)] = false
		return !first
	})
}
