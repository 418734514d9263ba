package assess

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/bartizan-dev/bartizan/policy"
)

// expired lists exemptions and attestations that hold no more.
func (run *run) expired(p *placer) []string {
	var all []string
	tell := func(what, expiresOn string, inForce bool) {
		if inForce {
			return
		}
		why := "expired on " + expiresOn
		if _, ok := policy.ParseExpiry(expiresOn); !ok {
			why = fmt.Sprintf("expiresOn %q is no time, so that it does not hold", expiresOn)
		}
		all = append(all, what+": "+why)
	}
	exemptions, attestations := run.options.people()
	for _, e := range exemptions {
		tell(toldExemption(e), e.ExpiresOn, e.InForce(p.now))
	}
	for _, a := range attestations {
		tell(toldAttestation(a), a.ExpiresOn, a.InForce(p.now))
	}
	return all
}

// toldExemption names an exemption, and says where it stands.
func toldExemption(e *policy.Exemption) string {
	return told("exemption", cmp.Or(e.Name, e.DisplayName, e.ID), e.File, e.Pos)
}

func toldAttestation(a *policy.Attestation) string {
	return told("attestation", cmp.Or(a.Name, a.ID), a.File, a.Pos)
}

func told(what, name, file string, at policy.Position) string {
	place := ""
	if file != "" {
		place = placed(file, at)
	}
	if name == "" {
		return fmt.Sprintf("%s %q", what, place)
	}
	if place != "" {
		place = " (" + place + ")"
	}
	return fmt.Sprintf("%s %q%s", what, name, place)
}

// placed is a place as FILE:LINE:COLUMN, without a column that is not known. An
// array may have all its items on one line.
func placed(file string, at policy.Position) string {
	if at.Column == 0 {
		return fmt.Sprintf("%s:%d", file, at.Line)
	}
	return fmt.Sprintf("%s:%d:%d", file, at.Line, at.Column)
}

// withoutAccount tells how many resources are in no unit, and so in no score,
// only because their records do not say whose they are. What stands above units
// has none by right.
func (run *run) withoutAccount(rd *reading) []string {
	n := 0
	rd.records(func(_ *worker, r *record) bool {
		if run.unitName(r.unit) == "" && ofAccount(run.book.set.TypeName(int(r.typeNumber))) {
			n++
		}
		return true
	})
	switch n {
	case 0:
		return nil
	case 1:
		return []string{"1 resource belongs to no unit: its record names no account"}
	}
	return []string{fmt.Sprintf("%d resources belong to no unit: their records name no account", n)}
}

func ofAccount(typeName string) bool {
	folded := policy.FoldType(typeName)
	return strings.HasPrefix(folded, "aws::") && !strings.HasPrefix(folded, "aws::organizations::")
}
