package policy

import "strings"

// snippet is a part of a document that is kept as text: half of a catalogue are
// templates of deployments, which few ask for.
type snippet struct {
	text string
	pos  Position
}

// snippetOf cuts a node out of the text of its document.
func snippetOf(document string, n *Node) snippet { return snippet{document[n.from:n.to], n.Pos} }

// node reads the snippet, nil if it is empty. It is a part of a document that
// was read, so it cannot fail.
func (s snippet) node() *Node {
	if s.text == "" {
		return nil
	}
	p := newNodeParser(s.text, s.pos.Line)
	p.lineStart = 1 - s.pos.Column
	return p.value()
}

// contains reports whether the node, written as JSON in small letters, has a
// text in it that needs no escapes.
func (s snippet) contains(part string) bool {
	if !strings.Contains(s.text, `\u`) && isASCII(s.text) {
		return containsFold(s.text, part)
	}
	return strings.Contains(strings.ToLower(string(s.node().AppendJSON(nil))), part)
}

// containsFold is strings.Contains ignoring the case of letters in ASCII.
func containsFold(text, part string) bool {
	last := part[len(part)-1:] // no letter, or it is not found in capitals
	for from := 0; ; {
		at := strings.Index(text[from:], last)
		if at < 0 {
			return false
		}
		from += at + 1
		if from >= len(part) && strings.EqualFold(text[from-len(part):from], part) {
			return true
		}
	}
}

// Then is the whole then object. It is read anew by each call.
func (r *Rule) Then() *Node { return r.then.node() }
