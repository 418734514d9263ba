package assess

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/inventory"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// rejected counts the records and places of the input that could not be read.
func (run *run) rejected(rd *reading) int {
	n := 0
	for _, w := range rd.workers {
		for _, s := range w.decoder.Seen() {
			n += s.Rejected
		}
	}
	return n
}

// tellDuplicate notes that a record is left out for a better one.
func (run *run) tellDuplicate(r *inventory.Resource, id uint64) {
	const lineBits = 40
	run.known.duplicates.Add(1)
	why := "too, which counts; this one is left out"
	if run.torn[id] {
		why = "with other contents, and neither names its account: they may be two, so that nothing that they tell counts; assess accounts and regions apart, or name them in each record"
	}
	by := run.winners[id].order
	run.known.notices.add(inventory.Problem{
		File: r.File, Line: r.Line, Notice: true,
		Reason: fmt.Sprintf("%s stands in %s:%d %s", r.ID, run.options.Inputs[by>>lineBits].Name, by&(1<<lineBits-1), why),
	})
}

// tellOld notes the records left out for newer states, and gives their number.
func (run *run) tellOld(rd *reading) int {
	rd.old.shorten()
	for _, p := range rd.old.kept {
		run.known.notices.add(p)
	}
	return len(rd.old.kept) + rd.old.more
}

// tellStatements notes read records that come to nothing.
func (run *run) tellStatements() {
	for i := range run.known.reads {
		r := &run.known.reads[i]
		why := ""
		switch {
		case !run.knowsScope(r.Scope):
			why = "no resource of the input is in this scope"
		case IsBelowUnit(r.Scope) && r.Complete && len(r.Gaps) == 0:
			why = SaysNothingOfGroup
		default:
			continue
		}
		run.known.notices.add(inventory.Problem{
			File: r.file, Line: r.line, Notice: true, Reason: "read record of " + r.Scope + ": " + why,
		})
	}
}

// SaysNothingOfGroup is told of a read record that has a resource group, and no more,
// as complete: relations cross groups, so that nothing follows for the unit.
const SaysNothingOfGroup = "complete says nothing about a resource group, want its unit or a scope above"

// knowsScope reports whether a scope is in the tree or above a unit, or an account of
// which something that names none may be.
func (run *run) knowsScope(scope string) bool {
	if _, known := run.known.tree.Scope(scope); known {
		return true
	}
	scope = run.known.tree.Unit(scope)
	if posture.CloudOfScope(scope) == posture.AWS && run.complete.namesNoAccount() {
		return true
	}
	return slices.ContainsFunc(run.namedUnits(), func(unit string) bool {
		return unit != "" && run.known.tree.Within(unit, scope)
	}) || scope == "/"
}

// IsBelowUnit reports whether a scope is a resource group, or a resource.
func IsBelowUnit(scope string) bool {
	segments := strings.Split(strings.Trim(posture.Fold(scope), "/"), "/")
	switch segments[0] {
	case "subscriptions":
		return len(segments) > 2
	case "providers":
		return len(segments) > 4 || len(segments) > 1 && segments[1] != "microsoft.management"
	}
	return strings.HasPrefix(scope, "arn:") || strings.HasPrefix(scope, "//")
}

// ParseComplete reads words about completeness: all, SCOPE or SCOPE=TYPE. Setting is
// what they were said by, such as a flag.
func ParseComplete(setting string, list []string) ([]Completeness, error) {
	var found []Completeness
	for _, text := range list {
		scope, typ, hasType := strings.Cut(text, "=")
		switch {
		case scope == "" || hasType && typ == "":
			return nil, fmt.Errorf("%s %q: want all, SCOPE or SCOPE=TYPE", setting, text)
		case strings.HasPrefix(scope, "tag:"):
			return nil, fmt.Errorf("%s %q: a tag says nothing of what was read; want all, SCOPE or SCOPE=TYPE", setting, text)
		case strings.EqualFold(scope, "all") && hasType:
			return nil, fmt.Errorf("%s %q: all takes no type; want all, SCOPE or SCOPE=TYPE", setting, text)
		case strings.EqualFold(text, "all"):
			found = append(found, Completeness{All: true})
		default:
			found = append(found, Completeness{Scope: scope, Type: typ})
		}
	}
	return found, nil
}

// CheckComplete refuses words about completeness that have no effect. Setting is as
// for [ParseComplete].
func CheckComplete(setting string, said []Completeness) error {
	var refused []string
	for _, c := range said {
		if c.All || !IsBelowUnit(c.Scope) {
			continue
		}
		name := c.Scope
		if c.Type != "" {
			name += "=" + c.Type
		}
		refused = append(refused, setting+" "+name+": want a unit or something above it, because relations cross resource groups")
	}
	if len(refused) > 0 {
		return &UsageError{strings.Join(refused, "\n")}
	}
	return nil
}
