package index

import (
	"strings"

	"github.com/valyala/fastjson"

	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// ownerTag is the key of the tag that says who owns what has it.
const ownerTag = "owner"

// owners tell who owns the resources of one state of an index: what the tag of a
// resource says, or else that of its group, or else that of its unit.
type owners struct {
	words         *words
	facts         []uint32 // by number of facts: a word
	groups, units []uint32 // by number of one: a word
	sets          byWord   // resources by word; see [Index.owned]
}

func (o *owners) of(c *columns, n uint32) uint32 {
	if word := o.facts[c.facts[n]]; word != 0 {
		return word
	}
	if word := o.groups[c.group[n]]; word != 0 {
		return word
	}
	return o.units[c.unit[n]]
}

// owners gives who owns the resources that are there. It is made when asked for.
func (x *Index) owners() *owners {
	x.lazy.Lock()
	defer x.lazy.Unlock()
	o := x.readOwners(len(x.facts.stored))
	if o.units == nil {
		o.groups, o.units = x.ownersOf(x.groups), x.ownersOf(x.units)
	}
	return o
}

// readOwners reads what facts say of owners, up to the one of a number.
func (x *Index) readOwners(end int) *owners {
	if x.owner == nil {
		x.owner = &owners{words: newWords(func(s string) string { return s })}
	}
	o, facts := x.owner, new(fastjson.Parser)
	for n := len(o.facts); n < end; n++ {
		o.facts = append(o.facts, o.words.number(ownerIn(facts, x.facts.bodies.at(uint32(n)))))
	}
	return o
}

// ownMore reads some more of the facts, and reports whether these were the last.
func (x *Index) ownMore() (done bool) {
	const some = 1 << 15
	x.lazy.Lock()
	defer x.lazy.Unlock()
	read, all := 0, len(x.facts.stored)
	if x.owner != nil {
		read = len(x.owner.facts)
	}
	x.readOwners(min(read+some, all))
	return read+some >= all
}

// owned gives the resources that are there by the words of their owners.
func (x *Index) owned() *owners {
	o := x.owners()
	x.lazy.Lock()
	defer x.lazy.Unlock()
	if o.sets == nil {
		o.sets = byWord{}
		each(x.sets.here, func(n uint32) { o.sets.add(o.of(&x.resources, n), n) })
	}
	return o
}

// disown forgets what a change may have made untrue; what facts say stays.
func (x *Index) disown() {
	if o := x.owner; o != nil {
		x.owner = &owners{words: o.words, facts: o.facts}
	}
}

// ownersOf gives the words of who owns scopes by the tags of their own resources.
func (x *Index) ownersOf(scopes *words) []uint32 {
	all := make([]uint32, len(scopes.texts))
	for at, id := range scopes.texts {
		if n, ok := x.resourceOf(id); ok && id != "" {
			all[at] = x.owner.facts[x.resources.facts[n]]
		}
	}
	return all
}

// resourceOf finds the resource that a scope is in the inventory.
func (x *Index) resourceOf(scope string) (n uint32, there bool) {
	n, known := x.numberOf(scope)
	return n, known && x.sets.here.Contains(n)
}

// numberOf gives the number of the resource that a scope is, there or not.
func (x *Index) numberOf(scope string) (n uint32, known bool) {
	if strings.HasPrefix(scope, "folders/") || strings.HasPrefix(scope, "organizations/") {
		scope = "//cloudresourcemanager.googleapis.com/" + scope // as Google's own records write it
	}
	return x.Find(ledger.KeyOf(posture.IdentityOf(scope, "", "", "")))
}

// ownerIn gives the owner that facts, as JSON, tell; "" for none.
func ownerIn(facts *fastjson.Parser, text string) (owner string) {
	if !containsFolded(text, `"owner"`) {
		return ""
	}
	of, err := facts.Parse(text)
	if err != nil { // it was written by [facts.learn]
		return ""
	}
	first, exact := "", false
	of.GetObject("tags").Visit(func(name []byte, value *fastjson.Value) {
		key := string(name)
		switch {
		case exact || !strings.EqualFold(key, ownerTag):
		case key == ownerTag, first == "", key < first:
			first, exact, owner = key, key == ownerTag, string(value.GetStringBytes())
		}
	})
	return owner
}

// OwnerOf gives who owns a resource that has a number, "" for nobody.
func (x *Index) OwnerOf(n uint32) string {
	o := x.owners()
	return o.words.texts[o.of(&x.resources, n)]
}

// OwnerOf gives who owns a resource, "" for nobody.
func (e *Excerpt) OwnerOf(n uint32) string { return e.ownerWords[e.owners.of(&e.columns, n)] }
