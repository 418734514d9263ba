package catalog

import (
	"regexp"
	"strings"
)

// statements cuts a shell text into simple commands, each into words without
// their quotes. It knows as much of the shell as people write into an example:
// quotes, continued lines, comments, lists, pipes, redirections, assignments,
// here documents, and commands within commands, which become statements too.
func statements(text string) [][]string {
	s := &shell{text: text}
	s.list("")
	var all [][]string
	for _, words := range s.all {
		if words = simple(words); len(words) > 0 {
			all = append(all, words)
		}
	}
	return all
}

var (
	assignment = regexp.MustCompile(`^[A-Za-z_]\w*=`)
	hereDoc    = regexp.MustCompile(`^<<-?\s*['"]?(\w+)['"]?`)
	redirect   = regexp.MustCompile(`^\d?(>>?|<)(&\d)?[ \t]*`)
)

// simple takes away what stands before a command's name.
func simple(words []string) []string {
	for len(words) > 0 {
		switch w := words[0]; {
		case w == "if", w == "then", w == "else", w == "do", w == "while", w == "!", assignment.MatchString(w):
			words = words[1:]
		case w == "for", w == "done", w == "fi":
			return nil
		default:
			return words
		}
	}
	return nil
}

type shell struct {
	text string
	at   int
	all  [][]string
}

func (s *shell) rest() string { return s.text[s.at:] }

// list reads statements up to an end, which it passes.
func (s *shell) list(end string) {
	var words []string
	finish := func() {
		if len(words) > 0 {
			s.all, words = append(s.all, words), nil
		}
	}
	for s.at < len(s.text) {
		switch c := s.text[s.at]; {
		case end != "" && strings.HasPrefix(s.rest(), end):
			s.at += len(end)
			finish()
			return
		case strings.HasPrefix(s.rest(), "\\\n"):
			s.at += 2
		case c == ' ' || c == '\t':
			s.at++
		case c == '#':
			s.until("\n")
		case hereDoc.MatchString(s.rest()):
			s.hereDocument()
		case redirect.MatchString(s.rest()):
			s.at += len(redirect.FindString(s.rest()))
			if !strings.HasSuffix(strings.TrimSpace(s.text[:s.at]), "&1") {
				s.word(end)
			}
		case strings.ContainsRune("\n;|&()", rune(c)):
			s.at++
			finish()
		default:
			words = append(words, s.word(end))
		}
	}
	finish()
}

// until skips to a text.
func (s *shell) until(end string) {
	if n := strings.Index(s.rest(), end); n >= 0 {
		s.at += n
		return
	}
	s.at = len(s.text)
}

// hereDocument cuts a document out of the text, so that the rest of its first
// line is read as if it were not there.
func (s *shell) hereDocument() {
	found := hereDoc.FindStringSubmatch(s.rest())
	s.at += len(found[0])
	begin := strings.IndexByte(s.rest(), '\n')
	if begin < 0 {
		return
	}
	end := regexp.MustCompile(`\n[ \t]*` + found[1] + `[ \t]*(?:\n|$)`).FindStringIndex(s.rest()[begin:])
	if end != nil {
		s.text = s.text[:s.at+begin] + "\n" + s.text[s.at+begin+end[1]:]
	}
}

// word reads one word; end ends it as a blank does.
func (s *shell) word(end string) string {
	var b strings.Builder
	for s.at < len(s.text) {
		switch c := s.text[s.at]; {
		case strings.HasPrefix(s.rest(), "\\\n"):
			return b.String()
		case c == '\\' && s.at+1 < len(s.text):
			b.WriteByte(s.text[s.at+1])
			s.at += 2
		case c == '\'':
			from := s.at + 1
			s.at = from
			s.until("'")
			b.WriteString(s.text[from:s.at])
			s.at++
		case c == '"':
			s.at++
			s.quoted(&b)
		case strings.ContainsRune(" \t\n;|&()<>", rune(c)) || end != "" && strings.HasPrefix(s.rest(), end):
			return b.String()
		case s.inner(&b):
		default:
			b.WriteByte(c)
			s.at++
		}
	}
	return b.String()
}

// quoted reads up to the closing double quote and passes it.
func (s *shell) quoted(b *strings.Builder) {
	for s.at < len(s.text) {
		switch c := s.text[s.at]; {
		case c == '"':
			s.at++
			return
		case c == '\\' && s.at+1 < len(s.text):
			b.WriteByte(s.text[s.at+1])
			s.at += 2
		case s.inner(b):
		default:
			b.WriteByte(c)
			s.at++
		}
	}
}

// inner reads a command within a command; a … stands for what it prints.
func (s *shell) inner(b *strings.Builder) bool {
	end := ")"
	switch {
	case strings.HasPrefix(s.rest(), "$("):
		s.at += 2
	case strings.HasPrefix(s.rest(), "`"):
		s.at, end = s.at+1, "`"
	default:
		return false
	}
	b.WriteString("…")
	s.list(end)
	return true
}
