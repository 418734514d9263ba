package assess

import (
	"strings"
	"sync"
	"sync/atomic"

	"github.com/valyala/fastjson"

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
	groups   map[string]policy.Value // by folded id: what resourceGroup() returns
	units    map[string]policy.Value // what subscription() returns
	reads    []posture.ReadRecord
	gapsByID map[string][]policy.Gap // by folded id
	gapsOf   []typeGap               // of a type in a scope
	problems []inventory.Problem

	hasGaps atomic.Bool
	// judged says that resources have been judged, so that what is learnt now
	// comes late for them; late says that something that matters did.
	judged atomic.Bool
	late   atomic.Bool
	missed sync.Map // folded ids of groups and units that were asked for in vain
}

// typeGap is a path that was not read of any resource of a type in a scope.
type typeGap struct {
	scope, typeName string
	gap             policy.Gap
}

func newKnowledge() *knowledge {
	return &knowledge{
		groups: map[string]policy.Value{}, units: map[string]policy.Value{}, gapsByID: map[string][]policy.Gap{},
	}
}

// maxProblems bounds the problems that are kept; the rest is counted.
const maxProblems = 1000

func (k *knowledge) problem(p inventory.Problem) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.problems = append(k.problems, p)
}

func (k *knowledge) scope(s posture.Scope) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.tree.Add(s)
}

func (k *knowledge) read(r posture.ReadRecord) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.reads = append(k.reads, r)
	for _, g := range r.Gaps {
		gap := policy.Gap{Path: g.Path, Reason: g.Reason.String()}
		switch {
		case g.ID != "":
			id := posture.Fold(g.ID)
			k.gapsByID[id] = append(k.gapsByID[id], gap)
		case g.Path != "":
			typeName := g.Type
			if typeName == "" {
				typeName = r.Type
			}
			k.gapsOf = append(k.gapsOf, typeGap{r.Scope, typeName, gap})
		default:
			continue
		}
		k.hasGaps.Store(true)
		if k.judged.Load() {
			k.late.Store(true)
		}
	}
}

// gaps gives the unread places of a resource.
func (k *knowledge) gaps(r *inventory.Resource) []policy.Gap {
	if !k.hasGaps.Load() {
		return nil
	}
	k.mu.RLock()
	defer k.mu.RUnlock()
	gaps := k.gapsByID[posture.Fold(r.ID)]
	for _, t := range k.gapsOf {
		if (t.typeName == "*" || strings.EqualFold(t.typeName, r.Type)) && k.tree.Within(r.Unit, t.scope) {
			gaps = append(gaps[:len(gaps):len(gaps)], t.gap)
		}
	}
	return gaps
}

// around remembers a resource group or subscription for the functions of
// these names.
func (k *knowledge) around(r *inventory.Resource) {
	isGroup := strings.EqualFold(r.Type, "Microsoft.Resources/subscriptions/resourceGroups") || strings.EqualFold(r.Type, "Microsoft.Resources/resourceGroups")
	isUnit := strings.EqualFold(r.Type, "Microsoft.Resources/subscriptions")
	if !isGroup && !isUnit {
		return
	}
	id := posture.Fold(r.ID)
	k.mu.Lock()
	defer k.mu.Unlock()
	if isGroup {
		if _, known := k.groups[id]; !known {
			k.groups[strings.Clone(id)] = groupObject(r)
		}
		return
	}
	if _, known := k.units[id]; !known {
		k.units[strings.Clone(id)] = unitObject(r)
	}
}

// groupObject is what resourceGroup() returns: tags and managedBy are always
// there.
func groupObject(r *inventory.Resource) policy.Value {
	tags := policy.ObjectValue(nil, nil)
	if v := r.Body.Get("tags"); v != nil && v.Type() == fastjson.TypeObject {
		tags = policy.FromDocument(v).Clone()
	}
	managedBy := policy.NullValue()
	if v := r.Body.GetStringBytes("managedBy"); len(v) > 0 {
		managedBy = policy.StringValue(string(v))
	}
	state := policy.ObjectValue([]string{"provisioningState"},
		[]policy.Value{policy.StringValue(string(r.Body.GetStringBytes("properties", "provisioningState")))})
	return policy.ObjectValue(
		[]string{"id", "name", "type", "location", "tags", "managedBy", "properties"},
		[]policy.Value{
			text(r.ID), text(r.Name), policy.StringValue("Microsoft.Resources/resourceGroups"), text(r.Location),
			tags, managedBy, state,
		})
}

func unitObject(r *inventory.Resource) policy.Value {
	keys := []string{"id", "subscriptionId"}
	values := []policy.Value{text(r.ID), text(r.Name)}
	if at := strings.LastIndexByte(r.ID, '/'); at >= 0 {
		values[1] = text(r.ID[at+1:])
	}
	for _, key := range []string{"displayName", "tenantId", "tags"} {
		v := r.Body.Get(key)
		if v == nil {
			v = r.Body.Get("properties", key)
		}
		if v != nil {
			keys, values = append(keys, key), append(values, policy.FromDocument(v).Clone())
		}
	}
	return policy.ObjectValue(keys, values)
}

func text(s string) policy.Value { return policy.StringValue(strings.Clone(s)) }

// Context implements policy.Surroundings.
func (k *knowledge) Context(function string, r *policy.Resource) (policy.Value, bool) {
	switch function {
	case "requestContext":
		return farRequest, true
	case "resourceGroup":
		return k.group(r)
	case "subscription":
		return k.subscription(r)
	}
	return policy.Value{}, true
}

// farRequest is the context of a scan: no caller, and an api-version later
// than any.
var farRequest = policy.ObjectValue([]string{"apiVersion"}, []policy.Value{policy.StringValue("2099-01-01")})

func (k *knowledge) group(r *policy.Resource) (policy.Value, bool) {
	id := policy.GroupOf(r.ID)
	if id == "" {
		return policy.Value{}, true
	}
	return k.lookUp(k.groups, id)
}

func (k *knowledge) subscription(r *policy.Resource) (policy.Value, bool) {
	id := policy.UnitOf(r.ID)
	if id == "" {
		return policy.Value{}, true
	}
	v, known := k.lookUp(k.units, id)
	if known {
		return v, true
	}
	// Its id is all that most rules ask for.
	return policy.ObjectValue([]string{"id", "subscriptionId"},
		[]policy.Value{text(id), text(id[strings.LastIndexByte(id, '/')+1:])}), true
}

func (k *knowledge) lookUp(objects map[string]policy.Value, id string) (policy.Value, bool) {
	id = posture.Fold(id)
	k.mu.RLock()
	v, known := objects[id]
	k.mu.RUnlock()
	if !known {
		k.missed.Store(strings.Clone(id), true)
	}
	return v, known
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
	return found
}

// completeness says whether all resources of a type in a unit have been read.
type completeness struct {
	options *Options
	k       *knowledge
	seen    map[unitType]bool

	mu    sync.Mutex
	about map[string][]*posture.ReadRecord // by unit: the records that cover it
}

type unitType struct{ unit, typeName string } // type lower-cased

// of gives the reason where the answer is no.
func (c *completeness) of(unit, typeName string) (bool, string) {
	if read, ok := c.record(unit, typeName); ok {
		return read == "", read
	}
	for _, said := range c.options.Complete {
		if said.All || c.k.tree.Within(unit, said.Scope) && (said.Type == "" || said.Type == "*" || strings.EqualFold(said.Type, typeName)) {
			return true, ""
		}
	}
	switch {
	case c.options.Partial:
		return false, posture.Partial.String()
	case c.seen[unitType{unit, typeName}]:
		return true, ""
	}
	return false, posture.NotCollected.String()
}

// record gives what read records say: "" for complete, else the reason. A
// record about the type itself counts more than one about every type.
func (c *completeness) record(unit, typeName string) (reason string, found bool) {
	exact := false
	for _, r := range c.covering(unit) {
		for _, g := range r.Gaps {
			if g.ID == "" && g.Path == "" && (strings.EqualFold(g.Type, typeName) || g.Type == "" && strings.EqualFold(r.Type, typeName)) {
				return g.Reason.String(), true
			}
		}
		about := strings.EqualFold(r.Type, typeName)
		if !about && (r.Type != "*" && r.Type != "" || exact) {
			continue
		}
		switch {
		case r.Complete:
			reason = ""
		case reason == "" || about:
			reason = posture.Partial.String()
		}
		found, exact = true, exact || about
	}
	return reason, found
}

// covering gives the read records about a unit or something above it.
func (c *completeness) covering(unit string) []*posture.ReadRecord {
	c.mu.Lock()
	defer c.mu.Unlock()
	if records, ok := c.about[unit]; ok {
		return records
	}
	var records []*posture.ReadRecord
	for i := range c.k.reads {
		if c.k.tree.Within(unit, c.k.reads[i].Scope) {
			records = append(records, &c.k.reads[i])
		}
	}
	if c.about == nil {
		c.about = map[string][]*posture.ReadRecord{}
	}
	c.about[unit] = records
	return records
}

// markJudged notes that resources have been judged.
func (k *knowledge) markJudged() {
	if !k.judged.Load() {
		k.judged.Store(true)
	}
}
