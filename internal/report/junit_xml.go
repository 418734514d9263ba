package report

import (
	"bufio"
	"encoding/xml"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// junitWriter writes the elements. Its first error is kept and comes with
// Flush.
type junitWriter struct{ *bufio.Writer }

// text writes text that XML allows: what is markup is escaped, ]]> with it,
// and what XML has no way to write (most control characters) is replaced.
func (w *junitWriter) text(text string) {
	_ = xml.EscapeText(w.Writer, []byte(Harmless(text)))
}

func (w *junitWriter) attribute(name, value string) {
	w.WriteString(" " + name + `="`)
	w.text(value)
	w.WriteByte('"')
}

// counts writes what a suite, and all of them, counts. Nothing here is an
// error in the sense of JUnit, a test that broke; the schema demands the word.
func (w *junitWriter) counts(c junitCounts) {
	w.attribute("tests", strconv.Itoa(c.tests))
	w.attribute("failures", strconv.Itoa(c.failures))
	w.attribute("errors", "0")
}

// begin writes the start of a suite and what is to be said of its rule once.
func (w *junitWriter) begin(s *junitSuite, at time.Time) {
	w.WriteString("<testsuite")
	w.attribute("name", s.name)
	w.counts(s.counts)
	w.attribute("skipped", strconv.Itoa(s.counts.skipped))
	w.attribute("timestamp", at.UTC().Format("2006-01-02T15:04:05"))
	w.attribute("package", s.rule.ID)
	w.WriteString(">\n<properties>\n")
	how := s.rule.content.Remediation
	for _, p := range [][2]string{
		{"id", s.rule.ID},
		{"parametersHash", s.parametersHash},
		{"severity", s.rule.Severity.String()},
		{"why", s.rule.content.Why},
		{"steps", how.Steps},
		{"command", how.CLI()},
		{"breaks", how.Breaks},
	} {
		if p[1] != "" {
			w.WriteString("<property")
			w.attribute("name", p[0])
			w.attribute("value", p[1])
			w.WriteString("/>\n")
		}
	}
	w.WriteString("</properties>\n")
}

func (w *junitWriter) skipped(message string) {
	w.WriteString("><skipped")
	w.attribute("message", message)
	w.WriteString("/></testcase>\n")
}

// failure says in its message what is wrong, and in its text each value.
func (w *junitWriter) failure(r *row) {
	w.WriteString("><failure")
	w.attribute("message", statusExtended(r))
	w.attribute("type", r.Severity.String())
	w.WriteByte('>')
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s\n", r.Type, r.Resource)
	for _, e := range r.Evidence {
		where := ""
		if e.Resource != "" {
			where = " in " + e.Resource
		}
		fmt.Fprintf(&b, "%s%s\n  found:  %s\n  wanted: %s\n", e.Path, where, found(e), e.Wanted)
	}
	w.lines(b.String())
	w.WriteString("</failure></testcase>\n")
}

// lines writes text between tags, where line ends can stay as they are.
func (w *junitWriter) lines(text string) {
	for line := range strings.Lines(text) {
		bare, ended := strings.CutSuffix(line, "\n")
		w.text(bare)
		if ended {
			w.WriteByte('\n')
		}
	}
}
