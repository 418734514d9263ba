package contoso

import "strings"

// snapshot gives an account's resources as a delivered snapshot of AWS
// Config, and as lines those that it does not hold or not well enough.
func (e *estate) snapshot(a awsAccount) (snapshot object, rest []object) {
	items := list{}
	for _, r := range e.aws {
		if r.account != a.id {
			continue
		}
		if kind, mapped := configKinds[r.kind]; mapped && !r.ownedByAWS() {
			items = append(items, r.item(kind))
			continue
		}
		rest = append(rest, r.line())
	}
	return object{
		{"fileVersion", "1.0"},
		{"configSnapshotId", guid("snapshot/" + a.id)},
		{"configurationItems", items},
	}, rest
}

// ownedByAWS says whether this is a policy that AWS keeps, which AWS Config
// does not record.
func (r awsResource) ownedByAWS() bool {
	policy, _ := r.properties.at("PolicyArn").(string)
	return strings.HasPrefix(policy, policiesOfAWS)
}

// item gives a resource as a configuration item.
func (r awsResource) item(kind configKind) object {
	configuration, supplementary := kind.invert(r)
	return object{
		{"configurationItemVersion", "1.3"},
		{"configurationItemCaptureTime", "2026-11-22T02:00:00.000Z"},
		{"configurationItemStatus", "ResourceDiscovered"},
		{"configurationStateId", 1763611200000},
		{"awsAccountId", r.account},
		{"resourceType", orText(kind.as, r.kind)},
		{"resourceId", kind.idOf(r)},
		{"resourceName", r.name()},
		{"ARN", r.id},
		{"awsRegion", choose(strings.HasPrefix(r.kind, "AWS::IAM::"), "global", r.region)},
		{"tags", tagsOf(r.properties)},
		{"relatedEvents", list{}},
		{"relationships", list{}},
		{"configuration", configuration},
		{"supplementaryConfiguration", supplementary},
	}
}

func orText(s, other string) string { return choose(s != "", s, other) }

// idOf is the id that AWS Config uses: a property, else the name.
func (k configKind) idOf(r awsResource) string {
	if id, ok := r.properties.at(k.id).(string); ok {
		return id
	}
	return r.name()
}

// tagsOf gives CloudFormation tags as an object.
func tagsOf(properties object) object {
	out := object{}
	tags, _ := properties.at("Tags").(list)
	for _, tag := range tags {
		if t, ok := tag.(object); ok {
			if key, ok := t.at("Key").(string); ok {
				out = append(out, member{key, t.at("Value")})
			}
		}
	}
	return out
}

// compact gives a value as JSON in a string, "" where it cannot be written.
func compact(v any) string {
	b, err := appendJSON(nil, v)
	if err != nil {
		return ""
	}
	return string(b)
}

// encoded gives a policy document in the form of URLs, as IAM answers it.
func encoded(v any) string {
	var b strings.Builder
	for _, c := range []byte(compact(v)) {
		if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-_.~", c) >= 0 {
			b.WriteByte(c)
			continue
		}
		const hex = "0123456789ABCDEF"
		b.Write([]byte{'%', hex[c>>4], hex[c&15]})
	}
	return b.String()
}

// camel copies a value with keys that begin with lower case, as the APIs that
// AWS Config asks have them.
func camel(v any) any {
	switch v := v.(type) {
	case object:
		out := make(object, 0, len(v))
		for _, m := range v {
			out = append(out, member{camelKey(m.key), camel(m.value)})
		}
		return out
	case list:
		out := make(list, 0, len(v))
		for _, item := range v {
			out = append(out, camel(item))
		}
		return out
	}
	return v
}

func camelKey(key string) string { return strings.ToLower(key[:1]) + key[1:] }
