package cli

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/reeflective/readline"
	"golang.org/x/term"
)

// shell is the line editor of the prompt.
type shell struct{ *readline.Shell }

// ReadQuery implements lineReader.
func (s shell) ReadQuery() (string, error) {
	text, err := s.Readline()
	if errors.Is(err, readline.ErrInterrupt) {
		err = errInterrupt
	}
	return text, err
}

// newLineReader makes the line editor; restore brings the terminal back to how it was.
func (s *session) newLineReader() (lines lineReader, restore func(), err error) {
	restore = func() {}
	if in, ok := s.In.(*os.File); ok {
		if state, err := term.GetState(int(in.Fd())); err == nil {
			restore = func() { _ = term.Restore(int(in.Fd()), state) } // there is nothing to do about it
		}
	}
	rl := readline.NewShell()
	takeLetters(rl)
	_ = rl.Config.Set("enable-bracketed-paste", true) // what is pasted is one text, whatever its lines are
	s.askTerminal(rl)
	rl.Prompt.Primary(func() string { return "kql> " })
	rl.Prompt.Secondary(func() string { return "   > " })
	rl.AcceptMultiline = func(line []rune) bool { return isWhole(string(line)) }
	s.completeAtTab(rl)
	rl.History.Add("queries", openHistory(historyFile(s.Getenv)))
	return shell{rl}, restore, nil
}

// askTerminal keeps the line editor from asking a terminal that does not answer,
// for whose answer it would wait without end.
func (s *session) askTerminal(rl *readline.Shell) {
	const asks = "cursor-position-probe"
	in, ok := s.In.(*os.File)
	if !ok || !rl.Config.GetBool(asks) {
		return
	}
	typed, answers := asksCursor(in, s.Out)
	if !answers {
		_ = rl.Config.Set(asks, false) // an error would be that there is no such variable
	}
	rl.Keys.Feed(false, []rune(string(typed))...)
}

// takeLetters lets letters beyond ASCII be themselves, whatever the user's
// inputrc says: as it comes, readline takes those of Latin 1 for keys with Meta,
// and inserts only the first part of a letter that has several.
func takeLetters(rl *readline.Shell) {
	for name, on := range map[string]bool{"input-meta": true, "output-meta": true, "convert-meta": false} {
		_ = rl.Config.Set(name, on) // an error would be that there is no such variable
	}
	insert := rl.Keymap.Commands()["self-insert"]
	rl.Keymap.Register(map[string]func(){"self-insert": func() {
		keys := rl.Keys.Caller()
		if len(keys) == 0 || keys[0] < 0x80 && len(keys) == 1 {
			insert()
			return
		}
		rl.History.SkipSave()
		rl.Cursor().InsertAt(keys...)
	}})
}

// historyFile is where queries are kept: in the user's state folder.
func historyFile(getenv func(string) string) string {
	const name = "query-history"
	switch {
	case getenv("XDG_STATE_HOME") != "":
		return filepath.Join(getenv("XDG_STATE_HOME"), "bartizan", name)
	case runtime.GOOS == "windows" && getenv("LOCALAPPDATA") != "":
		return filepath.Join(getenv("LOCALAPPDATA"), "bartizan", name)
	case getenv("HOME") != "":
		return filepath.Join(getenv("HOME"), ".local", "state", "bartizan", name)
	}
	return ""
}

// keptQueries is how many queries the history has.
const keptQueries = 1000

// queryHistory keeps queries in a file that only its owner can read, one a
// line; line ends in them are written as \n. Without a file, or where it cannot
// be written, they last as long as the prompt.
type queryHistory struct {
	file    string
	queries []string
}

var (
	escapeLines   = strings.NewReplacer("\\", `\\`, "\n", `\n`, "\r", "")
	unescapeLines = strings.NewReplacer(`\\`, "\\", `\n`, "\n")
)

func openHistory(file string) *queryHistory {
	h := &queryHistory{file: file}
	if text, err := os.ReadFile(file); err == nil {
		for line := range strings.Lines(string(text)) {
			h.queries = append(h.queries, unescapeLines.Replace(strings.TrimSuffix(line, "\n")))
		}
	}
	if extra := len(h.queries) - keptQueries; extra > 0 {
		h.queries = h.queries[extra:]
		h.rewrite()
	}
	return h
}

// rewrite shortens the file. The history is a comfort: what cannot be written is let go.
func (h *queryHistory) rewrite() {
	var text strings.Builder
	for _, q := range h.queries {
		text.WriteString(escapeLines.Replace(q) + "\n")
	}
	_ = os.WriteFile(h.file, []byte(text.String()), 0o600)
}

// Write adds a query that is not the last one again.
func (h *queryHistory) Write(query string) (int, error) {
	query = strings.TrimSpace(query)
	if n := len(h.queries); query == "" || n > 0 && h.queries[n-1] == query {
		return n, nil
	}
	h.queries = append(h.queries, query)
	if h.file == "" {
		return len(h.queries), nil
	}
	if err := os.MkdirAll(filepath.Dir(h.file), 0o700); err != nil {
		return len(h.queries), nil
	}
	f, err := os.OpenFile(h.file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return len(h.queries), nil
	}
	_, _ = f.WriteString(escapeLines.Replace(query) + "\n")
	_ = f.Close()
	return len(h.queries), nil
}

// GetLine gives a query by its number, from 0.
func (h *queryHistory) GetLine(n int) (string, error) {
	if n < 0 || n >= len(h.queries) {
		return "", nil
	}
	return h.queries[n], nil
}

// Len is the number of queries.
func (h *queryHistory) Len() int { return len(h.queries) }

// Dump gives all queries.
func (h *queryHistory) Dump() any { return h.queries }
