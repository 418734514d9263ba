package reference

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// index is the page to start with: by cloud and service, by severity, by
// standard.
func (b *book) index() (string, error) {
	var w strings.Builder
	w.WriteString(generated)
	w.WriteString("# Recommendations\n\n")
	fmt.Fprintf(&w, "%d recommendations. `bartizan list recommendations` prints them; [authoring.md](../authoring.md) tells how to add one.\n", len(b.all))
	b.byService(&w)
	b.bySeverity(&w)
	return w.String(), b.byStandard(&w)
}

func (b *book) byService(w *strings.Builder) {
	w.WriteString("\n## By cloud and service\n\n| cloud | services |\n|---|---|\n")
	services := b.services()
	for _, c := range clouds {
		var links []string
		for key, list := range services {
			if list[0].Cloud == c.cloud {
				links = append(links, fmt.Sprintf("[%s](%s.md) %d", list[0].Service, key, len(list)))
			}
		}
		slices.Sort(links)
		fmt.Fprintf(w, "| %s | %s |\n", c.name, strings.Join(links, " · "))
	}
}

func (b *book) bySeverity(w *strings.Builder) {
	w.WriteString("\n## By severity\n")
	for _, severity := range []posture.Severity{posture.Critical, posture.High, posture.Medium, posture.Low} {
		var list []*catalog.Recommendation
		for _, r := range b.all {
			if r.Severity == severity {
				list = append(list, r)
			}
		}
		fmt.Fprintf(w, "\n### %s: %d\n\n", strings.ToUpper(severity.String()[:1])+severity.String()[1:], len(list))
		w.WriteString("| recommendation | cloud | service | control |\n|---|---|---|---|\n")
		for _, r := range worstFirst(list) {
			fmt.Fprintf(w, "| %s | %s | %s | %s |\n", linkTo(r, r.Title), r.Cloud, r.Service, b.control(r))
		}
	}
}

func (b *book) byStandard(w *strings.Builder) error {
	w.WriteString("\n## By standard\n\n| standard | version | authority | controls | automatic | manual | not covered |\n|---|---|---|---:|---:|---:|---:|\n")
	for _, s := range b.standards {
		nodes, err := b.catalog.Coverage(s, nil)
		if err != nil {
			return err
		}
		kinds := map[catalog.Kind]int{}
		for _, n := range nodes {
			kinds[n.Kind]++
		}
		fmt.Fprintf(w, "| [%s](standard-%s.md) | %s | %s | %d | %d | %d | %d |\n", escaped(s.Title), s.ID, s.Version, s.Authority,
			len(nodes)-kinds[catalog.Group], kinds[catalog.Automatic], kinds[catalog.ByHand], kinds[catalog.NotCovered])
	}
	return nil
}

// control is the name of a recommendation's secure-score control.
func (b *book) control(r *catalog.Recommendation) string {
	c, _ := b.catalog.Control(r.Control)
	return c.Name
}

// standard is the page of a standard: its tree with what covers each control.
func (b *book) standard(s *catalog.Standard) (string, error) {
	nodes, err := b.catalog.Coverage(s, nil)
	if err != nil {
		return "", err
	}
	byID := map[string]*catalog.Recommendation{}
	for _, r := range b.all {
		byID[r.ID] = r
	}
	var w strings.Builder
	w.WriteString(generated)
	fmt.Fprintf(&w, "# %s\n\n%s, version %s. `bartizan assess PATH --standard %s` tells compliance with it. Labels are ours where\nthe source's are not in the public domain. [All recommendations](README.md)\n\n", s.Title, s.Authority, s.Version, s.ID)
	w.WriteString("| control | label | evidence |\n|---|---|---|\n")
	for _, n := range nodes {
		evidence := string(n.Kind)
		switch n.Kind {
		case catalog.Group:
			evidence = ""
		case catalog.Automatic, catalog.ByHand:
			var links []string
			for _, id := range n.Recommendations {
				links = append(links, linkTo(byID[id], id))
			}
			if n.Kind == catalog.ByHand {
				links = append([]string{evidence}, links...)
			}
			evidence = strings.Join(links, ", ")
		}
		label := escaped(n.Title)
		if n.Kind == catalog.Group {
			label = "**" + label + "**"
		}
		fmt.Fprintf(&w, "| %s | %s | %s |\n", escaped(n.ID), label, evidence)
	}
	return w.String(), nil
}
