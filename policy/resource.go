package policy

import (
	"fmt"
	"iter"
	"strings"

	"github.com/valyala/fastjson"

	"github.com/bartizan-dev/bartizan/internal/outline"
)

// Resource is what a rule is judged on: a body and what is known about it.
type Resource struct {
	// Body is the resource: for Azure the ARM resource as GET answers it, for
	// everything else an object with id, type, name, location, tags and
	// properties. It must not change while the resource is judged.
	Body *fastjson.Value
	// ID, Type, Name, FullName and Location are taken from the body by
	// [NewResource]; whoever builds a Resource by hand may set them otherwise.
	ID, Type, Name, FullName, Location string
	// Outline is what [Judge.Outline] read, for the same judge alone; Body is then
	// nil until it is needed, and FullName may be left to be found in the id. Its
	// type is this module's own: importers have [Judge.Read] and leave it alone.
	Outline *outline.Record
	// Unit is the scope in which related resources are looked for where the id
	// does not tell: an AWS account, a Google Cloud project. ARM ids tell.
	Unit string
	// APIVersion picks alias paths; empty means the newest, which is the default path.
	APIVersion string
	// Native says that fields are named <type>/<path below properties> and
	// resolve without an alias table, as for AWS, Google Cloud and machines.
	Native bool
	// Partial says that the body was not wholly read: a property that is not
	// there is unknown and not absent.
	Partial bool
	// Gaps are places of the body that were not read, and why.
	Gaps []Gap
	// Unseen says why no more is known of a related resource than its id; see
	// [NewUnseen].
	Unseen string
	// Surroundings answers resourceGroup(), subscription() and the like; nil
	// knows none of them. What they say of a group is remembered by a [Judge], so
	// all resources that it judges must have the same.
	Surroundings Surroundings

	parts *unreadTree // see unreadParts
}

// Gap is an unread place of a body.
type Gap struct {
	Path   string // such as properties.policy; "" is the whole body
	Reason string // denied, throttled, error or partial
	// Is, if not Missing, says that the place was read and is of this kind where
	// rules go through a list or an object: the value is known, and what they look
	// for below it is not. See [Judge.Misshapes].
	Is Kind
}

// Surroundings knows what stands around a resource.
type Surroundings interface {
	// Context gives the object that the function resourceGroup, subscription,
	// requestContext, policy or claims returns for r. A Missing value means
	// there is none; known false means that it was not read. See [Value.WithGaps] for
	// one of which only parts were.
	Context(function string, r *Resource) (v Value, known bool)
}

// PartSurroundings are Surroundings that may know some members of an object and
// not others.
type PartSurroundings interface {
	Surroundings
	// ContextMember gives one member of the object that Context returns, so that
	// it can be known although the object is not. Known false means that it was
	// not read; Missing that it is not there. A value of the kind Unread tells why
	// it was not read.
	ContextMember(function, member string, r *Resource) (v Value, known bool)
}

// ParseResource reads a resource from its JSON text.
func ParseResource(data []byte) (*Resource, error) {
	body, err := fastjson.ParseBytes(data)
	if err != nil {
		return nil, fmt.Errorf("parse resource: %w", err)
	}
	if body.Type() != fastjson.TypeObject {
		return nil, fmt.Errorf("parse resource: got %s, want an object", body.Type())
	}
	return NewResource(body), nil
}

// NewResource takes id, type, names and location from a body.
func NewResource(body *fastjson.Value) *Resource {
	r := &Resource{Body: body}
	r.ID = textOf(lookup(body, "id"))
	r.Type = textOf(lookup(body, "type"))
	if r.Type == "" {
		r.Type = typeOfID(r.ID)
	}
	name := textOf(lookup(body, "name"))
	if name == "" {
		name = lastSegment(strings.TrimRight(r.ID, "/"))
	}
	r.Name = lastSegment(name)
	if r.FullName = textOf(lookup(body, "fullName")); r.FullName == "" {
		if r.FullName = fullNameOfID(r.ID); r.FullName == "" || r.ID == "" {
			r.FullName = name
		}
	}
	r.Location = textOf(lookup(body, "location"))
	r.Native = IsNativeType(r.Type)
	return r
}

// tree gives the body, parsing it if need be.
func (r *Resource) tree() *fastjson.Value {
	if r.Body == nil && r.Outline != nil {
		r.Body = r.Outline.Tree()
	}
	return r.Body
}

// fullName gives the full name, finding it in the id if need be.
func (r *Resource) fullName() string {
	if r.FullName == "" && r.Outline != nil {
		r.FullName = fullNameOfID(r.ID)
	}
	return r.FullName
}

// IsNativeType reports whether a resource type is not an Azure one, so that
// its fields need no alias table: AWS::S3::Bucket,
// storage.googleapis.com/Bucket, machine.
func IsNativeType(resourceType string) bool {
	return strings.Contains(resourceType, "::") ||
		strings.Contains(resourceType, ".googleapis.com/") ||
		strings.EqualFold(resourceType, "machine")
}

// isNativeField reports whether a field's name is one of a type that is not
// an Azure one.
func isNativeField(name string) bool {
	return strings.Contains(name, "::") || strings.Contains(name, ".googleapis.com/") ||
		len(name) > 8 && strings.EqualFold(name[:8], "machine/")
}

func textOf(v *fastjson.Value) string {
	if v == nil || v.Type() != fastjson.TypeString {
		return ""
	}
	b, _ := v.StringBytes()
	return string(b)
}

func lastSegment(name string) string {
	return name[strings.LastIndexByte(name, '/')+1:]
}

// typeOfID gives the resource type that an ARM id names, "" for none.
func typeOfID(id string) string {
	at := LastProviders(id)
	if at < 0 {
		parts := strings.Split(strings.Trim(id, "/"), "/")
		switch {
		case len(parts) == 2 && strings.EqualFold(parts[0], "subscriptions"):
			return "Microsoft.Resources/subscriptions"
		case len(parts) == 4 && strings.EqualFold(parts[2], "resourceGroups"):
			return "Microsoft.Resources/subscriptions/resourceGroups"
		}
		return ""
	}
	parts := strings.Split(id[at+len("/providers/"):], "/")
	if len(parts) < 3 {
		return ""
	}
	var b strings.Builder
	b.WriteString(parts[0])
	for i := 1; i < len(parts); i += 2 {
		b.WriteByte('/')
		b.WriteString(parts[i])
	}
	return b.String()
}

// fullNameOfID joins all name segments of an ARM id: server/db.
func fullNameOfID(id string) string {
	at := LastProviders(id)
	if at < 0 {
		return lastSegment(id)
	}
	parts := strings.Split(id[at+len("/providers/"):], "/")
	var names []string
	for i := 2; i < len(parts); i += 2 {
		names = append(names, parts[i])
	}
	return strings.Join(names, "/")
}

// LastProviders finds the last "/providers/" of an id, ignoring case; -1 for none.
func LastProviders(id string) int {
	const word = "/providers/"
	for i := len(id) - len(word); i >= 0; i-- {
		if id[i] == '/' && strings.EqualFold(id[i:i+len(word)], word) {
			return i
		}
	}
	return -1
}

// Ancestors yields the ids of the resources that an ARM id says it hangs below, the
// outermost first: of a subnet its network. What another extends (a diagnostic
// setting) is no part of that, and may outlive it.
func Ancestors(id string) iter.Seq[string] {
	return func(yield func(string) bool) {
		at := LastProviders(id)
		if at < 0 {
			return
		}
		slashes := 0 // namespace/type/name/type/name …
		for i := at + len("/providers/"); i < len(id); i++ {
			if id[i] != '/' {
				continue
			}
			if slashes++; slashes > 1 && slashes%2 == 1 && i+1 < len(id) && !yield(id[:i]) {
				return
			}
		}
	}
}

// lookup finds a property ignoring case, the exact spelling preferred.
func lookup(v *fastjson.Value, key string) *fastjson.Value {
	if v == nil || v.Type() != fastjson.TypeObject {
		return nil
	}
	if found := v.Get(key); found != nil {
		return found
	}
	object, _ := v.Object()
	var found *fastjson.Value
	object.Visit(func(k []byte, v *fastjson.Value) {
		if found == nil && len(k) == len(key) && strings.EqualFold(string(k), key) {
			found = v
		}
	})
	return found
}

func gapReason(word string) Outcome {
	switch word {
	case "denied":
		return becauseDenied
	case "throttled":
		return becauseThrottled
	case "error":
		return becauseFailed
	case "notCollected":
		return becauseNotCollected
	}
	return becausePartial
}
