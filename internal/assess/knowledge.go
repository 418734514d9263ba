package assess

import (
	"strings"
	"sync"
	"sync/atomic"

	"github.com/bartizan-dev/bartizan/internal/inventory"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

// knowledge is what a reading learns beside the resources: scopes, resource
// groups and subscriptions, and how far everything was read. A second reading
// starts with all of it. It serves several goroutines.
type knowledge struct {
	mu       sync.RWMutex
	tree     inventory.Tree
	groups   map[string]surrounding // by folded id: what resourceGroup() returns
	units    map[string]surrounding // what subscription() returns
	reads    []readAt
	gapsByID map[string][]typeGap    // by folded id, or another name
	ends     map[string][]string     // of these names, by how they end: see endOf
	related  map[uint64][]relatedGap // by hash of the id
	gapsAt   gapPlaces
	problems problemList
	listed   []string // ids of which the input has nothing else
	lost     lostRecords
	notices  problemList // of what was left out or had no effect

	duplicates atomic.Int64
	alone      aloneNames

	hasGaps  atomic.Bool
	hasNames atomic.Bool // of gaps, for what has more names than its id
	// judged says that resources have been judged, so that what is learnt now
	// comes late for them; late says that something that matters did.
	judged atomic.Bool
	late   atomic.Bool
	// matters says that rules look for related resources in Google projects.
	matters bool
	// What judgements rested on that later scopes and resources may change.
	missed sync.Map // folded ids of groups and units that were asked for in vain
	places sync.Map // by unit, as written: its *unitPlaces
	asTold sync.Map // Google projects that had no other id
}

// typeGap is a path, "" for the whole body, that was not read of any resource
// of a type in a scope.
type typeGap struct {
	scope, typeName string // type folded, "" for every type
	gap             policy.Gap
}

// readAt is a read record and where it stands.
type readAt struct {
	posture.ReadRecord
	file string
	line int
}

func newKnowledge() *knowledge {
	return &knowledge{
		groups: map[string]surrounding{}, units: map[string]surrounding{}, gapsByID: map[string][]typeGap{}, ends: map[string][]string{},
		related: map[uint64][]relatedGap{}, gapsAt: newGapPlaces(),
		problems: problemList{max: maxProblems}, notices: problemList{max: maxNotices, notices: true},
	}
}

// list notes the id of a resource that exists, and of which no more is known.
func (k *knowledge) list(id string) {
	if id == "" {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.listed = append(k.listed, id)
}

func (k *knowledge) scope(s posture.Scope) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.tree.Add(s)
	k.gapsAt.tell(&s)
}

func (k *knowledge) read(r posture.ReadRecord, file string, line int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.reads = append(k.reads, readAt{r, file, line})
	for i := range r.Gaps {
		g := &r.Gaps[i]
		k.relate(&r, g)
		switch {
		case g.ID != "" && ofBody(&r, g):
			k.readNamed(&r, g)
		case g.ID == "":
			for _, gap := range policyGaps(&r, g) {
				k.gapsAt.add(r.Scope, gapType(&r, g), gap)
			}
		default:
			continue
		}
		k.hasGaps.Store(true)
		if k.judged.Load() {
			k.late.Store(true)
		}
	}
}

// readNamed notes a gap of the body of what has a name. One that others may have too
// is about those of its type in the record's scope.
func (k *knowledge) readNamed(r *posture.ReadRecord, g *posture.Gap) {
	scope, of := reach(r, g), gapType(r, g)
	k.gapsAt.scopes[posture.Fold(scope)] = true
	if posture.SaysAll(g.ID) && (g.Path != "" || g.Body) {
		of = "" // of another one it is what belongs to that
	}
	id := posture.Fold(g.ID)
	if end := endOf(id); end != id {
		k.ends[end] = append(k.ends[end], id)
	}
	for _, gap := range policyGaps(r, g) {
		told := typeGap{scope, of, gap}
		k.gapsByID[id] = append(k.gapsByID[id], told)
		if plain := posture.PlainARN(id); plain != id {
			k.gapsByID[plain] = append(k.gapsByID[plain], told)
		}
	}
	if !posture.IsPath(id) {
		k.hasNames.Store(true)
	}
}

// endOf is what stands in a name behind all that may tell an account.
func endOf(name string) string { return name[strings.LastIndexAny(name, "/:")+1:] }

// reach is the scope that what a gap's id names stands in. An id that says all is
// that wherever the record was made, but where that is the account that owns the trail
// of an organisation those of its other accounts are not meant.
func reach(r *posture.ReadRecord, g *posture.Gap) string {
	if posture.SaysAll(g.ID) && !posture.InItsAccount(g.ID, r.Scope) {
		return "/"
	}
	return r.Scope
}

// gaps gives the unread places of a resource.
func (k *knowledge) gaps(r *inventory.Resource) []policy.Gap {
	if !k.hasGaps.Load() {
		return nil
	}
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.ofTypesIn(k.gapsByName(r), r)
}

// mayBeOfAWS reports whether what names no account may lie in a scope.
func mayBeOfAWS(scope string) bool { return scope == "/" || posture.CloudOfScope(scope) == posture.AWS }

// unit gives the id under which a resource's unit is counted, as far as it is
// known: see learntLate.
func (k *knowledge) unit(r *inventory.Resource) string {
	if r.Cloud != posture.GCP {
		return r.Unit
	}
	k.mu.RLock()
	unit := k.tree.Unit(r.Unit)
	k.mu.RUnlock()
	if unit == r.Unit {
		if _, known := k.asTold.Load(unit); !known {
			k.asTold.Store(strings.Clone(unit), true)
		}
	}
	return unit
}

// learntLate reports whether something that a judgement lacked was learnt
// after it.
func (k *knowledge) learntLate() bool {
	if k.late.Load() {
		return true
	}
	found := false
	k.missed.Range(func(id, _ any) bool {
		_, group := k.groups[id.(string)]
		_, unit := k.units[id.(string)]
		found = group || unit
		return !found
	})
	found = found || k.movedLate()
	k.asTold.Range(func(unit, _ any) bool {
		found = found || k.matters && k.tree.Unit(unit.(string)) != unit
		return !found
	})
	return found
}

// markJudged notes that resources have been judged.
func (k *knowledge) markJudged() {
	if !k.judged.Load() {
		k.judged.Store(true)
	}
}
