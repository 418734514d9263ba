package inventory

import (
	"slices"
	"strings"

	"github.com/valyala/fastjson"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

// configItem takes an AWS Config configuration item: of a snapshot, a history
// or a query.
func (d *Decoder) configItem(v *fastjson.Value) {
	f := &d.f
	item := configurationItem{
		kind: text(f.resourceType), id: text(f.resourceID), arn: text(f.arn), name: textAt(v, "resourceName"),
		status: textAt(v, "configurationItemStatus"), captured: moment(v.Get("configurationItemCaptureTime")),
	}
	if item.kind == "" || item.id == "" && item.arn == "" {
		d.reject("AWS Config item without resourceType, or without resourceId and arn")
		return
	}
	account, region := accountOf(f.account), text(f.region)
	dated := d.configDate(item, account, region)
	if strings.HasPrefix(item.status, "ResourceDeleted") {
		d.res = Resource{ID: posture.InAccount(orElse(item.arn, item.id), account), Type: item.kind, Cloud: posture.AWS, Unit: account, Location: region, Dated: dated}
		d.outdated(shapeConfig)
		return
	}
	configuration, broken := d.configuration(item)
	id := configID(item, configuration)
	a := awsThing{
		kind: item.kind, id: orElse(item.arn, id), arn: item.arn, name: orElse(item.name, lastOf(id)),
		account: account, region: region, tags: d.configTags(f.tags, configuration),
		properties: configuration, shape: shapeConfig, dated: dated, unparsed: broken,
	}
	if a.region == "global" { // Config's word for where the other shapes name IAM's own region
		a.region = "us-east-1"
	}
	supplementary, err := d.unquote(v.Get("supplementaryConfiguration"))
	if err != nil {
		d.spoil("AWS Config: supplementaryConfiguration of %q: %s; what it has is unknown", item.id, syntax(v.GetStringBytes("supplementaryConfiguration")))
	}
	d.mapConfig(&a, supplementary, item)
	if a.kind != bucketType {
		d.configThing(a)
		return
	}
	if !saysPolicy(supplementary) && account != "" {
		d.now.noteUnasked(TypeIn{strings.Clone(account), bucketPolicyType})
	}
	policy, none, err := d.policyDocument(supplementary)
	if none {
		d.noPolicy(&a)
	}
	d.configThing(a)
	if policy != nil || err != nil {
		d.bucketPolicy(a, policy, err)
	}
}

// configIDs are the types of which the id of an item is none that others write, with
// the members of the configuration that are.
var configIDs = map[string]struct{ arn, name string }{
	"AWS::IAM::User":       {"arn", "userName"},
	"AWS::IAM::Role":       {"arn", "roleName"},
	"AWS::IAM::Policy":     {"arn", "policyName"},
	"AWS::RDS::DBInstance": {"dBInstanceArn", "dBInstanceIdentifier"},
}

// configID is what an item without an ARN is the same by as what other shapes tell.
func configID(item configurationItem, configuration *fastjson.Value) string {
	members, ok := configIDs[item.kind]
	if !ok || item.arn != "" {
		return item.id
	}
	arn := textAt(configuration, members.arn)
	if !strings.HasPrefix(arn, "arn:") {
		arn = ""
	}
	return orElse(orElse(arn, textAt(configuration, members.name)), orElse(item.name, item.id))
}

// configuration gives that of the item at hand. One that is there and cannot be read
// is told: what the item is of exists all the same, and older items do not tell how it
// is now.
func (d *Decoder) configuration(item configurationItem) (v *fastjson.Value, broken bool) {
	v, err := d.unquote(d.f.configuration)
	switch {
	case err != nil:
		d.reject("AWS Config: configuration of %q: %s; its properties are unknown", item.id, syntax(d.f.configuration.GetStringBytes()))
	case present(v) && !isObject(v):
		d.reject("AWS Config: configuration of %q is no object; its properties are unknown", item.id)
	default:
		return v, false
	}
	return nil, true
}

// configurationItem is what an item says about itself.
type configurationItem struct {
	kind, id, arn, name, status string
	captured                    int64 // see Dated.At
}

// configDate says of when an item is. Items of one resource have its ARN, which a
// resource that was made anew keeps, but those that say it is gone may lack it.
// What a query answers is the newest state there is.
func (d *Decoder) configDate(item configurationItem, account, region string) Dated {
	if d.chunk.wrap.query && item.captured == noTime {
		return Dated{}
	}
	hash := func(parts ...string) uint64 {
		d.scratch = append(d.scratch[:0], "aws"...)
		for _, part := range parts {
			d.scratch = append(append(d.scratch, 0), part...)
		}
		return hashOf(string(d.scratch))
	}
	dated := Dated{Also: hash(item.kind, item.id, account, region), At: item.captured, State: true}
	if dated.Of = dated.Also; item.arn != "" {
		dated.Of = hash(posture.InAccount(item.arn, account))
	}
	return dated
}

// mapConfig brings a into the CloudFormation shape where its type is mapped.
func (d *Decoder) mapConfig(a *awsThing, supplementary *fastjson.Value, item configurationItem) {
	mapping, mapped := configTypes[a.kind]
	if !mapped {
		d.now.countUnmapped(strings.Clone(a.kind), 1)
		a.kind = orElse(configNames[a.kind], a.kind)
		return
	}
	if !isObject(a.properties) {
		a.kind = orElse(mapping.kind, a.kind)
		return
	}
	// Items of a query hold what the query chose, which may be the capture time
	// too, without which nothing is known to be an item as it was recorded.
	a.whole = !d.chunk.wrap.query && item.captured != noTime && !strings.HasPrefix(item.status, "ResourceNotRecorded")
	a.whole = a.whole && (isObject(supplementary) || !mapping.supplementary)
	// Of a bucket AWS Config leaves out what it does not have.
	a.told = mapping.supplementary && isObject(supplementary) && supplementary.GetObject().Len() > 0
	m := configMapper{d: d, configuration: a.properties, supplementary: supplementary, to: d.arena.NewObject()}
	for _, rule := range mapping.rules {
		m.apply(rule)
	}
	a.properties, a.unread = m.to, mapping.unread
	a.broken = m.broken
	if !mapping.supplementary && len(m.missing) > 0 {
		a.unread = slices.Concat(mapping.unread, m.missing)
	}
	a.kind = orElse(mapping.kind, a.kind)
}

// configTags are the item's tags: beside the configuration, else inside it.
func (d *Decoder) configTags(tags, configuration *fastjson.Value) *fastjson.Value {
	if hasTags(tags) {
		return tags
	}
	for _, key := range [...]string{"tags", "Tags", "tagList"} {
		if inside := configuration.Get(key); isArray(inside) || isObject(inside) {
			return inside
		}
	}
	return tags
}

// hasTags reports whether tags, as an object or a list, are some.
func hasTags(tags *fastjson.Value) bool {
	return isObject(tags) && tags.GetObject().Len() > 0 || isArray(tags) && len(tags.GetArray()) > 0
}

// unquote gives v, or what is in it if it is JSON in a string.
func (d *Decoder) unquote(v *fastjson.Value) (*fastjson.Value, error) {
	if v == nil || v.Type() != fastjson.TypeString {
		return v, nil
	}
	return d.parseInner(v.GetStringBytes())
}

// saysPolicy reports whether the supplementary configuration of a bucket says whether it
// has a policy: AWS Config leaves out what a bucket does not have, but not all of it.
func saysPolicy(supplementary *fastjson.Value) bool {
	if !isObject(supplementary) || supplementary.GetObject().Len() == 0 {
		return false
	}
	policy := supplementary.Get("BucketPolicy")
	return policy == nil || policy.Type() == fastjson.TypeString || policy.Exists("policyText")
}

// policyDocument gives the policy that the item of a bucket carries, nil where it
// carries none. None says that the bucket has none.
func (d *Decoder) policyDocument(supplementary *fastjson.Value) (document *fastjson.Value, none bool, err error) {
	policy, err := d.unquote(supplementary.Get("BucketPolicy"))
	if err != nil {
		return nil, false, err
	}
	written := policy.Get("policyText")
	if s := text(written); s != "" {
		written = d.string(unescapeURL(s))
	}
	if document, err = d.unquote(written); err != nil {
		return nil, false, err
	}
	if isObject(document) || text(document) != "" { // which may hold one
		return document, false, nil
	}
	return nil, written != nil && written.Type() == fastjson.TypeNull, nil
}

// noPolicy notes that a bucket has no policy: whoever asked for those of the account
// got this answer too, and what is not there is not public.
func (d *Decoder) noPolicy(bucket *awsThing) {
	if bucket.account != "" {
		d.now.noteNone(TypeIn{strings.Clone(bucket.account), bucketPolicyType})
	}
	if isObject(bucket.properties) {
		status := d.arena.NewObject()
		status.Set("IsPublic", d.arena.NewFalse())
		bucket.properties.Set("PolicyStatus", status)
	}
}

// bucketPolicy emits the policy that an item of a bucket carries as the
// resource of its own that it is in CloudFormation. Its document is unknown where
// err says why it cannot be read.
func (d *Decoder) bucketPolicy(bucket awsThing, document *fastjson.Value, err error) {
	properties := d.arena.NewObject()
	properties.Set("Bucket", d.string(bucket.name))
	bucket.kind, bucket.id, bucket.properties = bucketPolicyType, bucket.name, properties
	bucket.tags, bucket.unread, bucket.broken, bucket.told, bucket.unparsed = nil, nil, nil, false, false
	if err == nil {
		properties.Set("PolicyDocument", document)
	} else {
		bucket.broken = []string{"properties.PolicyDocument"}
	}
	d.configThing(bucket)
}

// configThing emits what became of an item, with what in it cannot be read.
func (d *Decoder) configThing(a awsThing) {
	if len(a.broken) > 0 {
		d.spoil("AWS Config: in %q what becomes %s cannot be read: not JSON in its text, or another type than AWS Config writes", a.id, strings.Join(a.broken, ", "))
		_, account := fromARN(a.arn)
		d.sink.Read(failedPaths(orElse(orElse(a.account, account), "/"), a.kind, a.id, a.broken))
	}
	d.aws(a)
}

// failedPaths says that places in one body could not be read.
func failedPaths(scope, kind, id string, paths []string) posture.ReadRecord {
	r := posture.ReadRecord{Scope: strings.Clone(scope), Type: strings.Clone(kind)}
	id = posture.InAccount(id, scope)
	for _, path := range paths {
		r.Gaps = append(r.Gaps, posture.Gap{Reason: posture.Failed, Type: r.Type, ID: strings.Clone(id), Path: strings.Clone(path)})
	}
	return r
}

func lastOf(id string) string { return id[strings.LastIndexAny(id, "/:")+1:] }
