package conformance

import (
	"embed"
	"fmt"
	"strings"
)

//go:embed *.txt
var files embed.FS

// A Subject is one file.
type Subject struct {
	File, Title string
	Entries     []Entry
}

// An Entry is what is said of some names: a description and cases.
type Entry struct {
	Group string
	Names []string
	Doc   string
	Cases []Case
}

// A Case is a query with what it must give.
type Case struct {
	File   string
	Line   int
	Remark string
	// Query is what is run; Text is what a reader sees, without "print" of a value alone.
	Query, Text string
	// Columns is "name:type, …", or "" where they are not compared.
	Columns  string
	Rows     []string
	AnyOrder bool
	// Value: the rows are one value.
	Value bool
	// Error is a part of the problem's text.
	Error string
}

// Subjects reads all files but the tables, in the order given.
func Subjects(names ...string) ([]Subject, error) {
	var all []Subject
	for _, name := range names {
		text, err := files.ReadFile(name)
		if err != nil {
			return nil, err
		}
		s, err := parse(name, string(text))
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
}

type reader struct {
	subject Subject
	group   string
	remark  []string
	// query holds the lines of a case, from line first on.
	query []string
	first int
	// open is the case whose rows are being read.
	open *Case
	// describing: sentences may follow a heading.
	describing bool
}

func parse(file, text string) (Subject, error) {
	r := &reader{subject: Subject{File: file}}
	for i, line := range strings.Split(text, "\n") {
		if err := r.line(i+1, strings.TrimRight(line, " \t\r")); err != nil {
			return Subject{}, fmt.Errorf("%s:%d: %w", file, i+1, err)
		}
	}
	if len(r.query) > 0 {
		return Subject{}, fmt.Errorf("%s:%d: a query without =>", file, r.first)
	}
	return r.subject, nil
}

func (r *reader) line(n int, line string) error {
	inQuery := len(r.query) > 0
	switch {
	case line == "" && inQuery:
		return fmt.Errorf("the query of line %d has no =>", r.first)
	case line == "":
		r.open, r.describing = nil, false
	case r.open != nil:
		r.open.Rows = append(r.open.Rows, line)
	case inQuery && strings.HasPrefix(line, "=>"):
		return r.result(strings.TrimSpace(line[2:]))
	case inQuery:
		r.query = append(r.query, line)
	case strings.HasPrefix(line, "### "):
		r.group = line[4:]
	case strings.HasPrefix(line, "## "):
		names := strings.Split(line[3:], ", ")
		r.subject.Entries = append(r.subject.Entries, Entry{Group: r.group, Names: names})
		r.describing = true
	case strings.HasPrefix(line, "# "):
		r.subject.Title = line[2:]
	case strings.HasPrefix(line, "// "):
		r.describing = false
		r.remark = append(r.remark, line[3:])
	case len(r.subject.Entries) == 0:
		return fmt.Errorf("want \"## name\" before %q", line)
	case r.describing && strings.HasSuffix(line, "."):
		e := r.entry()
		e.Doc = strings.TrimSpace(e.Doc + " " + line)
	default:
		return r.begin(n, line)
	}
	return nil
}

func (r *reader) entry() *Entry { return &r.subject.Entries[len(r.subject.Entries)-1] }

// begin reads the first line of a case, which may be all of it.
func (r *reader) begin(n int, line string) error {
	r.describing = false
	expr, value, ok := strings.Cut(line, " ==> ")
	if !ok {
		r.query, r.first = []string{line}, n
		return nil
	}
	c := r.add(n, "print "+expr, expr)
	c.Value = true
	if text, isError := strings.CutPrefix(value, "error: "); isError {
		c.Error = text
		return nil
	}
	c.Rows = []string{"[" + value + "]"}
	return nil
}

// result reads what follows =>.
func (r *reader) result(head string) error {
	text := strings.Join(r.query, "\n")
	r.query = nil
	c := r.add(r.first, text, text)
	if problem, ok := strings.CutPrefix(head, "error: "); ok {
		c.Error = problem
		return nil
	}
	if rest, ok := strings.CutPrefix(head, "any order"); ok {
		c.AnyOrder, head = true, strings.TrimSpace(rest)
	}
	r.open = c
	switch {
	case strings.HasPrefix(head, "["):
		c.Rows = []string{head}
	default:
		c.Columns = head
	}
	return nil
}

func (r *reader) add(line int, query, text string) *Case {
	e := r.entry()
	e.Cases = append(e.Cases, Case{File: r.subject.File, Line: line, Remark: strings.Join(r.remark, " "), Query: query, Text: text})
	r.remark = nil
	return &e.Cases[len(e.Cases)-1]
}
