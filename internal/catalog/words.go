package catalog

import (
	"fmt"
	"iter"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"
)

// longestSharedRun is how many words two recommendations may have in a row.
const longestSharedRun = 8

// longestLabel is how many words the label of a standard's control may have.
// Ours have eight at most; titles in the public domain are taken as they are.
const longestLabel = 10

// refused are words by which a title commands instead of stating how the
// world is when all is well.
var refused = []string{"should", "must", "ensure", "please", "secure", "securely"}

// title checks the form of a title: it states the wanted world in one line.
func (d *document) title(n *yaml.Node) string {
	s := d.text(n, "title")
	if s == "" {
		return ""
	}
	if len(s) > 90 {
		d.report(n, "title: %d characters, want at most 90", len(s))
	}
	if strings.HasSuffix(s, ".") || !unicode.IsUpper([]rune(s)[0]) || strings.Contains(s, "\n") {
		d.report(n, "title: want one line that begins with a capital and ends without a full stop")
	}
	for _, w := range wordsOf(s) {
		for _, no := range refused {
			if w == no {
				d.report(n, "title: says %q; state the wanted world, such as \"S3 buckets block public access\"", w)
			}
		}
	}
	return s
}

// sentence gives text of a length within limits that ends as a sentence does.
func (d *document) sentence(n *yaml.Node, what string, least, most int) string {
	s := d.text(n, what)
	if s == "" {
		return ""
	}
	if len(s) < least || len(s) > most {
		d.report(n, "%s: %d characters, want %d to %d", what, len(s), least, most)
	}
	if !strings.HasSuffix(s, ".") {
		d.report(n, "%s: want whole sentences, a full stop at the end", what)
	}
	return s
}

// pattern gives text of a form.
func (d *document) pattern(n *yaml.Node, what string, form *regexp.Regexp, want string) string {
	s := d.text(n, what)
	if s != "" && !form.MatchString(s) {
		d.report(n, "%s: got %q, want %s", what, s, want)
	}
	return s
}

func (d *document) slug(n *yaml.Node, what string) string {
	return d.pattern(n, what, slugPattern, "lower-case words joined by hyphens")
}

// wordsOf cuts text into lower-case words of letters and digits.
func wordsOf(s string) []string {
	return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
}

// telling gives the words of four letters and more without their endings, so
// that "bucket" says what "buckets" said.
func telling(s string) map[string]bool {
	found := map[string]bool{}
	for _, w := range wordsOf(s) {
		if len(w) < 4 {
			continue
		}
		for _, ending := range []string{"ing", "ed", "es", "s", "e"} {
			if stem, ok := strings.CutSuffix(w, ending); ok && len(stem) >= 3 {
				w = stem
				break
			}
		}
		found[w] = true
	}
	return found
}

var sentenceEnd = regexp.MustCompile(`[.!?:;]\s+`)

// repeats reports a why that says the title again: a sentence with more than
// two thirds of the title's telling words.
func (d *document) repeats(n *yaml.Node, title, why string) {
	wanted := telling(title)
	for _, sentence := range sentenceEnd.Split(why, -1) {
		said := 0
		for w := range telling(sentence) {
			if wanted[w] {
				said++
			}
		}
		if len(wanted) > 0 && said*3 > len(wanted)*2 {
			d.report(n, "why: %q repeats the title; say who can do what", strings.TrimSuffix(sentence, "."))
		}
	}
}

// SharedWith reports the recommendations of an author's own catalogue that share a
// run of more than eight words with one of ours. A catalogue that has some of ours
// itself is a copy of ours, in which they have been compared already.
func SharedWith(own, ours []*Recommendation) Problems {
	runs := map[string]*Recommendation{}
	ids := map[string]bool{}
	for _, r := range ours {
		ids[r.ID] = true
		for _, text := range r.told() {
			for run := range runsOf(text.Text.Text) {
				runs[run] = r
			}
		}
	}
	if slices.ContainsFunc(own, func(r *Recommendation) bool { return ids[r.ID] }) {
		return nil
	}
	var problems Problems
	for _, r := range own {
		for _, text := range r.told() {
			for run := range runsOf(text.Text.Text) {
				if of := runs[run]; of != nil {
					problems = append(problems, Problem{File: r.File, Line: text.Line, Column: text.Column, Text: fmt.Sprintf(
						"%s: shares %q with the built-in %s; say it in words of its own", text.name, run, of.ID)})
					break
				}
			}
		}
	}
	return problems
}

// toldText is a text of a recommendation that people read.
type toldText struct {
	name string
	Text
}

func (r *Recommendation) told() []toldText {
	all := []toldText{
		{"title", Text{Text: r.Title}},
		{"why", Text{Text: r.Why}},
		{"steps", Text{Text: r.Remediation.Steps}},
		{"breaks", Text{Text: r.Remediation.Breaks}},
	}
	for i := range all {
		all[i].Line, all[i].Column = r.placeOf(all[i].Text.Text)
	}
	return all
}

// runsOf yields each run of one word more than two recommendations may share.
func runsOf(text string) iter.Seq[string] {
	return func(yield func(string) bool) {
		words := wordsOf(text)
		for i := 0; i+longestSharedRun < len(words); i++ {
			if !yield(strings.Join(words[i:i+longestSharedRun+1], " ")) {
				return
			}
		}
	}
}

// checkSharedRuns reports recommendations that share a run of more than eight
// words in what people read. Commands and snippets may be alike.
func (p *parser) checkSharedRuns() {
	owner := map[string]*parsed{}
	for _, r := range p.list {
		reported := map[string]bool{}
		for _, text := range []struct{ name, text string }{
			{"title", r.Title}, {"why", r.Why}, {"steps", r.Remediation.Steps}, {"breaks", r.Remediation.Breaks},
		} {
			for run := range runsOf(text.text) {
				other := owner[run]
				if other == nil {
					owner[run] = r
					continue
				}
				if key := fmt.Sprint(text.name, other.File); other != r && !reported[key] {
					reported[key] = true
					r.doc.report(r.nodes[text.name], "%s: shares %q with %s; say it in words of its own", text.name, run, other.File)
					all := *r.doc.problems
					all[len(all)-1].With = other.File
				}
			}
		}
	}
}
