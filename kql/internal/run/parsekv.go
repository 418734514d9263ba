package run

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/kql/internal/operator"
	"github.com/bartizan-dev/bartizan/kql/internal/plan"
)

// A pairReader finds the pairs of a text, in order.
type pairReader func(e *env, text string, found func(key, value string))

// parseKV is parse-kv as a stage.
func (c *compiler) parseKV(n *plan.ParseKV) (stage, error) {
	value, err := c.program(n.Value)
	if err != nil {
		return nil, err
	}
	read, err := newPairReader(n)
	if err != nil {
		return nil, err
	}
	at := map[string]int{}
	for i, key := range n.Keys {
		at[key] = n.Into[i]
	}
	return func(e *env, c *chunk) (*chunk, error) {
		texts := data.ConvertVector(value.one(e, c), data.String).Expand()
		b := &data.Batch{Len: c.n, Columns: make([]*data.Vector, len(n.Cols))}
		for _, i := range n.Into {
			b.Columns[i] = nulls(n.Cols[i].Type, c.n)
		}
		for i := range n.From[0].Columns() {
			if b.Columns[i] == nil {
				b.Columns[i] = c.column(i)
			}
		}
		load := newLoad(e, data.Bool)
		for i, text := range texts.Texts[:c.n] {
			seen := map[int]bool{}
			load.text(text)
			read(e, text, func(key, value string) {
				column, wanted := at[strings.TrimSpace(key)]
				if !wanted || seen[column] {
					return
				}
				seen[column] = true
				putText(b.Columns[column], i, strings.TrimSpace(value))
			})
		}
		return wholeChunk(b), nil
	}, nil
}

func nulls(t data.Type, n int) *data.Vector {
	return data.Constant(data.Null(t), n).Expand()
}

func putText(v *data.Vector, i int, text string) {
	value := parsed(text, v.Type)
	if value.IsNull() {
		return
	}
	if v.Nulls != nil {
		v.Nulls.Clear(i)
	}
	v.Put(i, value)
}

func newPairReader(n *plan.ParseKV) (pairReader, error) {
	if pattern := n.Options["regex"]; pattern != "" {
		return regexPairs(pattern)
	}
	q := quoting{quotes: n.Options["quote"], escape: n.Options["escape"]}
	pair, kv := n.Options["pair_delimiter"], n.Options["kv_delimiter"]
	if pair == "" || kv == "" {
		w := wordPairs{quoting: q, keys: map[string]bool{}}
		for _, key := range n.Keys {
			w.keys[key] = true
		}
		return w.read, nil
	}
	d := delimited{quoting: q, pair: pair, kv: kv, greedy: n.Options["greedy"] == "true"}
	return d.read, nil
}

func regexPairs(pattern string) (pairReader, error) {
	compiled, err := operator.CompilePattern(pattern)
	if err != nil {
		return nil, fmt.Errorf("parse-kv: %w", err)
	}
	if compiled.Groups() != 2 {
		return nil, fmt.Errorf("parse-kv: the pattern has %d groups; want two, key and value", compiled.Groups())
	}
	return func(e *env, text string, found func(key, value string)) {
		for _, at := range compiled.All(text, -1, e.call.Ask) {
			found(groupAt(text, at, 1), groupAt(text, at, 2))
		}
	}, nil
}

// groupAt is the text of a group, "" for one that took no part in the match.
func groupAt(text string, at []int, group int) string {
	if at[2*group] < 0 {
		return ""
	}
	return text[at[2*group]:at[2*group+1]]
}

// quoting says which characters quote: one for both ends, or an opening and a
// closing one; several kinds are separated by a newline.
type quoting struct{ quotes, escape string }

// quoted reads a quoted text at the beginning of s.
func (q quoting) quoted(s string) (content, rest string, ok bool) {
	for _, kind := range strings.Split(q.quotes, "\n") {
		open, size := utf8.DecodeRuneInString(kind)
		first, width := utf8.DecodeRuneInString(s)
		if kind == "" || first != open || s == "" {
			continue
		}
		closing := open
		if last, _ := utf8.DecodeRuneInString(kind[size:]); size < len(kind) {
			closing = last
		}
		return q.until(s[width:], closing)
	}
	return "", s, false
}

func (q quoting) until(s string, closing rune) (content, rest string, ok bool) {
	var b strings.Builder
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		if q.escape != "" && strings.ContainsRune(q.escape, r) && i+size < len(s) {
			_, next := utf8.DecodeRuneInString(s[i+size:])
			b.WriteString(s[i+size : i+size+next])
			i += size + next
			continue
		}
		if r == closing {
			return b.String(), s[i+size:], true
		}
		b.WriteString(s[i : i+size])
		i += size
	}
	return "", s, false
}

// delimited reads key, delimiter, value, delimiter ….
type delimited struct {
	quoting
	pair, kv string
	greedy   bool
}

func (d delimited) read(_ *env, text string, found func(key, value string)) {
	for text != "" {
		key, rest, ok := d.key(text)
		if !ok {
			text = rest
			continue
		}
		value, rest := d.value(rest)
		found(key, value)
		text = rest
	}
}

// key reads up to the delimiter of key and value; a pair without one is passed over.
func (d delimited) key(text string) (key, rest string, ok bool) {
	trimmed := strings.TrimLeftFunc(text, unicode.IsSpace)
	if content, after, quoted := d.quoted(trimmed); quoted {
		after = strings.TrimLeftFunc(after, unicode.IsSpace)
		if rest, ok := strings.CutPrefix(after, d.kv); ok {
			return content, rest, true
		}
	}
	end := strings.Index(text, d.kv)
	if end < 0 {
		return "", "", false
	}
	key = text[:end]
	if at := strings.LastIndex(key, d.pair); at >= 0 {
		key = key[at+len(d.pair):]
	}
	return key, text[end+len(d.kv):], true
}

func (d delimited) value(text string) (value, rest string) {
	trimmed := strings.TrimLeftFunc(text, unicode.IsSpace)
	if content, after, ok := d.quoted(trimmed); ok {
		if _, rest, more := strings.Cut(after, d.pair); more {
			return content, rest
		}
		return content, ""
	}
	if !d.greedy {
		value, rest, _ = strings.Cut(text, d.pair)
		return value, rest
	}
	next := strings.Index(text, d.kv)
	if next < 0 {
		return text, ""
	}
	if at := strings.LastIndex(text[:next], d.pair); at >= 0 {
		return text[:at], text[at+len(d.pair):]
	}
	return text, ""
}

// wordPairs takes the word after each wanted key; all but letters, digits and
// underscores separates.
type wordPairs struct {
	quoting
	keys map[string]bool
}

func (w wordPairs) read(_ *env, text string, found func(key, value string)) {
	key := ""
	for {
		word, rest, ok := w.next(text)
		if !ok {
			return
		}
		text = rest
		switch {
		case key != "":
			found(key, word)
			key = ""
		case w.keys[word]:
			key = word
		}
	}
}

func (w wordPairs) next(text string) (word, rest string, ok bool) {
	for text != "" {
		if content, after, ok := w.quoted(text); ok {
			return content, after, true
		}
		end := strings.IndexFunc(text, func(r rune) bool {
			return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r)
		})
		if end < 0 {
			return text, "", true
		}
		if end > 0 {
			return text[:end], text[end:], true
		}
		_, size := utf8.DecodeRuneInString(text)
		text = text[size:]
	}
	return "", "", false
}
