package server

import (
	"cmp"
	"context"
	"time"

	"github.com/bartizan-dev/bartizan/internal/govern"
	"github.com/bartizan-dev/bartizan/internal/index"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// CheckExemption is what the exemptions of a check come to.
type CheckExemption struct {
	IDs       []string   `json:"ids" doc:"the exemptions that lie over it, of which you see where they are laid"`
	ExpiresOn *time.Time `json:"expiresOn" doc:"the instant from which the check is exempt no longer; null for never"`
	Reason    string     `json:"reason,omitempty" doc:"of the one that gives the category, of several the one that holds longest"`
	Owner     string     `json:"owner,omitempty" doc:"who answers for that one"`
	Hidden    int        `json:"hidden,omitempty" doc:"exemptions that lie over it from above what you see: their words are not told"`
}

// CheckAttestation is the attestation by which a check stands.
type CheckAttestation struct {
	ID        string     `json:"id,omitempty"`
	Text      string     `json:"text,omitempty" doc:"what was looked at, and by whom"`
	Link      string     `json:"link,omitempty" doc:"where the proof is"`
	ExpiresOn *time.Time `json:"expiresOn" doc:"the instant from which it holds no longer; null for never"`
	Hidden    bool       `json:"hidden,omitempty" doc:"it is laid above what you see: its words are not told"`
}

// layers tell of the checks of a view what lies over them.
type layers struct {
	server *Server
	view   *view
	named  map[laidName]govern.Document // once somebody asked
	people *said                        // likewise
}

func (s *Server) layers(v *view) *layers { return &layers{server: s, view: v} }

// check is the check of a row.
func (l *layers) check(ctx context.Context, row *index.Row) (Check, error) {
	c := checkOf(row.Verdict)
	if row.Unit == "" {
		c.unders = l.view.x.UnderOf(row.Resource, row.Verdict.Evaluation)
	}
	over, err := l.over(ctx, row)
	if err == nil {
		c.Exemption, c.Attestation = l.exemption(&over), l.attestation(over.Attestation)
		c.Attested = c.Attested || over.Attestation != nil
	}
	return c, err
}

// over finds what lies over the check of a row.
func (l *layers) over(ctx context.Context, row *index.Row) (o govern.Over, err error) {
	switch {
	case row.Verdict.Mark == index.NoMark:
		return o, nil
	case row.Unit != "":
		return l.overUnit(ctx, row)
	}
	if l.named == nil {
		if l.named, err = l.server.laidByName(ctx, l.view.commit); err != nil {
			return o, err
		}
	}
	laid := l.view.x.LaidOver(row.Resource, row.Verdict)
	if laid.Attested != nil {
		o.Attestation, _ = l.named[laidName{ledger.AttestationOf, laid.Attested.ID}].(*govern.Attestation)
	}
	for _, list := range laid.Exempt {
		var needed []*govern.Exemption
		for _, laying := range list {
			if e, ok := l.named[laidName{ledger.ExemptionOf, laying.ID}].(*govern.Exemption); ok {
				needed = append(needed, e)
			}
		}
		o.Needed = append(o.Needed, needed)
	}
	return o, nil
}

func (l *layers) overUnit(ctx context.Context, row *index.Row) (o govern.Over, err error) {
	if l.people == nil {
		if l.people, err = l.server.saidAt(ctx, l.server.sight(l.view)); err != nil {
			return o, err
		}
	}
	var exemptions []*govern.Exemption
	for _, d := range l.people.documentsAbout(row.Rule) {
		if !l.people.lies(d, row.Unit) {
			continue
		}
		switch d := d.Document.(type) {
		case *govern.Attestation:
			o.Attestation = d
		case *govern.Exemption:
			exemptions = append(exemptions, d)
		}
	}
	if len(exemptions) > 0 {
		o.Needed = [][]*govern.Exemption{exemptions}
	}
	return o, nil
}

// tells reports whether who asks is told what a document over a check that they see
// says: what names the resource itself is, what lies above all that they see is not.
func (l *layers) tells(d govern.Document) bool {
	scope := d.Where().Scope
	return scope == "" || l.view.sees(scope, nil)
}

func (l *layers) exemption(o *govern.Over) *CheckExemption {
	first, ends := o.Exemption()
	if first == nil {
		return nil
	}
	told := &CheckExemption{IDs: []string{}, ExpiresOn: instantOrNull(ends)}
	for _, e := range o.Exemptions() {
		if l.tells(e) {
			told.IDs = append(told.IDs, e.ID)
		} else {
			told.Hidden++
		}
	}
	if l.tells(first) {
		told.Reason, told.Owner = cmp.Or(first.Reason, first.DisplayName), first.Owner
	}
	return told
}

func (l *layers) attestation(a *govern.Attestation) *CheckAttestation {
	switch {
	case a == nil:
		return nil
	case !l.tells(a):
		return &CheckAttestation{ExpiresOn: a.ExpiresOn, Hidden: true}
	}
	return &CheckAttestation{ID: a.ID, Text: a.Text, Link: a.Link, ExpiresOn: a.ExpiresOn}
}

func instantOrNull(at time.Time) *time.Time {
	if at.IsZero() {
		return nil
	}
	return &at
}

// lay lays what lies over a check, as it shows, over one that was judged again.
func (c *Check) lay(over *posture.Check) {
	if c.Attested {
		over.State, over.Judged, over.Attested = c.State, c.Judged, true
	}
	if c.Attestation != nil {
		over.Detail = c.Attestation.Text
	}
	if c.State == posture.Exempt {
		over.State, over.Exempt = c.State, c.Mark()
	}
	for i := range over.References {
		r := &over.References[i]
		r.Exempt, r.Category = c.under(r.Assignment, r.Member)
	}
}

// under says how the check stands under a reference that judges it.
func (c *Check) under(assignment, member string) (exempt bool, category string) {
	for _, u := range c.unders {
		if u.Assignment == assignment && u.Member == member {
			return u.Mark != index.NoMark, u.Mark.Category()
		}
	}
	return c.State == posture.Exempt, c.Category
}

// Mark is what the check is exempt by, nil for nothing.
func (c *Check) Mark() *posture.ExemptMark {
	if c.State != posture.Exempt {
		return nil
	}
	mark := &posture.ExemptMark{Category: c.Category}
	if e := c.Exemption; e != nil {
		if mark.Reason = e.Reason; e.ExpiresOn != nil {
			mark.ExpiresOn = *e.ExpiresOn
		}
	}
	return mark
}
