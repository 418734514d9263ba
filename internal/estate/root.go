package estate

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/bartizan-dev/bartizan/internal/inventory"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

// mostRootName bounds the name of a root, in bytes.
const mostRootName = 100

// CheckRootName says why a text cannot name a new root: it stands in addresses and
// wherever a scope does, so it is a plain word, and nobody takes it for the id of
// something in a cloud. The error is to stand behind the text.
func CheckRootName(name string) error {
	plain := name != "" && len(name) <= mostRootName && strings.IndexFunc(name, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("._-", r)
	}) < 0
	switch {
	case !plain, strings.ContainsRune("._-", rune(name[0])):
		return errors.New("want a plain word of letters and digits, with . _ - in it, such as contoso")
	case strings.Trim(name, "0123456789") == "", posture.CloudOfScope(name) != posture.NoCloud, inventory.RankOf(name) != inventory.NearParent, policy.CheckScope(name) != nil, strings.EqualFold(name, "all"):
		return errors.New("it is written like what clouds or commands call something, such as an account; want a word of your own, such as contoso")
	}
	return nil
}

// root finds our own node by its name.
func (e *Estate) root(name string) (posture.Scope, error) {
	roots := e.tree.roots()
	switch {
	case name == "" && len(roots) == 0:
		name = "default"
	case name == "" && len(roots) > 1:
		return posture.Scope{}, &UsageError{fmt.Sprintf("import without a root: there are several (%s); name one", strings.Join(roots, ", "))}
	case name == "":
		name = roots[0]
	}
	s, known := e.tree.scopes[posture.Fold(name)]
	switch err := CheckRootName(name); {
	case known && s.Kind != posture.Root:
		return posture.Scope{}, &UsageError{fmt.Sprintf("root %q: there is a scope of that id that is no root", name)}
	case !known && err != nil:
		return posture.Scope{}, &UsageError{fmt.Sprintf("root %q: %v", name, err)}
	}
	// What documents of a root are called is told apart whatever its case.
	if like := slices.IndexFunc(roots, func(other string) bool { return strings.EqualFold(other, name) }); !known && like >= 0 {
		return posture.Scope{}, &UsageError{fmt.Sprintf("root %q: there is a root %s; want its name, or another one in more than case", name, roots[like])}
	}
	return posture.Scope{ID: name, Parent: "/", Kind: posture.Root, Name: name}, nil
}

// mayStandBelow refuses a parent of new scopes that is not there, stands in another
// root, or has no scopes below it.
func (e *Estate) mayStandBelow(parent, root string) error {
	if parent == "" || posture.Fold(parent) == posture.Fold(root) {
		return nil
	}
	s, known := e.tree.scopes[posture.Fold(parent)]
	switch at := e.tree.rootOf(parent); {
	case !known:
		return &UsageError{fmt.Sprintf("import below %q: there is no such scope", parent)}
	case at != posture.Fold(root):
		return &UsageError{fmt.Sprintf("import below %q: it stands in the root %s, not in %s", parent, at, root)}
	case s.Kind == posture.Unit, s.Kind == posture.Group:
		return &UsageError{fmt.Sprintf("import below %q: want something that stands above units", parent)}
	}
	return nil
}

// tellElsewhere tells of units that stand in another root than the one that was named.
func (i *importing) tellElsewhere(root string) {
	if i.options.Root == "" {
		return
	}
	units := map[string]int{} // by root
	for _, unit := range i.met() {
		if at := i.growth.tree.rootOf(unit); at != posture.Fold(root) {
			units[at]++
		}
	}
	for _, at := range slices.Sorted(maps.Keys(units)) {
		i.answer.Notices = append(i.answer.Notices, inventory.Problem{Notice: true, Reason: fmt.Sprintf("units that stand in the root %s, not in %s, and stay there: %d", at, root, units[at])})
	}
}
