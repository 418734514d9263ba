package cli

import (
	"strings"
	"unicode/utf8"

	"github.com/reeflective/readline"

	"github.com/bartizan-dev/bartizan/kql"
)

// completeAtTab lets Tab write what all words that may stand at the cursor have
// in common. Where that is no more than stands there, it lists them, and then
// takes one after the other.
func (s *session) completeAtTab(rl *readline.Shell) {
	_ = rl.Config.Set("completion-ignore-case", true) // an error would be that there is no such variable
	rl.Completer = s.offered
	list, next := rl.Keymap.Commands()["possible-completions"], rl.Keymap.Commands()["menu-complete"]
	rl.Keymap.Register(map[string]func(){"complete": func() {
		switch {
		case rl.Keymap.Local() == "menu-select":
			next()
		case !s.extend(rl):
			list()
		}
	}})
}

// extend writes the part that is common to all words that may stand at the
// cursor, and says whether that is more than stands there.
func (s *session) extend(rl *readline.Shell) bool {
	cursor := rl.Cursor().Pos()
	before := string((*rl.Line())[:cursor])
	c := s.completions(string(*rl.Line()), len(before))
	typed := before[min(c.Start, len(before)):]
	common := commonStart(c.Items)
	if len(common) < len(typed) || common == typed {
		return false
	}
	rl.History.Save()
	start := cursor - utf8.RuneCountInString(typed)
	rl.Line().Cut(start, cursor)
	rl.Cursor().Set(start)
	rl.Cursor().InsertAt([]rune(common)...)
	return true
}

// commonStart is how all labels begin.
func commonStart(items []kql.Item) string {
	if len(items) == 0 {
		return ""
	}
	common := items[0].Label
	for _, item := range items[1:] {
		for !strings.HasPrefix(item.Label, common) {
			_, last := utf8.DecodeLastRuneInString(common)
			common = common[:len(common)-last]
		}
	}
	return common
}

// offered lists what may stand at the cursor.
func (s *session) offered(line []rune, cursor int) readline.Completions {
	before := string(line[:cursor])
	c := s.completions(string(line), len(before))
	typed := before[min(c.Start, len(before)):]
	replaced := typed // what the line editor takes away for a word, with what has to stay of it
	stays := ""
	if replaced == "" && before != "" {
		replaced = before[len(before)-1:] // of nothing it would take the whole text before the cursor up to a blank
		stays = replaced
	}
	if strings.ContainsFunc(replaced, func(r rune) bool { return r >= utf8.RuneSelf }) {
		return readline.Completions{} // it counts bytes where it takes away letters; none stand in a bare name
	}
	words := make([]readline.Completion, len(c.Items))
	for i, item := range c.Items {
		about := item.Detail
		if item.Doc != "" {
			about = item.Doc
		}
		words[i] = readline.Completion{Value: stays + item.Label, Display: item.Label, Description: about}
	}
	found := readline.CompleteRaw(words).NoSort()
	found.PREFIX = replaced
	return found
}
