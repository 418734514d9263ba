package tenant

import (
	"fmt"
	"strconv"
	"strings"
)

// A template is the text of a JSON object's members with places to fill in.
// A place stands between angle brackets: its first word says what it is.
//
//	<id> <name> <rg> <sub> <location> <etag> <tenant>   of the resource being written
//	<=VAR>                the text of a variable that the workload has set
//	<uuid> <hex N> <int A B> <day> <time> <ip> <person> <created>   made anew
//	<tags>                "tags":{…}, or nothing
//	<pick A*60|B*30|C>    one of the texts, by weight; those without share what is
//	                      missing to 100, or are equal when none has one; \| is a bar
//	<maybe P TEXT>        the text in P of 100 resources
//	<if VAR TEXT>         the text when the variable is set and not empty
//	<many A-B TEXT>       the text A to B times with commas between, <n> counts from 0
//
// Texts may hold places again. Line ends and the blanks that start a line are
// dropped, so the files can be laid out for reading.
type template struct {
	kind string // resource type
	body []part
}

// part is a literal text (op is opText) or one place.
type part struct {
	op      op
	text    string
	a, b    int      // numbers of hex, int, maybe, many; slot of a variable
	choices [][]part // pick: the texts; maybe, if, many: one text
	upto    []int    // pick: running sums of the weights
}

type op uint8

const (
	opText op = iota
	opID
	opName
	opGroup
	opSubscription
	opLocation
	opEtag
	opTenant
	opVariable
	opUUID
	opHex
	opInt
	opDay
	opTime
	opIP
	opPerson
	opCreated
	opTags
	opPick
	opMaybe
	opIf
	opMany
	opCount
)

var plainOps = map[string]op{
	"id": opID, "name": opName, "rg": opGroup, "sub": opSubscription, "location": opLocation,
	"etag": opEtag, "tenant": opTenant, "uuid": opUUID, "day": opDay, "time": opTime, "ip": opIP,
	"person": opPerson, "created": opCreated, "tags": opTags, "n": opCount,
}

// library holds the compiled templates by their key, which is the resource
// type or, where one type has several looks, the type with "#look" behind it.
type library struct {
	templates map[string]*template
	variables map[string]int // name → slot
}

// compileLibrary reads files of sections, each a line "== KEY" with the
// members of the body below it.
func compileLibrary(files map[string]string) (*library, error) {
	l := &library{templates: map[string]*template{}, variables: map[string]int{}}
	for file, text := range files {
		for section := range strings.SplitSeq("\n"+text, "\n== ") {
			key, body, _ := strings.Cut(section, "\n")
			if key = strings.TrimSpace(key); key == "" {
				continue
			}
			parts, err := l.compile(joinLines(body))
			if err != nil {
				return nil, fmt.Errorf("%s: %s: %w", file, key, err)
			}
			kind, _, _ := strings.Cut(key, "#")
			l.templates[key] = &template{kind: kind, body: parts}
		}
	}
	return l, nil
}

func joinLines(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString(strings.TrimSpace(line))
	}
	return b.String()
}

// slot gives the number of a variable, a new one for a new name.
func (l *library) slot(name string) int {
	n, ok := l.variables[name]
	if !ok {
		n = len(l.variables)
		l.variables[name] = n
	}
	return n
}

func (l *library) compile(text string) ([]part, error) {
	var parts []part
	for text != "" {
		open := strings.IndexByte(text, '<')
		if open < 0 {
			return append(parts, part{text: text}), nil
		}
		if open > 0 {
			parts = append(parts, part{text: text[:open]})
		}
		end := closing(text[open:])
		if end < 0 {
			return nil, fmt.Errorf("place %.40q is not closed", text[open:])
		}
		p, err := l.place(text[open+1 : open+end])
		if err != nil {
			return nil, err
		}
		parts = append(parts, p)
		text = text[open+end+1:]
	}
	return parts, nil
}

// closing gives the index of the bracket that closes the one text starts with.
func closing(text string) int {
	depth := 0
	for i := range len(text) {
		switch text[i] {
		case '<':
			depth++
		case '>':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

func (l *library) place(text string) (part, error) {
	if name, ok := strings.CutPrefix(text, "="); ok {
		return part{op: opVariable, a: l.slot(name)}, nil
	}
	word, rest, _ := strings.Cut(text, " ")
	if o, ok := plainOps[word]; ok && rest == "" {
		return part{op: o}, nil
	}
	first, inner, _ := strings.Cut(rest, " ")
	switch word {
	case "hex":
		n, err := strconv.Atoi(rest)
		return part{op: opHex, a: n}, err
	case "int":
		return interval(opInt, first, inner)
	case "pick":
		return l.pick(rest)
	case "maybe":
		n, err := strconv.Atoi(first)
		return l.nested(part{op: opMaybe, a: n}, inner, err)
	case "if":
		return l.nested(part{op: opIf, a: l.slot(first)}, inner, nil)
	case "many":
		from, to, _ := strings.Cut(first, "-")
		p, err := interval(opMany, from, to)
		return l.nested(p, inner, err)
	}
	return part{}, fmt.Errorf("place %q: unknown word", text)
}

func interval(o op, from, to string) (part, error) {
	a, err := strconv.Atoi(from)
	if err != nil {
		return part{}, fmt.Errorf("range %q to %q: %w", from, to, err)
	}
	b, err := strconv.Atoi(to)
	if err != nil || b < a {
		return part{}, fmt.Errorf("range %q to %q: want two numbers, the smaller first", from, to)
	}
	return part{op: o, a: a, b: b}, nil
}

func (l *library) nested(p part, inner string, err error) (part, error) {
	if err != nil {
		return p, err
	}
	body, err := l.compile(inner)
	p.choices = [][]part{body}
	return p, err
}

func (l *library) pick(text string) (part, error) {
	p := part{op: opPick}
	texts, weights := weigh(alternatives(text))
	sum := 0
	for i, choice := range texts {
		body, err := l.compile(strings.ReplaceAll(choice, `\|`, "|"))
		if err != nil {
			return p, err
		}
		sum += weights[i]
		p.choices = append(p.choices, body)
		p.upto = append(p.upto, sum)
	}
	return p, nil
}

// weigh takes the weights off the choices.
func weigh(choices []string) (texts []string, weights []int) {
	sum, without := 0, 0
	for _, choice := range choices {
		weight := -1
		if star := strings.LastIndexByte(choice, '*'); star >= 0 {
			if n, err := strconv.Atoi(choice[star+1:]); err == nil {
				choice, weight = choice[:star], n
			}
		}
		if weight < 0 {
			without++
		} else {
			sum += weight
		}
		texts, weights = append(texts, choice), append(weights, weight)
	}
	for i, weight := range weights {
		if weight < 0 {
			weights[i] = max(1, (100-sum)/without)
		}
	}
	return texts, weights
}

// alternatives splits at the bars that stand in no inner place.
func alternatives(text string) []string {
	var all []string
	depth, start := 0, 0
	for i := range len(text) {
		switch text[i] {
		case '<':
			depth++
		case '>':
			depth--
		case '|':
			if depth == 0 && (i == 0 || text[i-1] != '\\') {
				all = append(all, text[start:i])
				start = i + 1
			}
		}
	}
	return append(all, text[start:])
}
