package operator

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

// MaxPattern is the longest regular expression that is compiled.
const MaxPattern = 16 << 10

// A Pattern is a compiled regular expression whose search can be ended on the
// way: where it may take long, a function is called again and again, and ends
// the search by a panic. That function may be nil.
//
// Searching takes time by the length of the text times that of the program,
// and searching for all matches may take it for every match.
type Pattern struct {
	re       *regexp.Regexp
	size     func() int            // of the program
	behind   func() *regexp.Regexp // the expression after one character; nil where it does not look back
	patience int
}

// patience is how many steps, each by one character in one place of the
// program, are made without asking: a part of a second.
const patience = 1 << 26

// CompilePattern compiles an expression in RE2's syntax.
func CompilePattern(text string) (*Pattern, error) {
	if len(text) > MaxPattern {
		return nil, fmt.Errorf("the pattern has %d bytes; at most %d are read", len(text), MaxPattern)
	}
	re, err := regexp.Compile(text)
	if err != nil {
		return nil, err
	}
	p := &Pattern{re: re, patience: patience}
	p.size = sync.OnceValue(func() int { return programSize(parsed(text)) })
	p.behind = sync.OnceValue(func() *regexp.Regexp {
		tree := parsed(text)
		if !looksBack(tree) {
			return nil
		}
		return regexp.MustCompile("(?s:.)(" + tree.String() + ")") // not of text, which may end in an open \Q
	})
	return p, nil
}

// parsed is the tree of an expression that was compiled before.
func parsed(text string) *syntax.Regexp {
	tree, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		panic(fmt.Sprintf("internal error: parse %q again: %v", text, err))
	}
	return tree
}

// programSize is about how many instructions an expression compiles to.
func programSize(tree *syntax.Regexp) int {
	size := 1 + len(tree.Rune)
	for _, sub := range tree.Sub {
		size += programSize(sub)
	}
	if tree.Op == syntax.OpRepeat {
		size *= max(tree.Min, tree.Max, 1)
	}
	return size
}

// looksBack tells whether a match depends on what is before it.
func looksBack(tree *syntax.Regexp) bool {
	switch tree.Op {
	case syntax.OpBeginLine, syntax.OpBeginText, syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		return true
	}
	return slices.ContainsFunc(tree.Sub, looksBack)
}

// Groups is how many groups the expression has.
func (p *Pattern) Groups() int { return p.re.NumSubexp() }

// Group is the number of a group by its name, -1 where there is none.
func (p *Pattern) Group(name string) int { return p.re.SubexpIndex(name) }

// Literal is the text that the expression stands for, where it is one.
func (p *Pattern) Literal() (text string, ok bool) { return p.re.LiteralPrefix() }

// quick tells whether so many characters are searched so fast that asking
// before, where it is worth it, is enough.
func (p *Pattern) quick(length int, ask func()) bool {
	if ask == nil || length <= stepsUntilAsked/p.size() {
		return true
	}
	ask()
	return length <= p.patience/p.size()
}

// Matches tells whether the expression matches in a text.
func (p *Pattern) Matches(s string, ask func()) bool {
	if p.quick(len(s), ask) {
		return p.re.MatchString(s)
	}
	return p.re.MatchReader(p.asking(s, ask))
}

// First is the first match: the places where it and its groups begin and end,
// as regexp gives them; nil where there is none.
func (p *Pattern) First(s string, ask func()) []int { return p.first(p.re, s, ask) }

func (p *Pattern) first(re *regexp.Regexp, s string, ask func()) []int {
	if p.quick(len(s), ask) {
		return re.FindStringSubmatchIndex(s)
	}
	return re.FindReaderSubmatchIndex(p.asking(s, ask))
}

// All are the first so many matches, none of which overlap; below 0: all.
func (p *Pattern) All(s string, most int, ask func()) (found [][]int) {
	if p.quick(len(s)*len(s), ask) {
		return p.re.FindAllStringSubmatchIndex(s, most)
	}
	p.each(s, ask, func(at []int) bool {
		if most >= 0 && len(found) >= most {
			return false
		}
		found = append(found, at)
		return true
	})
	return found
}

// each hands out matches as regexp finds them: an empty one directly behind
// another does not count.
func (p *Pattern) each(s string, ask func(), found func(at []int) bool) {
	for from, last := 0, -1; from <= len(s); {
		at := p.next(s, from, ask)
		if at == nil {
			return
		}
		counts := true
		if at[1] > from {
			from = at[1]
		} else {
			counts = at[0] != last
			_, width := utf8.DecodeRuneInString(s[from:])
			from += max(width, 1)
		}
		last = at[1]
		if counts && !found(at) {
			return
		}
	}
}

// next is the first match from a place on.
func (p *Pattern) next(s string, from int, ask func()) []int {
	if from == 0 {
		return p.first(p.re, s, ask)
	}
	behind := p.behind()
	if behind == nil {
		return moved(p.first(p.re, s[from:], ask), from)
	}
	_, width := utf8.DecodeLastRuneInString(s[:from])
	at := p.first(behind, s[from-width:], ask)
	if at == nil {
		return nil
	}
	return moved(at[2:], from-width) // the first group is the expression itself
}

func moved(at []int, by int) []int {
	for i := range at {
		if at[i] >= 0 {
			at[i] += by
		}
	}
	return at
}

// ReplaceAll puts a template of package regexp in place of all matches.
func (p *Pattern) ReplaceAll(s, template string, ask func()) string {
	if p.quick(len(s)*len(s), ask) {
		return p.re.ReplaceAllString(s, template)
	}
	var out []byte
	done := 0
	p.each(s, ask, func(at []int) bool {
		out = append(out, s[done:at[0]]...)
		out = p.re.ExpandString(out, template, s, at)
		done = at[1]
		return true
	})
	return string(append(out, s[done:]...))
}

// An askingReader asks after so many characters.
type askingReader struct {
	strings.Reader
	ask         func()
	every, left int
}

func (p *Pattern) asking(s string, ask func()) *askingReader {
	r := &askingReader{ask: ask, every: max(1, p.patience/p.size())}
	r.Reset(s)
	return r
}

// ReadRune reads as strings.Reader does.
func (r *askingReader) ReadRune() (rune, int, error) {
	if r.left--; r.left < 0 {
		r.left = r.every
		r.ask()
	}
	return r.Reader.ReadRune()
}
