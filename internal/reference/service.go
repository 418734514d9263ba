package reference

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/catalog"
)

// service is the page of a service: each recommendation with all that people
// need to act on it.
func (b *book) service(list []*catalog.Recommendation) string {
	first := list[0]
	name := first.Cloud.String()
	for _, c := range clouds {
		if c.cloud == first.Cloud {
			name = c.name
		}
	}
	var w strings.Builder
	w.WriteString(generated)
	fmt.Fprintf(&w, "# %s: %s\n\n[All recommendations](README.md)\n", name, first.Service)
	for _, r := range worstFirst(list) {
		b.recommendation(&w, r)
	}
	return w.String()
}

func (b *book) recommendation(w *strings.Builder, r *catalog.Recommendation) {
	fmt.Fprintf(w, "\n<a id=%q></a>\n\n## %s\n\n", r.ID, escaped(r.Title))
	facts := []string{"**" + r.Severity.String() + "**", b.control(r), "effort " + r.Effort, "user impact " + r.UserImpact}
	if r.Preview {
		facts = append(facts, "preview: not scored")
	}
	fmt.Fprintf(w, "`%s` · %s · [source](../../catalog/%s)\n\n", r.ID, strings.Join(facts, " · "), r.File)
	fmt.Fprintf(w, "%s\n\n", r.Why)
	fmt.Fprintf(w, "**What to do.** %s\n\n", r.Remediation.Steps)
	for _, code := range []struct{ language, text string }{
		{"sh", r.Remediation.CLI()}, {"terraform", r.Remediation.Terraform}, {"bicep", r.Remediation.Bicep}, {"yaml", r.Remediation.CloudFormation},
	} {
		if code.text != "" {
			fmt.Fprintf(w, "```%s\n%s\n```\n\n", code.language, strings.TrimRight(code.text, "\n"))
		}
	}
	fmt.Fprintf(w, "**What may break.** %s\n\n", r.Remediation.Breaks)
	parameters(w, r)
	fmt.Fprintf(w, "Judges %s. ATT&CK: %s.", quoted(r.Types), strings.Join(r.AttackIDs(), ", "))
	if len(r.AzurePolicies) > 0 {
		fmt.Fprintf(w, " Microsoft's definition of the same: %s.", quoted(r.AzurePolicies))
	}
	w.WriteString("\n\n")
	var links []string
	for _, s := range b.standards {
		var controls []string
		for _, ref := range r.Standards {
			if ref.Standard == s.ID {
				controls = append(controls, ref.Control)
			}
		}
		if len(controls) > 0 {
			links = append(links, fmt.Sprintf("[%s](standard-%s.md) %s", s.ID, s.ID, strings.Join(controls, ", ")))
		}
	}
	fmt.Fprintf(w, "Evidence for: %s\n", strings.Join(links, "; "))
}

func quoted(names []string) string { return "`" + strings.Join(names, "`, `") + "`" }

// parameters lists what may be set otherwise, with the defaults.
func parameters(w *strings.Builder, r *catalog.Recommendation) {
	var definition struct {
		Properties struct {
			Parameters map[string]struct {
				DefaultValue json.RawMessage
				Metadata     struct{ Description string }
			}
		}
	}
	if err := json.Unmarshal(r.Definition, &definition); err != nil || len(definition.Properties.Parameters) == 0 {
		return
	}
	w.WriteString("| parameter | default | meaning |\n|---|---|---|\n")
	var names []string
	for name := range definition.Properties.Parameters {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		p := definition.Properties.Parameters[name]
		value := strings.ReplaceAll(string(p.DefaultValue), ",", ", ")
		fmt.Fprintf(w, "| %s | `%s` | %s |\n", name, escaped(value), escaped(p.Metadata.Description))
	}
	w.WriteString("\n")
}
