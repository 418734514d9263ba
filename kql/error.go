package kql

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/bartizan-dev/bartizan/kql/internal/syntax"
)

// A Problem is one thing wrong with a query.
type Problem struct {
	// Line and Column count from 1, columns in characters; Start and End are
	// byte offsets.
	Line, Column int
	Start, End   int
	// Token is what stands there; "<EOF>" at the end of the text.
	Token string
	// Code is stable, in Resource Graph's manner: "ParserFailure", "UnknownColumn", ….
	Code string
	// Message says what is wrong and what was wanted.
	Message string
	// Suggestion is what was probably meant, "" where nothing is near.
	Suggestion string
}

// An Error is all that is wrong with a query, in the order of the places.
type Error struct{ Problems []Problem }

// Error has a line for each problem: line:column: message.
func (e *Error) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = strconv.Itoa(p.Line) + ":" + strconv.Itoa(p.Column) + ": " + p.Message
	}
	return strings.Join(lines, "\n")
}

// newError puts problems in the order of their places.
func newError(text string, problems []syntax.Problem) *Error {
	slices.SortStableFunc(problems, func(a, b syntax.Problem) int { return a.Span.Start - b.Span.Start })
	e := &Error{Problems: make([]Problem, len(problems))}
	for i, p := range problems {
		e.Problems[i] = located(text, p)
	}
	return e
}

func located(text string, p syntax.Problem) Problem {
	start := min(max(p.Span.Start, 0), len(text))
	end := min(max(p.Span.End, start), len(text))
	before := text[:start]
	line := 1 + strings.Count(before, "\n")
	column := 1 + utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:])
	token := text[start:end]
	if start == len(text) {
		token = "<EOF>"
	}
	return Problem{
		Line: line, Column: column, Start: start, End: end,
		Token: token, Code: p.Code, Message: p.Message, Suggestion: suggested(p.Message),
	}
}

// suggested is the first name that a message offers instead.
func suggested(message string) string {
	_, after, ok := strings.Cut(message, "did you mean ")
	if !ok {
		return ""
	}
	quoted, err := strconv.QuotedPrefix(after)
	if err != nil {
		return ""
	}
	name, _ := strconv.Unquote(quoted) // just found to be quoted
	return name
}

// ResourceGraph prints the error as Resource Graph's answer 400 has it.
func (e *Error) ResourceGraph() []byte {
	type detail struct {
		Code      string `json:"code"`
		Message   string `json:"message"`
		Line      int    `json:"line,omitempty"`
		Character *int   `json:"characterPositionInLine,omitempty"`
		Token     string `json:"token,omitempty"`
		Expected  string `json:"expectedToken,omitempty"`
	}
	details := []detail{{
		Code:    "InvalidQuery",
		Message: "Query is invalid. Please refer to the documentation for the Azure Resource Graph service and fix the error before retrying.",
	}}
	for _, p := range e.Problems {
		at := p.Column - 1
		details = append(details, detail{p.Code, p.Message, p.Line, &at, p.Token, p.Suggestion})
	}
	var body struct {
		Error struct {
			Code    string   `json:"code"`
			Message string   `json:"message"`
			Details []detail `json:"details"`
		} `json:"error"`
	}
	body.Error.Code = "BadRequest"
	body.Error.Message = "Query is invalid: " + strings.ReplaceAll(e.Error(), "\n", "; ")
	body.Error.Details = details
	out, err := json.Marshal(body)
	if err != nil { // strings and numbers only
		return nil
	}
	return out
}
