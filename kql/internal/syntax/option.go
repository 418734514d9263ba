package syntax

import (
	"strings"

	"github.com/bartizan-dev/bartizan/kql/data"
)

// An optionForm says what may stand behind an option's "=".
type optionForm uint8

const (
	formWord    optionForm = iota // one of the words, or any where none are listed
	formName                      // a name that the operator will use
	formColumn                    // a column
	formColumns                   // columns with commas between
	formValue                     // a literal, or a word
	formReal                      // a number
	formText                      // any expression
)

// An option is what is known of one: its form and, for words, which there are.
type option struct {
	form  optionForm
	words string
}

type optionSet map[string]option

const strategies = "auto broadcast centralized shuffle"

// knownOptions are taken with any operator; those with a meaning for one are in
// its own set.
var knownOptions = optionSet{
	"kind": {formWord, ""}, "bagexpansion": {formWord, "bag array"}, "cycles": {formWord, "none all unique_edges"},
	"bin_legacy": {formValue, ""}, "decodeblocks": {formValue, ""}, "expandoutput": {formValue, ""}, "isfuzzy": {formValue, ""},
	"force_remote": {formValue, ""}, "with_match_id": {formName, ""}, "with_itemindex": {formName, ""},
	"withsource": {formName, ""}, "with_source": {formName, ""}, "with_step_name": {formName, ""},
	"hint.concurrency": {formValue, ""}, "hint.distribution": {formWord, "single per_node per_shard default"},
	"hint.materialized": {formValue, ""}, "hint.num_partitions": {formValue, ""}, "hint.pass_filters": {formValue, ""},
	"hint.pass_filters_column": {formColumn, ""}, "hint.progressive_top": {formValue, ""}, "hint.remote": {formWord, "auto left local right unresolved"},
	"hint.shufflekey": {formColumn, ""}, "hint.spread": {formValue, ""},
	"hint.strategy":  {formWord, strategies + " native legacy splitBlock multipleBlocks"},
	"__crossCluster": {formValue, ""}, "__crossDB": {formValue, ""}, "__id": {formValue, ""}, "__isFuzzy": {formValue, ""},
	"__noWithSource": {formValue, ""}, "__packedColumn": {formColumn, ""}, "__sourceColumnIndex": {formValue, ""},
}

// options reads name = value, as many as there are. Where an expression may
// come first, only "=" makes a name an option.
func (p *parser) options(own optionSet, equals bool) []Option {
	var all []Option
	for {
		n, _ := p.scanOption(own)
		if n == 0 || equals && !p.isAt(n, "=") {
			return all
		}
		all = append(all, p.option(own))
	}
}

// onlyOptions reads own options with commas between, as render and parse-kv
// have them in parentheses.
func (p *parser) onlyOptions(own optionSet) []Option {
	var all []Option
	p.maybeList(func() {
		if _, ok := own[p.peek().text]; !ok {
			p.wantWord("property", p.peek().text, own.names())
			return
		}
		all = append(all, p.option(own))
	})
	return all
}

func (s optionSet) names() []string {
	var names []string
	for name := range s {
		names = append(names, name)
	}
	return names
}

// scanOption counts the tokens of the option's name that comes next.
func (p *parser) scanOption(own optionSet) (int, string) {
	for _, name := range []string{"hint.pass_filters_column", "hint.pass_filters"} {
		if n := p.joinedAt(0, name); n > 0 {
			return n, name
		}
	}
	token := p.peek()
	if token.Kind != TokenName && token.Kind != TokenKeyword {
		return 0, ""
	}
	_, mine := own[token.text]
	if _, known := knownOptions[token.text]; mine || known {
		return 1, token.text
	}
	return 0, ""
}

func (p *parser) option(own optionSet) Option {
	start := p.start()
	n, name := p.scanOption(own)
	p.pos += n
	o := Option{Name: Name{name, p.from(start)}}
	p.expect("=")
	known, ok := own[name]
	if !ok {
		known = knownOptions[name]
	}
	o.Value = p.optionValue(known, own)
	p.checkWord(name, known, o.Value)
	return o
}

func (p *parser) optionValue(o option, own optionSet) Expr {
	switch o.form {
	case formText:
		return p.path()
	case formColumns:
		return p.columnList(own)
	case formWord:
		if token := p.peek(); token.Kind == TokenKeyword && contains(o.words, token.text) {
			p.take()
			return &NameRef{Name{token.text, token.Span}}
		}
	}
	if p.atLiteral() || p.is("-", "+") {
		return p.constant()
	}
	return &NameRef{p.name(useAlways, "a value")}
}

func contains(words, word string) bool {
	return strings.Contains(" "+words+" ", " "+word+" ")
}

// checkWord says which words there are where another was written.
func (p *parser) checkWord(name string, o option, v Expr) {
	written := wordOf(v)
	if o.form != formWord || o.words == "" || written == "" || contains(o.words, written) || written[0] == '{' {
		return
	}
	p.report(v.At(), CodeMeaning, "%s", unknownWord(name, written, strings.Fields(o.words)))
}

// wordOf is the bare word or the string that an option has.
func wordOf(v Expr) string {
	switch v := v.(type) {
	case *NameRef:
		return v.Text
	case *Literal:
		if v.Value.Type() == data.String {
			return v.Value.Text()
		}
	}
	return ""
}

// columnList reads a, b in an option among others: its end is where another
// option begins.
func (p *parser) columnList(own optionSet) Expr {
	start, list := p.start(), &Call{}
	for {
		list.Args = append(list.Args, Named{Value: &NameRef{p.name(useDeclare, "a column")}})
		if _, mine := own[p.peekAt(1).text]; !p.is(",") || mine || p.optionAt(1) {
			break
		}
		p.take()
	}
	if len(list.Args) == 1 {
		return list.Args[0].Value
	}
	list.Span = p.from(start)
	return list
}

// value is an option's value; nil where it was not given.
func (h *Head) value(names ...string) Expr {
	for _, o := range h.Options {
		for _, name := range names {
			if o.Name.Text == name {
				return o.Value
			}
		}
	}
	return nil
}

// word is an option's bare word.
func (h *Head) word(names ...string) string { return wordOf(h.value(names...)) }

// name is the name that an option gives.
func (h *Head) name(names ...string) *Name {
	v := h.value(names...)
	if w := wordOf(v); w != "" {
		return &Name{w, v.At()}
	}
	return nil
}

// truth is an option's bool.
func (h *Head) truth(names ...string) bool {
	v, ok := h.value(names...).(*Literal)
	return ok && v.Value.Type() == data.Bool && v.Value.Bool()
}
