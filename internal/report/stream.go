package report

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
)

// stream writes a JSON document value by value, so that no list has to be held.
// Strings written beside put need no check: the writer keeps its first error.
type stream struct {
	*bufio.Writer
	text    bytes.Buffer
	encoder *json.Encoder
}

func newStream(w io.Writer) *stream {
	s := &stream{Writer: bufio.NewWriterSize(w, 1<<16)}
	s.encoder = json.NewEncoder(&s.text)
	s.encoder.SetEscapeHTML(false)
	return s
}

// put writes a value as one line without its end, after text that is JSON
// already.
func (s *stream) put(before string, value any) error {
	s.text.Reset()
	s.text.WriteString(before)
	if err := s.encoder.Encode(value); err != nil {
		return err
	}
	_, err := s.Write(bytes.TrimSuffix(s.text.Bytes(), []byte("\n")))
	return err
}
