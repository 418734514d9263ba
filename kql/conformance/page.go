package conformance

import (
	"cmp"
	_ "embed"
	"fmt"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/kql/internal/function"
	"github.com/bartizan-dev/bartizan/kql/internal/plan"
)

//go:embed page.tmpl
var pageForm string

// Page writes docs/kql.md out of the tables of functions and the cases.
func Page(subjects []Subject) (string, error) {
	p := &page{byFile: map[string]Subject{}}
	for _, s := range subjects {
		p.byFile[s.File] = s
		for _, e := range s.Entries {
			p.cases = append(p.cases, e.Cases...)
		}
	}
	tables, err := files.ReadFile("tables.txt")
	if err != nil {
		return "", err
	}
	sections, contents := p.functionSections()
	return strings.NewReplacer(
		"{cases}", fmt.Sprint(len(p.cases)), "{functions}", contents,
		"{tables}", tablesOf(string(tables)),
		"{operatorTable}", operatorTable(), "{operators}", p.operators(),
		"{expressions}", entryTable(p.byFile["operators.txt"]), "{literals}", entryTable(p.byFile["literals.txt"]),
		"{functionSections}", sections, "{aggregates}", p.aggregates(), "{plugins}", p.plugins(),
		"{obsolete}", obsolete(), "{errors}", errorTable(p.byFile["errors.txt"]), "{left}", left(),
	).Replace(pageForm), nil
}

type page struct {
	byFile map[string]Subject
	cases  []Case
}

// tablesOf shows the tables of the cases as they are written.
func tablesOf(text string) string {
	_, text, _ = strings.Cut(text, "\n\n")
	return "```\n" + strings.TrimSpace(text) + "\n```"
}

func operatorTable() string {
	var rows []string
	for _, d := range plan.OperatorDocs() {
		rows = append(rows, row(link(d.Name), code(d.Usage), d.Doc))
	}
	return strings.Join(rows, "\n")
}

// link leads to an operator's section.
func link(name string) string { return "[" + name + "](#" + name + ")" }

// operators gives each operator a section with its first cases.
func (p *page) operators() string {
	var b strings.Builder
	for _, d := range plan.OperatorDocs() {
		fmt.Fprintf(&b, "### %s\n\n`%s`\n\n%s\n\n", d.Name, d.Usage, d.Doc)
		if e, ok := p.entry(d.Name); ok && e.Doc != "" && e.Doc != d.Doc {
			b.WriteString(e.Doc + "\n\n")
		}
		for _, c := range p.examplesOf(d.Name+" ", d.Name, 2) {
			b.WriteString(block(c))
		}
	}
	return b.String()
}

// entry is what is said of a name.
func (p *page) entry(name string) (Entry, bool) {
	for _, file := range Order {
		for _, e := range p.byFile[file].Entries {
			if slices.ContainsFunc(e.Names, func(n string) bool { return n == name || strings.HasPrefix(n, name+" ") }) {
				return e, true
			}
		}
	}
	return Entry{}, false
}

// examplesOf are the first cases that use a word: under its own heading, or
// else anywhere. Errors are examples only where there is nothing else.
func (p *page) examplesOf(word, name string, n int) []Case {
	var found []Case
	pick := func(cases []Case) {
		for _, c := range cases {
			if len(found) < n && c.Error == "" && Uses(c.Query, word) {
				found = append(found, c)
			}
		}
	}
	if e, ok := p.entry(name); ok {
		pick(e.Cases)
	}
	if len(found) == 0 {
		pick(p.cases)
	}
	return found
}

// Uses tells whether a word stands in a query by itself; a line's end is as good as a blank.
func Uses(query, word string) bool {
	query = strings.ReplaceAll(query+" ", "\n", " ")
	for from := 0; ; {
		at := strings.Index(query[from:], word)
		if at < 0 {
			return false
		}
		if at += from; at == 0 || !strings.Contains("abcdefghijklmnopqrstuvwxyz0123456789_-", query[at-1:at]) {
			return true
		}
		from = at + 1
	}
}

// A described is a row of a table of functions.
type described struct {
	name, signature, doc string
}

func (p *page) table(list []described, word func(name string) string) string {
	lines := []string{"| function | | example |", "|---|---|---|"}
	for _, d := range list {
		example := ""
		if found := p.examplesOf(word(d.name), d.name, 1); len(found) > 0 {
			example = inline(found[0])
		}
		lines = append(lines, row(d.signature, d.doc, example))
	}
	return strings.Join(lines, "\n") + "\n\n"
}

func signatures(name string, list []string) string {
	var forms []string
	for _, s := range list {
		forms = append(forms, code(name+plan.Readable(s)))
	}
	return strings.Join(slices.Compact(forms), "<br>")
}

// functionSections gives each group of functions in the files a table.
func (p *page) functionSections() (text, contents string) {
	var b strings.Builder
	var links []string
	done := map[string]bool{}
	for _, file := range Order {
		title, section := p.byFile[file].Title, ""
		groups, names := p.groups(file)
		for _, group := range names {
			var list []described
			for _, name := range groups[group] {
				if f, ok := function.FindScalar(name); ok && !done[name] && !f.Hidden && f.Refused == "" {
					done[name] = true
					list = append(list, described{name, signatures(name, f.Signatures), f.Doc})
				}
			}
			if len(list) > 0 && group != p.byFile[file].Title {
				section += "**" + group + "**\n\n"
			}
			if len(list) > 0 {
				section += p.table(list, func(name string) string { return name + "(" })
			}
		}
		if !strings.Contains(title, "unctions") {
			title = "Functions of " + strings.ToLower(title[:1]) + title[1:]
		}
		if section != "" {
			fmt.Fprintf(&b, "### %s\n\n%s", title, section)
			links = append(links, "["+strings.TrimPrefix(strings.ToLower(title), "functions ")+"](#"+anchor(title)+")")
		}
	}
	return b.String(), strings.Join(links, ", ")
}

// groups are the names of a file by the heading that they stand under.
func (p *page) groups(file string) (groups map[string][]string, order []string) {
	groups = map[string][]string{}
	for _, e := range p.byFile[file].Entries {
		group := cmp.Or(e.Group, p.byFile[file].Title)
		if groups[group] == nil {
			order = append(order, group)
		}
		groups[group] = append(groups[group], e.Names...)
	}
	return groups, order
}

func anchor(heading string) string {
	return strings.ReplaceAll(strings.ReplaceAll(strings.ToLower(heading), " ", "-"), ",", "")
}

func (p *page) aggregates() string {
	var list []described
	for _, f := range function.Aggregates() {
		if !f.Hidden && f.Refused == "" {
			list = append(list, described{f.Name, signatures(f.Name, f.Signatures), f.Doc})
		}
	}
	return p.table(list, func(name string) string { return name + "(" })
}

func (p *page) plugins() string {
	var list []described
	for _, f := range function.Plugins() {
		if f.Refused == "" {
			list = append(list, described{f.Name, signatures(f.Name, f.Signatures), f.Doc})
		}
	}
	return p.table(list, func(name string) string { return "evaluate " + name + "(" })
}

func obsolete() string {
	var rows []string
	for _, f := range function.Scalars() {
		if f.Obsolete != "" && f.Refused == "" {
			rows = append(rows, row(code(f.Name), code(f.Obsolete)))
		}
	}
	for _, f := range function.Aggregates() {
		if f.Obsolete != "" && f.Refused == "" {
			rows = append(rows, row(code(f.Name), code(f.Obsolete)))
		}
	}
	return strings.Join(rows, "\n")
}
