package report

import (
	"strings"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

// examples are the first unhealthy checks of each rule, as lines of Markdown:
// as many as are shown, whatever the number of checks.
type examples map[ruleKey][]string

func examplesOf(run *Run) (examples, error) {
	found := examples{}
	for r, err := range run.rows() {
		if err != nil {
			return nil, err
		}
		key := ruleKey{r.Rule, r.ParametersHash}
		if r.State == posture.Unhealthy && len(found[key]) < markdownResources {
			found[key] = append(found[key], example(r))
		}
	}
	return found, nil
}

// example is an item of a list: the resource, and below it the first values
// that it was judged on.
func example(r *row) string {
	cut := func(text string) string { return markdownCode(brief(text)) }
	var b strings.Builder
	b.WriteString("- " + cut(r.Qualified()) + "\n")
	for i, e := range r.Evidence {
		if i == 3 {
			b.WriteString("  - and more\n")
			break
		}
		b.WriteString("  - " + cut(e.Path) + " is " + cut(found(e)) + ", wanted: " + cut(e.Wanted) + "\n")
	}
	return b.String()
}

// markdownDetails folds the resources of each recommendation behind its title,
// worst first, as long as there is room.
func markdownDetails(s *sheet, run *Run, found examples) {
	missing := 0
	for i := range run.Result.Recommendations {
		r := &run.Result.Recommendations[i]
		if r.Unhealthy == 0 {
			continue
		}
		var b strings.Builder
		b.WriteString("\n<details><summary>" + r.Severity.String() + ": " + summaryText(brief(r.Title)) + "</summary>\n\n")
		if content := r.Recommendation; content != nil && content.Why != "" {
			b.WriteString(markdownText(content.Why) + "\n\n" + markdownText(content.Remediation.Steps) + "\n\n")
		}
		lines := found[ruleKey{r.ID, r.ParametersHash}]
		for _, line := range lines {
			b.WriteString(line)
		}
		if n := r.Unhealthy - len(lines); n > 0 {
			b.WriteString("- and " + counted(n, "more check") + "\n")
		}
		b.WriteString("\n</details>\n")
		if !s.put(b.String()) {
			missing++
		}
	}
	if missing > 0 {
		s.gaps = append(s.gaps, "details of "+counted(missing, "recommendation"))
	}
}
