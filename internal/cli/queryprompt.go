package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/signal"
	"strings"
	"syscall"

	"github.com/bartizan-dev/bartizan/kql"
)

// lineReader gives what a person types, one whole query at a time.
type lineReader interface {
	// ReadQuery ends with io.EOF when there is no more, and with errInterrupt
	// when what was typed is given up.
	ReadQuery() (string, error)
}

var errInterrupt = errors.New("given up")

const promptHelp = `  A query may have several lines: it goes on while a bracket or a literal of
  several lines is open, a line ends with |, or there are only statements such as
  let. What is pasted is one query. An empty line or ; runs it, Tab completes,
  Ctrl-C gives up.

  .schema [TABLE]   tables, or the columns of one
  .list             questions that come with Bartizan
  .ask NAME         ask one of them
  .explain QUERY    the plan of a query
  .format NAME      table, json, jsonl, csv or result
  .help             this
  .exit             leave (or Ctrl-D)
`

// prompt asks for queries until there are no more. What is wrong with one does
// not end it.
func (s *session) prompt(ctx context.Context) error {
	lines, restore, err := s.newLineReader()
	if err != nil {
		return err
	}
	defer restore()
	// Ctrl-C ends a query, not the program: the caller's context, which it
	// ends too, is not ours.
	lasting, stop := signal.NotifyContext(context.WithoutCancel(ctx), StopSignals()[1:]...)
	defer stop()
	s.several = true
	s.note("bartizan query: .help tells more, .exit leaves")
	return s.converse(lasting, lines)
}

// converse is the prompt without its terminal.
func (s *session) converse(ctx context.Context, lines lineReader) error {
	s.dotted = true
	for {
		text, err := readQuery(ctx, lines)
		switch {
		case errors.Is(err, errInterrupt):
			continue
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		if text = strings.TrimRight(strings.TrimSpace(text), "; \t\n"); text == "" {
			continue
		}
		if text == ".exit" || text == ".quit" {
			return nil
		}
		s.answer(ctx, text)
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
}

// readQuery is a line reader's answer, or that the context has ended.
func readQuery(ctx context.Context, lines lineReader) (string, error) {
	read := make(chan result[string], 1)
	go func() {
		text, err := lines.ReadQuery()
		read <- result[string]{text, err}
	}()
	select {
	case r := <-read:
		return r.value, r.err
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// answer does what one line asks for, and prints what is wrong with it.
func (s *session) answer(ctx context.Context, text string) {
	one, stop := signal.NotifyContext(ctx, syscall.SIGINT)
	defer stop()
	err := s.command(one, text)
	s.bar()
	switch {
	case err == nil || errors.Is(err, errTold):
	case one.Err() != nil:
		fmt.Fprintln(s.Err, "given up")
	default:
		fmt.Fprintf(s.Err, "bartizan: %v\n", err)
	}
}

// command runs a line: a query, or a word that begins with a dot.
func (s *session) command(ctx context.Context, text string) error {
	word, rest, _ := strings.Cut(text, " ")
	rest = strings.TrimSpace(rest)
	switch word {
	case ".help":
		_, err := io.WriteString(s.Out, promptHelp)
		return err
	case ".schema":
		s.flags.schema = ""
		if rest == "" {
			return s.printSchema(ctx, nil)
		}
		return s.printSchema(ctx, []string{rest})
	case ".list":
		return s.listQuestions(ctx, s.flags)
	case ".ask":
		q, err := s.question(rest)
		if err != nil {
			return err
		}
		return s.ask(ctx, q.Text, q.Name)
	case ".explain":
		limited, stop := s.flags.limited(ctx)
		defer stop()
		q, err := s.prepare(limited, rest, "")
		if err == nil {
			_, err = io.WriteString(s.Out, q.Explain())
		}
		return late(limited, err)
	case ".format":
		format := s.flags.format
		if err := (choice{&format, queryFormats}).Set(rest); err != nil {
			return fmt.Errorf(".format %q: %w", rest, err)
		}
		s.flags.format = format
		return nil
	}
	if strings.HasPrefix(word, "|") {
		return errors.New("a line that begins with | goes on with a query that has been run already: end the line before it with |, or paste the whole query at once")
	}
	if strings.HasPrefix(word, ".") {
		return fmt.Errorf("%s: want .schema, .list, .ask, .explain, .format, .help or .exit", word)
	}
	return s.ask(ctx, text, "")
}

// isWhole says whether Enter runs what was typed, or begins a new line: while
// a bracket is open, a line ends with | or there are only statements such as
// let, it does. An empty line runs it in any case, but in a literal of several lines.
func isWhole(text string) bool {
	endsEmpty := false
	if at := strings.LastIndexByte(text, '\n'); at >= 0 {
		endsEmpty = strings.TrimSpace(text[at+1:]) == ""
	}
	depth, last := 0, byte(0)
	statement, begun := 0, false // where the last one begins, and whether it goes on
	for i := 0; i < len(text); i++ {
		c := text[i]
		if isComment := c == '/' && strings.HasPrefix(text[i:], "//"); !begun && !isComment && !strings.ContainsRune("; \t\n\r", rune(c)) {
			statement, begun = i, true
		}
		switch c {
		case '`', '~':
			last = c
			mark := strings.Repeat(string(c), len("```"))
			if !strings.HasPrefix(text[i:], mark) {
				continue
			}
			end := strings.Index(text[i+len(mark):], mark)
			if end < 0 {
				return false
			}
			i += len(mark) + end + len(mark) - 1
		case '"', '\'':
			i = stringEnd(text, i)
			last = c
		case '/':
			if i+1 < len(text) && text[i+1] == '/' {
				for i+1 < len(text) && text[i+1] != '\n' {
					i++
				}
				continue
			}
			last = c
		case '(', '[', '{':
			depth++
			last = c
		case ')', ']', '}':
			depth--
			last = c
		case ';':
			begun = begun && depth > 0
			last = c
		case ' ', '\t', '\n', '\r':
		default:
			last = c
		}
	}
	return endsEmpty || depth <= 0 && last != '|' && last != ',' && !givesNothing(text[statement:])
}

// givesNothing tells statements that only say what the query behind them means.
func givesNothing(statement string) bool {
	word, _, _ := strings.Cut(strings.TrimSpace(statement), " ")
	switch word {
	case "let", "set", "declare", "alias", "restrict":
		return true
	}
	return false
}

// stringEnd is where the string that begins at i ends. Behind @ a backslash is
// itself.
func stringEnd(text string, i int) int {
	quote, verbatim := text[i], i > 0 && text[i-1] == '@'
	for i++; i < len(text) && text[i] != quote && text[i] != '\n'; i++ {
		if text[i] == '\\' && !verbatim {
			i++
		}
	}
	return i
}

// completions are what may stand at a place of a query, or of a command.
func (s *session) completions(text string, offset int) kql.Completion {
	if !strings.HasPrefix(text, ".") {
		return kql.Complete(text, offset, s.tables(), s.options)
	}
	word, rest, typed := strings.Cut(text[:offset], " ")
	if !typed {
		return wordsThat(word, 0, offset, dotCommands())
	}
	start := len(word) + 1
	start += len(rest) - len(strings.TrimLeft(rest, " "))
	of := text[start:offset]
	switch word {
	case ".schema":
		return wordsThat(of, start, offset, s.described().Names())
	case ".ask":
		return wordsThat(of, start, offset, questionNames())
	case ".format":
		return wordsThat(of, start, offset, queryFormats)
	case ".explain":
		c := kql.Complete(text[start:], offset-start, s.tables(), s.options)
		c.Start, c.End = c.Start+start, c.End+start
		return c
	}
	return kql.Completion{Start: offset, End: offset}
}

// dotCommands are those that the help lists, which begin with a dot.
func dotCommands() []string {
	var all []string
	for line := range strings.Lines(promptHelp) {
		if words := strings.Fields(line); len(words) > 0 && strings.HasPrefix(words[0], ".") {
			all = append(all, words[0])
		}
	}
	return all
}

// wordsThat offers the words that begin with what was typed.
func wordsThat(typed string, start, end int, words []string) kql.Completion {
	c := kql.Completion{Start: start, End: end}
	for _, word := range words {
		if strings.HasPrefix(strings.ToLower(word), strings.ToLower(typed)) {
			c.Items = append(c.Items, kql.Item{Label: word})
		}
	}
	return c
}
