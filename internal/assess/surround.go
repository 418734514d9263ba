package assess

import (
	"slices"
	"strings"

	"github.com/valyala/fastjson"

	"github.com/bartizan-dev/bartizan/internal/inventory"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

// surrounding is what a template function returns, and the record that told it.
type surrounding struct {
	object policy.Value
	told   policy.Value // no more than the record has
	from   winner
}

// around remembers a resource group or subscription for the functions of
// these names.
func (k *knowledge) around(r *inventory.Resource, order uint64) {
	isGroup := strings.EqualFold(r.Type, "Microsoft.Resources/subscriptions/resourceGroups") || strings.EqualFold(r.Type, "Microsoft.Resources/resourceGroups")
	isUnit := strings.EqualFold(r.Type, "Microsoft.Resources/subscriptions")
	if !isGroup && !isUnit {
		return
	}
	if !r.Whole {
		return // its tags are not known
	}
	from := winner{order, r.Whole, true}
	k.mu.Lock()
	defer k.mu.Unlock()
	if isGroup {
		k.surround("resourceGroup", k.groups, r, from, groupObject)
	} else {
		k.surround("subscription", k.units, r, from, unitObject)
	}
}

// surround keeps the object of a resource, unless it is a duplicate of a
// better one.
func (k *knowledge) surround(function string, objects map[string]surrounding, r *inventory.Resource, from winner, object func(*inventory.Resource) policy.Value) {
	id := posture.Fold(r.ID)
	known, repeated := objects[id]
	if repeated && !from.better(known.from) {
		return
	}
	told := object(r)
	objects[strings.Clone(id)] = surrounding{completed(told, function, nil), told, from}
	if repeated && k.judged.Load() {
		k.late.Store(true)
	}
}

// groupObject is what a record tells of what resourceGroup() returns; see
// completed.
func groupObject(r *inventory.Resource) policy.Value {
	keys := []string{"id", "name", "type"}
	values := []policy.Value{text(r.ID), text(r.Name), policy.StringValue("Microsoft.Resources/resourceGroups")}
	if v := r.Body.Get("tags"); v != nil && v.Type() == fastjson.TypeObject {
		keys, values = append(keys, "tags"), append(values, policy.FromDocument(v).Clone())
	}
	if v := r.Body.GetStringBytes("managedBy"); len(v) > 0 {
		keys, values = append(keys, "managedBy"), append(values, policy.StringValue(string(v)))
	}
	if r.Location != "" {
		keys, values = append(keys, "location"), append(values, text(r.Location))
	}
	if v := r.Body.Get("properties"); v != nil && v.Exists("provisioningState") {
		keys, values = append(keys, "properties"), append(values, policy.FromDocument(v).Clone())
	}
	return policy.ObjectValue(keys, values)
}

// completed is what a function returns, given what a record tells of it and what
// of it was not read. Tags are empty where the record has none, and a group is
// managed by nobody, unless all that the record lacks was not read.
func completed(told policy.Value, function string, gaps []policy.Gap) policy.Value {
	if !slices.ContainsFunc(gaps, func(g policy.Gap) bool { return g.Path == "" }) {
		gaps = slices.Clip(gaps)
		keys, values := told.Keys(), []policy.Value{}
		for _, key := range keys {
			values = append(values, told.Lookup(key))
		}
		for name := range alwaysThere[function] {
			if told.Lookup(name).IsNull() {
				gaps = append(gaps, policy.Gap{Path: name, Reason: posture.NotCollected.String()})
			}
		}
		for name, none := range ifNone[function] {
			if told.Lookup(name).Kind() == policy.Missing {
				keys, values = append(keys, name), append(values, none)
			}
		}
		told = policy.ObjectValue(keys, values)
	}
	return told.WithGaps(function+"()", gaps)
}

// ifNone is what a group or subscription has where its record does not say.
var ifNone = map[string]map[string]policy.Value{
	"resourceGroup": {"tags": policy.ObjectValue(nil, nil), "managedBy": policy.NullValue()},
	"subscription":  {"tags": policy.ObjectValue(nil, nil)},
}

func unitObject(r *inventory.Resource) policy.Value {
	keys := []string{"id", "subscriptionId"}
	values := []policy.Value{text(r.ID), text(r.Name)}
	if at := strings.LastIndexByte(r.ID, '/'); at >= 0 {
		values[1] = text(r.ID[at+1:])
	}
	for _, key := range []string{"displayName", "tenantId", "state"} {
		v := r.Body.Get(key)
		if v == nil {
			v = r.Body.Get("properties", key)
		}
		if v == nil && key == "displayName" && !strings.EqualFold(string(r.Body.GetStringBytes("name")), values[1].Text()) {
			v = r.Body.Get("name") // rows of Resource Graph call it so
		}
		if v != nil {
			keys, values = append(keys, key), append(values, policy.FromDocument(v).Clone())
		}
	}
	if v := r.Body.Get("tags"); v != nil && v.Type() == fastjson.TypeObject {
		keys, values = append(keys, "tags"), append(values, policy.FromDocument(v).Clone())
	}
	return policy.ObjectValue(keys, values)
}

func text(s string) policy.Value { return policy.StringValue(strings.Clone(s)) }

// surrounded answers for one worker what stands around a resource.
type surrounded struct {
	*knowledge
	// waits says that what is not known yet may still come, and that the
	// resource can be judged when it has; missed that this happened, hopes how
	// often.
	waits, missed bool
	hopes         int
}

// maxHopes is how often a worker waits for resource groups or subscriptions
// when the input has had none so far.
const maxHopes = 10_000

// Context implements policy.Surroundings.
func (s *surrounded) Context(function string, r *policy.Resource) (policy.Value, bool) {
	switch {
	case function == "requestContext":
		return farRequest, true
	case function == "subscription" && r.Native:
		return nativeUnit(r)
	}
	objects, id := s.objects(function, r)
	if id == "" {
		return policy.Value{}, true
	}
	return s.lookUp(function, objects, id)
}

// ContextMember implements policy.PartSurroundings. What the resource's own id
// says of its group or subscription is known in any case.
func (s *surrounded) ContextMember(function, member string, r *policy.Resource) (policy.Value, bool) {
	objects, id := s.objects(function, r)
	if id == "" {
		v, known := s.Context(function, r)
		return v.Member(member), known
	}
	last := id[strings.LastIndexByte(id, '/')+1:]
	object, known := s.lookUpIf(function, objects, id, func() bool { return !saidByID[function][strings.ToLower(member)] })
	switch {
	case known:
		return object.Member(member), true
	case strings.EqualFold(member, "id"):
		return text(id), true
	case saidByID[function][strings.ToLower(member)]:
		return text(last), true
	}
	return policy.Value{}, false
}

// nativeUnit is what subscription() returns outside Azure, where an account or a
// project stands for it. Only what its id tells is known of it. A machine has none.
func nativeUnit(r *policy.Resource) (policy.Value, bool) {
	cloud := posture.CloudOfType(r.Type)
	if cloud == posture.Machine {
		return policy.Value{}, true
	}
	id := r.Unit[strings.LastIndexByte(r.Unit, '/')+1:]
	if id == "" || cloud == posture.GCP && strings.Trim(id, "0123456789") == "" { // a project's number
		return policy.Value{}, false
	}
	told := policy.ObjectValue([]string{"id", "subscriptionId"}, []policy.Value{text(r.Unit), text(id)})
	return completed(told, "subscription", []policy.Gap{{Reason: posture.NotCollected.String()}}), true
}

// farRequest is the context of a scan: no caller, and an api-version later
// than any.
var farRequest = policy.ObjectValue([]string{"apiVersion"}, []policy.Value{policy.StringValue("2099-01-01")})

// saidByID are the members, in lower case, that the id tells.
var saidByID = map[string]map[string]bool{
	"resourceGroup": {"id": true, "name": true},
	"subscription":  {"id": true, "subscriptionid": true},
}

// alwaysThere are the members, in lower case, that every group or subscription
// has: a record without one was not read whole.
var alwaysThere = map[string]map[string]bool{
	"resourceGroup": {"location": true, "properties": true},
	"subscription":  {"displayname": true, "tenantid": true, "state": true},
}

// objects gives where the object that a function returns for r is looked up, and
// its id; "" if there is none.
func (s *surrounded) objects(function string, r *policy.Resource) (objects map[string]surrounding, id string) {
	switch function {
	case "resourceGroup":
		return s.groups, policy.GroupOf(r.ID)
	case "subscription":
		return s.units, policy.UnitOf(r.ID)
	}
	return nil, ""
}

// containerTypes are the types of what functions return.
var containerTypes = map[string]string{
	"resourceGroup": "Microsoft.Resources/subscriptions/resourceGroups", "subscription": "Microsoft.Resources/subscriptions",
}

// gapsAround gives the unread places of a group or subscription.
func (s *surrounded) gapsAround(function, id string) []policy.Gap {
	return s.gaps(&inventory.Resource{ID: id, Type: containerTypes[function], Unit: policy.UnitOf(id)})
}

func (s *surrounded) lookUp(function string, objects map[string]surrounding, id string) (policy.Value, bool) {
	return s.lookUpIf(function, objects, id, func() bool { return true })
}

// lookUpIf looks an object up that is needed only on some condition: nobody
// waits for it otherwise.
func (s *surrounded) lookUpIf(function string, objects map[string]surrounding, id string, needed func() bool) (policy.Value, bool) {
	folded := posture.Fold(id)
	s.mu.RLock()
	found, known := objects[folded]
	some := len(objects) > 0
	s.mu.RUnlock()
	switch {
	case known || !needed():
	case s.waits && (some || s.hopes < maxHopes):
		if s.missed = true; !some {
			s.hopes++
		}
	default:
		s.knowledge.missed.Store(strings.Clone(folded), true)
	}
	gaps := s.gapsAround(function, id)
	switch {
	case known && len(gaps) > 0:
		return completed(found.told, function, gaps), true
	case !known && slices.ContainsFunc(gaps, func(g policy.Gap) bool { return g.Path == "" }):
		return completed(saidBy(function, id), function, gaps), true
	}
	return found.object, known
}

// saidBy is what the id of a group or subscription says of it.
func saidBy(function, id string) policy.Value {
	keys, values := []string{"id"}, []policy.Value{text(id)}
	for name := range saidByID[function] {
		if name != "id" {
			keys, values = append(keys, name), append(values, text(id[strings.LastIndexByte(id, '/')+1:]))
		}
	}
	return policy.ObjectValue(keys, values)
}
