package report

import (
	"bufio"
	"encoding/json"
	"io"
	"strconv"
	"time"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

// writeJSONLines writes every check, whatever its state. Lines are put
// together by hand because there may be a hundred million of them.
func writeJSONLines(w io.Writer, run *Run) error {
	out := bufio.NewWriterSize(w, 1<<16)
	var line []byte
	for check, err := range run.Checks {
		if err != nil {
			return err
		}
		if line, err = appendCheck(line[:0], check); err != nil {
			return err
		}
		if _, err := out.Write(append(line, '\n')); err != nil {
			return err
		}
	}
	return out.Flush()
}

// appendCheck adds the published object of one check.
func appendCheck(b []byte, c *posture.Check) ([]byte, error) {
	key := `{"policy":`
	if c.Recommendation {
		key = `{"recommendation":`
	}
	b = appendText(append(b, key...), c.Rule)
	b = appendTextOrNull(append(b, `,"parametersHash":`...), c.ParametersHash)
	b = appendText(append(b, `,"resource":`...), c.Resource)
	b = appendText(append(b, `,"type":`...), c.Type)
	b = appendText(append(b, `,"scope":`...), c.Scope)
	b = appendText(append(b, `,"state":`...), c.State.String())
	b = appendText(append(b, `,"judged":`...), c.Judged.String())
	b = appendExempt(append(b, `,"exempt":`...), c.Exempt)
	b = appendReferences(append(b, `,"references":`...), c)
	b = appendTextOrNull(append(b, `,"reason":`...), c.Reason.String())
	b = appendText(append(b, `,"severity":`...), c.Severity.String())
	b, err := appendEvidence(append(b, `,"evidence":`...), c.Evidence)
	if err != nil {
		return b, err
	}
	if c.Detail != "" {
		b = appendText(append(b, `,"detail":`...), c.Detail)
	}
	if c.Attested {
		b = append(b, `,"attested":true`...)
	}
	if c.Conflict {
		b = append(b, `,"conflict":true`...)
	}
	if posture.IsShared(c.Resource, c.Type) {
		if region := c.Region(); region != "" {
			b = appendText(append(b, `,"region":`...), region)
		}
	}
	return append(b, '}'), nil
}

func appendExempt(b []byte, mark *posture.ExemptMark) []byte {
	if mark == nil {
		return append(b, "null"...)
	}
	b = appendText(append(b, `{"category":`...), mark.Category)
	b = append(b, `,"expiresOn":`...)
	if mark.ExpiresOn.IsZero() {
		b = append(b, "null"...)
	} else {
		b = appendText(b, mark.ExpiresOn.UTC().Format(time.RFC3339))
	}
	if mark.Reason != "" {
		b = appendText(append(b, `,"reason":`...), mark.Reason)
	}
	return append(b, '}')
}

func appendReferences(b []byte, c *posture.Check) []byte {
	b = append(b, '[')
	for i, r := range c.References {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendText(append(b, `{"assignment":`...), r.Assignment)
		b = appendTextOrNull(append(b, `,"reference":`...), r.Member)
		b = strconv.AppendBool(append(b, `,"exempt":`...), r.Exempt)
		if r.Category != "" {
			b = appendText(append(b, `,"category":`...), r.Category)
		}
		if r.Message != "" && c.Judged == posture.Unhealthy {
			b = appendText(append(b, `,"message":`...), r.Message)
		}
		b = append(b, '}')
	}
	return append(b, ']')
}

// appendEvidence adds the values that a check was judged on. A property that
// is not there is null with a mark, because a null in the resource is not the
// same. The resource is told if it is not the check's own.
func appendEvidence(b []byte, evidence []posture.Evidence) ([]byte, error) {
	b = append(b, '[')
	for i, e := range evidence {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendText(append(b, `{"path":`...), e.Path)
		b = append(b, `,"found":`...)
		var err error
		if b, err = appendValue(b, e.Found); err != nil {
			return b, err
		}
		b = appendText(append(b, `,"wanted":`...), e.Wanted)
		if e.Absent {
			b = append(b, `,"absent":true`...)
		}
		if e.Resource != "" {
			b = appendText(append(b, `,"resource":`...), e.Resource)
		}
		b = append(b, '}')
	}
	return append(b, ']'), nil
}

func appendValue(b []byte, value any) ([]byte, error) {
	switch v := value.(type) {
	case nil:
		return append(b, "null"...), nil
	case bool:
		return strconv.AppendBool(b, v), nil
	case string:
		return appendText(b, v), nil
	}
	text, err := json.Marshal(value)
	return append(b, text...), err
}

func appendTextOrNull(b []byte, s string) []byte {
	if s == "" {
		return append(b, "null"...)
	}
	return appendText(b, s)
}

// appendText adds a JSON string: plain ASCII as it is, anything else as
// encoding/json writes it.
func appendText(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			quoted, _ := json.Marshal(s) // a string always has a form
			return append(b, quoted...)
		}
	}
	return append(append(append(b, '"'), s...), '"')
}
