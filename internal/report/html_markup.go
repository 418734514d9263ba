package report

import (
	"bufio"
	"io"
	"strings"
)

// markup writes HTML. Whatever comes from outside goes through text and with,
// which escape it; what is written as it stands is trusted, a type that only
// constants of the program and what this package has drawn itself have.
type markup struct {
	*bufio.Writer // keeps its first error for Flush
}

// trusted is markup of our own. A variable string does not become one by
// accident.
type trusted string

// with holds attributes, name and value in turn. A value of "" on a name that
// ends in ? leaves the attribute out.
type with []string

// class is the most frequent attribute.
func class(names string) with { return with{"class", names} }

func newMarkup(w io.Writer) *markup { return &markup{bufio.NewWriterSize(w, 1<<16)} }

func (s *markup) raw(text trusted) { s.WriteString(string(text)) }

func (s *markup) text(text string) { escape(s.Writer, Harmless(text)) }

// in writes an element around what body writes.
func (s *markup) in(tag trusted, attributes with, body func()) {
	s.start(tag, attributes)
	body()
	s.raw("</" + tag + ">")
}

// leaf writes an element that holds text only.
func (s *markup) leaf(tag trusted, attributes with, text string) {
	s.start(tag, attributes)
	s.text(text)
	s.raw("</" + tag + ">")
}

func (s *markup) start(tag trusted, attributes with) {
	s.raw("<" + tag)
	for i := 0; i+1 < len(attributes); i += 2 {
		name, optional := strings.CutSuffix(attributes[i], "?")
		if optional && attributes[i+1] == "" {
			continue
		}
		s.WriteString(" " + name + `="`)
		escape(s.Writer, Harmless(attributes[i+1]))
		s.WriteByte('"')
	}
	s.WriteByte('>')
}

// escape writes text so that it is text in an element and in an attribute.
func escape(w *bufio.Writer, text string) {
	for {
		at := strings.IndexAny(text, `<>&"'`)
		if at < 0 {
			w.WriteString(text)
			return
		}
		w.WriteString(text[:at])
		w.WriteString(entities[text[at]])
		text = text[at+1:]
	}
}

var entities = map[byte]string{'<': "&lt;", '>': "&gt;", '&': "&amp;", '"': "&quot;", '\'': "&#39;"}
