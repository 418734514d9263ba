package catalog

import (
	"fmt"
	"path"
	"strings"
	"sync"

	source "github.com/bartizan-dev/bartizan/catalog"
)

// Question is a query in KQL that comes with the program.
type Question struct {
	Name       string // the file's name
	Title      string
	Words      string   // why it helps, in a sentence or two
	Tables     []string // that it reads
	Parameters []string // that it declares
	Text       string   // of the whole file
}

// Questions gives all questions by name. What it points to is shared and must
// not be changed.
var Questions = sync.OnceValues(func() ([]*Question, error) {
	entries, err := source.Queries.ReadDir("queries")
	if err != nil {
		return nil, err
	}
	var all []*Question
	for _, e := range entries {
		text, err := source.Queries.ReadFile("queries/" + e.Name())
		if err != nil {
			return nil, err
		}
		q, err := parseQuestion(e.Name(), string(text))
		if err != nil {
			return nil, err
		}
		all = append(all, q)
	}
	return all, nil
})

// parseQuestion reads the comments at the head of a question: each begins with
// a word and a colon, or is indented and goes on with the line before. Any other
// comment is the query's own and ends the head.
func parseQuestion(file, text string) (*Question, error) {
	q := &Question{Name: strings.TrimSuffix(path.Base(file), ".kql"), Text: text}
	words := map[string]*string{"title": &q.Title, "words": &q.Words, "tables": new(string), "parameters": new(string)}
	var last *string
	n := 0
head:
	for line := range strings.Lines(text) {
		comment, ok := strings.CutPrefix(strings.TrimSpace(line), "//")
		if !ok {
			break
		}
		n++
		word, rest, ok := strings.Cut(comment, ":")
		at := words[strings.TrimSpace(word)]
		switch {
		case ok && at != nil:
			*at, last = strings.TrimSpace(rest), at
		case last != nil && strings.HasPrefix(comment, "  "):
			*last += " " + strings.TrimSpace(comment)
		case last != nil:
			break head
		default:
			return nil, fmt.Errorf("queries/%s:%d: want a line of // title, words, tables or parameters and a colon", file, n)
		}
	}
	if q.Title == "" || q.Words == "" || *words["tables"] == "" {
		return nil, fmt.Errorf("queries/%s: want // title:, // words: and // tables: at its head", file)
	}
	q.Tables, q.Parameters = listed(*words["tables"]), listed(*words["parameters"])
	return q, nil
}

func listed(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' })
}
