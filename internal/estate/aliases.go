package estate

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/internal/govern"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/policy"
)

// aliases say what aliases mean by the tables of a moment. They do not change.
type aliases struct {
	own   *policy.Aliases // the catalogue's
	all   *policy.Aliases // with the kept ones
	tells ledger.Hash     // the kept ones apart
}

// ownAliases are those of the catalogue.
func ownAliases(c *catalog.Catalog) (*policy.Aliases, error) {
	text, err := c.Aliases()
	if err != nil {
		return nil, err
	}
	own := policy.NewAliases()
	return own, own.LoadAliasDump(text)
}

// joinAliases makes one table of the kept ones and the catalogue's. Of what several
// tables say of an alias the last one's counts, by name; what the catalogue says of
// an alias, in either spelling, goes before all, so that its own rules mean the same
// always.
func joinAliases(kept *govern.Policies, own *policy.Aliases) *policy.Aliases {
	all := policy.NewAliases()
	for p := range kept.All(ledger.AliasTable) {
		for e := range p.Aliases.Table().All() {
			if !isOwn(own, &e) {
				all.Add(e)
			}
		}
	}
	for e := range own.All() {
		all.Add(e)
	}
	return all
}

// isOwn reports whether the catalogue's table says what an entry does, or otherwise.
func isOwn(own *policy.Aliases, e *policy.AliasEntry) bool {
	_, found, known := own.Lookup(e.Name, e.Type)
	return found || known && e.Type == ""
}

// tables keeps alias tables that were joined: what is asked as of another time alternates
// with now.
type tables struct {
	own *policy.Aliases

	mu   sync.Mutex
	last []*aliases // the latest first
}

// tablesAtOnce is how many are kept: that of Azure has some 30 MB.
const tablesAtOnce = 3

// of gives what aliases mean by kept tables.
func (t *tables) of(kept *govern.Policies) *aliases {
	var hashes []byte
	for p := range kept.All(ledger.AliasTable) {
		hash := p.Aliases.Hash()
		hashes = append(hashes, hash[:]...)
	}
	tells := ledger.HashOf(hashes)
	t.mu.Lock()
	defer t.mu.Unlock()
	at := slices.IndexFunc(t.last, func(a *aliases) bool { return a.tells == tells })
	if at < 0 {
		t.last = append(t.last[:min(len(t.last), tablesAtOnce-1)], &aliases{t.own, joinAliases(kept, t.own), tells})
		at = len(t.last) - 1
	}
	found := t.last[at]
	t.last = slices.Insert(slices.Delete(t.last, at, at+1), 0, found)
	return found
}

// meaning tells definitions apart by what judges: the rule, and what the aliases in it
// mean that are not the catalogue's.
func (a *aliases) meaning(p *govern.Policy) ledger.Hash {
	names, anyName := p.Fields()
	var entries []string
	for _, name := range names {
		for e := range a.all.Named(name) {
			if isOwn(a.own, &e) {
				continue
			}
			text := fmt.Sprintf("%q %q %q", strings.ToLower(e.Name), strings.ToLower(e.Type), e.Path)
			for _, version := range slices.Sorted(maps.Keys(e.Versions)) {
				text += fmt.Sprintf(" %q %q", version, e.Versions[version])
			}
			entries = append(entries, text)
		}
	}
	if anyName && a.all.Len() > a.own.Len() {
		entries = append(entries, string(a.tells[:]))
	}
	if len(entries) == 0 {
		return p.Rule
	}
	slices.Sort(entries)
	return ledger.HashOf([]byte(string(p.Rule[:]) + strings.Join(slices.Compact(entries), "\n")))
}
