package client

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// Error is an answer that is not good, as RFC 9457 describes them.
type Error struct {
	Status int      // of HTTP
	Title  string   `json:"title"`
	Detail string   `json:"detail"`
	Errors []Detail `json:"errors"`
	// Body is the whole answer, for what else it says.
	Body []byte `json:"-"`
}

// Detail is one thing that is wrong with a request.
type Detail struct {
	Message  string `json:"message"`
	Location string `json:"location"`
	Value    any    `json:"value"`
}

// Error says what the server says, in one line for each thing that is wrong.
func (e *Error) Error() string {
	text := e.Detail
	if text == "" {
		text = e.Title
	}
	if text == "" {
		text = fmt.Sprintf("the server answers %d %s", e.Status, http.StatusText(e.Status))
	}
	for _, d := range e.Errors {
		text += "\n" + strings.TrimPrefix(d.Location+": ", ": ") + d.Message
	}
	return text
}

// maxProblem bounds what is read of an answer that is not good, in bytes.
const maxProblem = 1 << 20

func (c *Client) problem(answer *http.Response) error {
	e := &Error{}
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxProblem))
	if err != nil {
		return fmt.Errorf("reading the answer of %s: %w", c.base, err)
	}
	if strings.HasPrefix(answer.Header.Get("Content-Type"), "application/problem+json") {
		if err := json.Unmarshal(body, e); err != nil {
			return fmt.Errorf("reading the answer of %s: %w", c.base, err)
		}
	}
	if answer.StatusCode/100 == 3 {
		e.Detail = "it sends to another address, " + answer.Header.Get("Location") + "; ask there"
	}
	e.Status, e.Body = answer.StatusCode, body
	return e
}
