package plan

import (
	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/kql/internal/syntax"
)

// A Word is what is known of the word at an offset of a query.
type Word struct {
	Text   string
	Span   syntax.Span
	Column *data.Column
	Table  []data.Column // of a table
	Name   *NameDoc
}

// WordAt looks a word up where it stands: columns first, then the query's names, then tables.
func WordAt(text string, offset int, scope Scope) (Word, bool) {
	w, ok := wordAround(text, offset)
	if !ok {
		return w, false
	}
	q, _ := syntax.Parse(text)
	if q == nil {
		return w, true
	}
	before := &completer{text: text[:w.Span.Start], scope: scope}
	before.cut()
	before.read()
	b := newBinder(q, scope)
	in, right := b.inputAt(q, before.operatorStart())
	for _, side := range []*relation{in, right} {
		if side == nil {
			continue
		}
		if i := side.find(w.Text); i >= 0 {
			w.Column = &side.cols()[i]
			return w, true
		}
	}
	for _, d := range b.nameDocs(q) {
		if d.Name == w.Text {
			w.Name = &d
			return w, true
		}
	}
	if scope.Table != nil {
		if source, ok := scope.Table(w.Text); ok {
			w.Table = source.Columns()
		}
	}
	return w, true
}

// wordAround is the word at an offset or ending there, else the mark behind it.
func wordAround(text string, offset int) (w Word, ok bool) {
	for _, t := range syntax.Tokens(text) {
		if offset < t.Span.Start || offset > t.Span.End {
			continue
		}
		found := Word{Text: text[t.Span.Start:t.Span.End], Span: t.Span}
		switch t.Kind {
		case syntax.TokenName, syntax.TokenKeyword:
			return found, true
		case syntax.TokenPunctuation, syntax.TokenBool:
			w, ok = found, true
		}
	}
	return w, ok
}
