package inventory

import (
	"strings"

	"github.com/valyala/fastjson"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

// cloudFormation takes a line {type, id, account, region, properties}.
func (d *Decoder) cloudFormation(v *fastjson.Value) {
	f := &d.f
	a := awsThing{
		kind: text(f.typ), id: text(f.id), name: text(f.name), account: accountOf(f.account), region: text(f.region),
		tags: f.tags, properties: f.properties, whole: true, shape: shapeCloudFormation,
		iamPolicy: f.iamPolicy, accessPolicy: f.accessPolicy,
	}
	if a.region == "" {
		a.region = text(f.location)
	}
	if present(f.properties) && !isObject(f.properties) {
		d.reject("properties of %q is %s, want an object", a.id, kindOf(f.properties))
		return
	}
	d.aws(a)
}

// cloudControl takes the description of one resource: its identifier, and its
// properties as JSON in a string.
func (d *Decoder) cloudControl(kind string, description *fastjson.Value) {
	a := awsThing{kind: kind, id: textAt(description, "Identifier"), whole: true, shape: shapeCloudControl}
	properties := description.Get("Properties")
	if properties != nil && properties.Type() == fastjson.TypeString {
		parsed, err := d.parseInner(properties.GetStringBytes())
		switch {
		case err == nil:
			properties = parsed
		case a.id == "":
		default:
			d.spoil("Cloud Control: Properties of %q: %s; they are unknown", a.id, syntax(properties.GetStringBytes()))
			d.unparsed(a)
			return
		}
	}
	switch {
	case a.id == "":
		d.reject("Cloud Control: want Identifier, and Properties with an object")
	case !isObject(properties):
		d.spoil("Cloud Control: Properties of %q: want an object; they are unknown", a.id)
		d.unparsed(a)
	default:
		a.properties = properties
		d.aws(a)
	}
}

// unparsed emits what is there, and of which no more can be read.
func (d *Decoder) unparsed(a awsThing) {
	a.whole, a.unparsed = false, true
	d.aws(a)
}

// awsThing is what the AWS shapes have in common.
type awsThing struct {
	kind, id, arn, name, account, region string
	tags, properties                     *fastjson.Value
	iamPolicy, accessPolicy              *fastjson.Value
	whole                                bool
	told                                 bool // there is more than the id, be it that much is absent
	unread                               []string
	broken                               []string // paths that are there and cannot be read
	unparsed                             bool     // the properties are there and cannot be read
	shape                                shape
	dated                                Dated
}

// aws brings an AWS resource into its one shape and emits it.
func (d *Decoder) aws(a awsThing) {
	if a.arn == "" && strings.HasPrefix(a.id, "arn:") {
		a.arn = a.id
	}
	a.arn = orElse(a.arn, ownARN(a.kind, a.properties))
	if a.name == "" {
		a.name = a.id[strings.LastIndexAny(a.id, "/:")+1:]
	}
	more := a.saysMore()
	region, account := fromARN(a.arn)
	if a.kind == trailType { // each region shows it
		a.region = orElse(region, a.region)
	}
	a.region, a.account = orElse(a.region, region), orElse(a.account, account)
	a.id = a.fullID()
	if !isObject(a.properties) {
		a.properties = d.arena.NewObject()
	}
	d.openPolicies(a.kind, a.properties)
	d.res = Resource{
		ID: a.id, Type: a.kind, Name: a.name, Cloud: posture.AWS, Unit: a.account, Location: a.region,
		Whole: a.whole && (a.told || len(a.broken) > 0 || more), Body: d.awsBody(a), Unread: a.unread,
		Dated: a.dated,
	}
	if a.unparsed {
		d.res.Broken = unparsedBody(hasTags(a.tags), true)
	}
	d.awsScope(a)
	d.emit(a.shape)
}

// unparsedBody names what is not known of a resource whose body cannot be read, where
// something beside the body tells its tags or location.
func unparsedBody(tags, location bool) []string {
	paths := []string{"properties"}
	if !tags {
		paths = append(paths, "tags")
	}
	if !location {
		paths = append(paths, "location")
	}
	return paths
}

func (d *Decoder) awsBody(a awsThing) *fastjson.Value {
	body := d.arena.NewObject()
	body.Set("id", d.string(a.id))
	body.Set("type", d.string(a.kind))
	body.Set("name", d.string(a.name))
	if a.region != "" {
		body.Set("location", d.string(a.region))
	}
	tags := a.tags
	if !present(tags) {
		tags = a.properties.Get("Tags")
	}
	body.Set("tags", d.tagObject(tags))
	body.Set("properties", a.properties)
	if present(a.iamPolicy) {
		body.Set("iamPolicy", a.iamPolicy)
	}
	if present(a.accessPolicy) {
		body.Set("accessPolicy", a.accessPolicy)
	}
	return body
}

// awsScope tells the account, and the organisation's parts that are resources.
func (d *Decoder) awsScope(a awsThing) {
	if isAccount(a.account) && a.account != d.unit {
		d.unit = d.intern([]byte(a.account))
		d.scope(posture.Scope{ID: a.account, Kind: posture.Unit, Cloud: posture.AWS})
	}
	if !strings.HasPrefix(a.kind, "AWS::Organizations::") {
		return
	}
	s := posture.Scope{Cloud: posture.AWS, Name: textAt(a.properties, "Name"), Named: posture.NameRecorded}
	switch a.kind {
	case "AWS::Organizations::Account":
		s.ID, s.Kind = textAt(a.properties, "AccountId"), posture.Unit
		s.Name = orElse(s.Name, textAt(a.properties, "AccountName"))
		s.Parent = textAt(a.properties, "ParentIds", "0")
	case "AWS::Organizations::OrganizationalUnit":
		s.ID, s.Kind, s.Parent = textAt(a.properties, "Id"), posture.Folder, textAt(a.properties, "ParentId")
	case "AWS::Organizations::Organization":
		s.ID, s.Kind = textAt(a.properties, "Id"), posture.Tenant
		if root := textAt(a.properties, "RootId"); root != "" {
			d.scope(posture.Scope{ID: root, Parent: s.ID, Kind: posture.Folder, Cloud: posture.AWS})
		}
	default:
		return
	}
	d.res.Unit = ""
	d.scope(s)
}

// tagObject turns a list of tags into an object; an object stays.
func (d *Decoder) tagObject(tags *fastjson.Value) *fastjson.Value {
	if isObject(tags) {
		return tags
	}
	object := d.arena.NewObject()
	for _, tag := range tags.GetArray() {
		key, value := tag.Get("Key"), tag.Get("Value")
		if key == nil {
			key, value = tag.Get("key"), tag.Get("value")
		}
		if name := text(key); name != "" && value != nil {
			object.Set(name, value)
		}
	}
	return object
}

// fromARN gives the region and the account that an ARN names.
func fromARN(arn string) (region, account string) {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 || parts[0] != "arn" {
		return "", ""
	}
	if isAccount(parts[4]) {
		account = parts[4]
	}
	return parts[3], account
}

// accountOf reads an account's number, which some tools write as a number.
func accountOf(v *fastjson.Value) string {
	if v != nil && v.Type() == fastjson.TypeNumber {
		digits := string(v.MarshalTo(nil))
		if len(digits) < 12 && !strings.ContainsAny(digits, ".-+eE") {
			digits = strings.Repeat("0", 12-len(digits)) + digits
		}
		if isAccount(digits) {
			return digits
		}
		return ""
	}
	return text(v)
}
