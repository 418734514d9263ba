package report

import (
	"bufio"
	"io"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

// writeJUnit writes a suite a recommendation, with a case a resource: unhealthy
// is a failure; unknown, manual and exempt are skipped, with the reason, so that
// they never look like a pass.
//
// A suite begins with its counts and holds all its cases, but checks come
// resource by resource. So cases are sorted into suites on the way, in a
// [sorter] that moves them to a temporary file once there are many: counting
// beforehand would not help, and one reading a suite takes hours.
func writeJUnit(w io.Writer, run *Run) (err error) {
	cases := newSorter(run.Scratch)
	defer func() {
		if wrong := cases.close(); err == nil {
			err = wrong
		}
	}()
	suites, err := junitSuites(run, cases)
	if err != nil {
		return err
	}
	out := &junitWriter{Writer: bufio.NewWriterSize(w, 1<<16)}
	var all junitCounts
	for _, s := range suites {
		all.add(s.counts)
	}
	out.WriteString("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites")
	out.attribute("name", "Bartizan "+run.Version)
	out.counts(all)
	out.WriteString(">\n")
	for i, s := range suites {
		out.begin(s, run.At)
		if err := cases.copy(out, i); err != nil {
			return err
		}
		out.WriteString("</testsuite>\n")
	}
	out.WriteString("</testsuites>\n")
	return out.Flush()
}

// junitSuite is one recommendation, a policy with one set of parameters, or a
// control that people attest.
type junitSuite struct {
	name           string // no other suite has it
	rule           rule
	parametersHash string
	counts         junitCounts
}

type junitCounts struct{ tests, failures, skipped int }

func (c *junitCounts) add(o junitCounts) {
	c.tests += o.tests
	c.failures += o.failures
	c.skipped += o.skipped
}

// junitSuites sorts all cases, and gives the suites that have one: in the
// result's order, then those of rules that only checks name.
func junitSuites(run *Run, cases *sorter) ([]*junitSuite, error) {
	at := map[ruleKey]int{}
	var suites []*junitSuite
	var text strings.Builder
	one := &junitWriter{Writer: bufio.NewWriter(&text)}
	for r, err := range run.rows() {
		if err != nil {
			return nil, err
		}
		key := ruleKey{r.Rule, r.ParametersHash}
		i, ok := at[key]
		if !ok {
			i = len(suites)
			at[key] = i
			suites = append(suites, &junitSuite{rule: r.rule, parametersHash: r.ParametersHash})
		}
		suites[i].counts.add(one.testcase(r))
		if err := one.Flush(); err != nil {
			return nil, err
		}
		if err := cases.add(i, text.String()); err != nil {
			return nil, err
		}
		text.Reset()
	}
	var order []int
	for _, known := range run.Result.Recommendations {
		if i, ok := at[ruleKey{known.ID, known.ParametersHash}]; ok {
			order = append(order, i)
			delete(at, ruleKey{known.ID, known.ParametersHash})
		}
	}
	for i, s := range suites {
		if _, left := at[ruleKey{s.rule.ID, s.parametersHash}]; left {
			order = append(order, i)
		}
	}
	cases.arrange(order)
	sorted := make([]*junitSuite, len(order))
	for to, from := range order {
		sorted[to] = suites[from]
	}
	nameSuites(sorted)
	return sorted, nil
}

// nameSuites names suites by their titles. That of a control says which it is, as
// standards share titles; others that share one have id and parameters behind it.
func nameSuites(suites []*junitSuite) {
	alike := map[string][]*junitSuite{}
	for _, s := range suites {
		s.name = s.rule.Title
		if c := s.rule.controls; len(c) == 1 && c[0].Standard+":"+c[0].Control == s.rule.ID {
			s.name = c[0].Standard + " " + c[0].Control + ": " + s.rule.Title
		}
		alike[s.name] = append(alike[s.name], s)
	}
	for _, same := range alike {
		if len(same) == 1 {
			continue
		}
		for _, s := range same {
			s.name += " (" + strings.TrimSpace(s.rule.ID+" "+s.parametersHash) + ")"
		}
	}
}

// testcase writes the case of a check and says how it counts.
func (w *junitWriter) testcase(r *row) junitCounts {
	w.WriteString("<testcase")
	w.attribute("name", r.Qualified())
	w.attribute("classname", strings.Join([]string{r.Cloud.String(), service(r), last(r.Rule)}, "."))
	switch {
	case r.State == posture.Exempt:
		w.skipped(exemptText(r) + "; " + r.Judged.String() + " beneath")
		return junitCounts{tests: 1, skipped: 1}
	case r.State == posture.Unknown, r.State == posture.Manual:
		w.skipped(statusExtended(r))
		return junitCounts{tests: 1, skipped: 1}
	case r.State == posture.Unhealthy:
		w.failure(r)
		return junitCounts{tests: 1, failures: 1}
	}
	w.WriteString("/>\n")
	return junitCounts{tests: 1}
}
