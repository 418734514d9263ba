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
	tell := func(what, name, expiresOn string) {
		if !p.over(expiresOn) {
			return
		}
		why := "expired on " + expiresOn
		if _, ok := policy.ParseInstant(expiresOn); !ok {
			why = fmt.Sprintf("expiresOn %q is no time, so that it does not hold", expiresOn)
		}
		all = append(all, fmt.Sprintf("%s %q: %s", what, name, why))
	}
	exemptions, attestations := run.options.people()
	for _, e := range exemptions {
		tell("exemption", nameOfExemption(e), e.ExpiresOn)
	}
	for _, a := range attestations {
		tell("attestation", nameOfAttestation(a), a.ExpiresOn)
	}
	return all
}

func nameOfExemption(e *policy.Exemption) string {
	return cmp.Or(e.Name, e.DisplayName, e.ID, standsAt(e.File, e.Pos))
}

func nameOfAttestation(a *policy.Attestation) string {
	return cmp.Or(a.Name, a.ID, standsAt(a.File, a.Pos))
}

// standsAt says where something without a name stands.
func standsAt(file string, at policy.Position) string { return fmt.Sprintf("%s:%d", file, at.Line) }

// withoutAccount tells how many resources are in no unit, and so in no score,
// only because their records do not say whose they are. What stands above units
// has none by right.
func (run *run) withoutAccount(rd *reading) []string {
	n := 0
	rd.records(func(_ *worker, r *record) bool {
		if run.units[r.unit] == "" && ofAccount(run.book.set.TypeName(int(r.typeNumber))) {
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
