package govern

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/policy"
)

// MaxDocuments is how many bytes several documents have at most that come at once.
const MaxDocuments = 64_000_000

// Several reports whether several documents of a kind may come at once.
func Several(kind ledger.DocumentKind) bool {
	return kind == ledger.Definition || kind == ledger.Initiative || kind == ledger.Assignment
}

// ParsePolicies reads the policy documents of a text: one, as [ParsePolicy] does, or
// an array of them, {"value": […]}, JSON lines. Several say themselves how they are
// called.
func ParsePolicies(kind ledger.DocumentKind, home Home, text []byte) ([]*Policy, error) {
	whole := bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	parts, several := split(whole)
	if !Several(kind) || !several {
		p, err := ParsePolicy(kind, home, text)
		return []*Policy{p}, err
	}
	switch {
	case len(parts) == 0:
		return nil, Problems{{Want: fmt.Sprintf("want at least one %s, there is none", kind)}}
	case home.ID != "" && len(parts) > 1:
		return nil, Problems{{Path: "id", Want: fmt.Sprintf("want none, as there are %d documents, which say it themselves", len(parts))}}
	}
	var all []*Policy
	var wrong Problems
	at := places{text: whole, at: policy.Position{Line: 1, Column: 1}}
	for _, part := range parts {
		begin := &Policy{At: at.of(part.from)}
		p, err := ParsePolicy(kind, home, part.text)
		var of Problems
		switch {
		case errors.As(err, &of):
			for _, problem := range of {
				if problem.Pos.Line == 0 {
					problem.Want = problem.Error()
					problem.Path, problem.Pos = "", policy.Position{Line: 1, Column: 1}
				}
				problem.Pos = begin.In(problem.Pos)
				wrong = append(wrong, problem)
			}
			continue
		case err != nil:
			return nil, err
		}
		p.At = begin.At
		for i := range p.Warnings {
			p.Warnings[i].Pos = p.In(p.Warnings[i].Pos)
		}
		all = append(all, p)
	}
	if len(wrong) > 0 {
		return nil, wrong
	}
	return all, nil
}

// mostWarnings is how many are told of several documents.
const mostWarnings = 100

// Warnings are those of documents that came at once, in words.
func Warnings(ps []*Policy) (told []string) {
	n := 0
	for _, p := range ps {
		for _, w := range p.Warnings {
			if n++; n <= mostWarnings || len(ps) == 1 {
				told = append(told, w.Error())
			}
		}
	}
	if more := n - len(told); more > 0 {
		told = append(told, fmt.Sprintf("and %d more", more))
	}
	return told
}

// part is a document within a text.
type part struct {
	text json.RawMessage
	from int
}

// split gives the documents of a text that has several, or may have; what is no JSON is
// one, whose reader says what is wrong with it.
func split(text []byte) (parts []part, several bool) {
	parts, ok := values(0, json.NewDecoder(bytes.NewReader(text)))
	switch {
	case !ok || len(parts) == 0:
		return nil, false
	case len(parts) > 1:
		return parts, true
	}
	one := parts[0]
	var list struct{ Value *json.RawMessage }
	switch {
	case one.text[0] == '[':
	case json.Unmarshal(one.text, &list) == nil && list.Value != nil && (*list.Value)[0] == '[':
		one.from += bytes.Index(one.text, *list.Value)
		one.text = *list.Value
	default:
		return nil, false
	}
	d := json.NewDecoder(bytes.NewReader(one.text))
	if _, err := d.Token(); err != nil {
		return nil, false
	}
	return values(one.from, d)
}

// values gives those that a decoder has yet to read, up to a closing bracket or the
// end; it began at a place of the text.
func values(from int, d *json.Decoder) (parts []part, ok bool) {
	for d.More() {
		var p part
		if err := d.Decode(&p.text); err != nil {
			return nil, false
		}
		p.from = from + int(d.InputOffset()) - len(p.text)
		parts = append(parts, p)
	}
	_, err := d.Token()
	return parts, err == nil || errors.Is(err, io.EOF)
}

// places tell lines and columns of a text, one after the other.
type places struct {
	text []byte
	done int
	at   policy.Position
}

func (p *places) of(offset int) policy.Position {
	for p.done < offset {
		r, size := utf8.DecodeRune(p.text[p.done:])
		p.done += size
		if p.at.Column++; r == '\n' {
			p.at.Line, p.at.Column = p.at.Line+1, 1
		}
	}
	return p.at
}
