package govern

import (
	"cmp"
	"slices"
	"time"

	"github.com/bartizan-dev/bartizan/internal/index"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// Version is a document as it is kept.
type Version struct {
	Document
	Since ledger.Number // the commit that wrote it
}

// Versions reads the kept documents that lie over verdicts, those that were
// written last at the end. Texts that cannot be read are left out: they were read
// before they were kept.
func Versions(documents []ledger.DocumentVersion) []Version {
	var all []Version
	for i := range documents {
		kept := &documents[i]
		if d, err := Parse(kept.Kind, kept.Text); err == nil {
			d.setName(kept.ID)
			all = append(all, Version{d, kept.Since})
		}
	}
	slices.SortFunc(all, compareVersions)
	return all
}

// compareVersions puts those first that were written first.
func compareVersions(a, b Version) int {
	return cmp.Or(cmp.Compare(a.Since, b.Since), cmp.Compare(a.Kind(), b.Kind()), cmp.Compare(a.Name(), b.Name()))
}

// Holds reports whether a document holds at an instant.
func Holds(d Document, at time.Time) bool { return d.Ends().IsZero() || at.Before(d.Ends()) }

// Layings gives what documents lay over verdicts at an instant, and the next one
// at which that changes by itself; zero for never. Of two attestations of one
// check the one that was written last counts.
func Layings(documents []ledger.DocumentVersion, at time.Time) (layings []index.Laying, until time.Time) {
	return LayingsOf(Versions(documents), at)
}

// LayingsOf is [Layings] of documents that were read.
func LayingsOf(versions []Version, at time.Time) (layings []index.Laying, until time.Time) {
	for _, v := range versions {
		ends := v.Ends()
		if !Holds(v, at) {
			continue
		}
		layings = append(layings, v.laying())
		if !ends.IsZero() && (until.IsZero() || ends.Before(until)) {
			until = ends
		}
	}
	return layings, until
}

func (p *Place) lay(l *index.Laying) {
	l.Scope = p.Scope
	for i := range p.Resources {
		l.Keys = append(l.Keys, p.Resources[i].Key())
	}
}

func ruleIDs(names []string) (ids []string) {
	for _, name := range names {
		ids = append(ids, RuleID(name))
	}
	return ids
}

func (e *Exemption) laying() index.Laying {
	l := index.Laying{ID: e.ID, Rules: ruleIDs(e.Recommendations), Assignment: e.Assignment, Members: e.Members, Mark: index.Waived}
	if e.Category == "mitigated" {
		l.Mark = index.Mitigated
	}
	e.lay(&l)
	if s := e.Selector; s != nil {
		l.Selector = index.Selector{Types: s.Types, Locations: s.Locations, Text: s.Text}
		for _, t := range s.Tags {
			tag := index.TagFilter{Key: t.Key, Exists: t.Value == nil, Not: t.Not}
			if t.Value != nil {
				tag.Value = *t.Value
			}
			l.Selector.Tags = append(l.Selector.Tags, tag)
		}
	}
	l.Selector.Resources = e.Selecting()
	return l
}

func (a *Attestation) laying() index.Laying {
	l := index.Laying{ID: a.ID, Rules: ruleIDs(a.Rules()), Mark: index.Attested, State: posture.Healthy}
	if a.State == "unhealthy" {
		l.State = posture.Unhealthy
	}
	a.lay(&l)
	return l
}

func (d *Disabling) laying() index.Laying {
	return index.Laying{ID: d.ID, Scope: d.Scope, Rules: ruleIDs(d.Rules())}
}
