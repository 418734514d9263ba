package inventory

import "github.com/valyala/fastjson"

const (
	bucketType       = "AWS::S3::Bucket"
	bucketPolicyType = "AWS::S3::BucketPolicy"
)

var bucketRules = []configRule{
	{to: "BucketName", from: "name"},
	{to: "Acl.Grants", from: "+AccessControlList.grantList", how: each(grant)},
	{to: "PublicAccessBlockConfiguration", from: "+PublicAccessBlockConfiguration"},
	{to: "VersioningConfiguration.Status", from: "+BucketVersioningConfiguration.status", how: versioning},
	{to: "LoggingConfiguration", from: "+BucketLoggingConfiguration", how: logging},
	{to: "BucketEncryption.ServerSideEncryptionConfiguration", from: "+ServerSideEncryptionConfiguration.rules"},
	{to: "LifecycleConfiguration.Rules", from: "+BucketLifecycleConfiguration.rules", how: each(lifecycleRule)},
	{to: "CorsConfiguration.CorsRules", from: "+BucketCrossOriginConfiguration.rules", how: each(members(
		configRule{to: "Id", from: "id"},
		configRule{to: "AllowedHeaders", from: "allowedHeaders"},
		configRule{to: "AllowedMethods", from: "allowedMethods"},
		configRule{to: "AllowedOrigins", from: "allowedOrigins"},
		configRule{to: "ExposedHeaders", from: "exposedHeaders"},
		configRule{to: "MaxAge", from: "maxAgeSeconds"},
	))},
	{to: "WebsiteConfiguration", from: "+BucketWebsiteConfiguration", how: members(
		configRule{to: "IndexDocument", from: "indexDocumentSuffix"},
		configRule{to: "ErrorDocument", from: "errorDocument"},
		configRule{to: "RedirectAllRequestsTo", from: "redirectAllRequestsTo", how: only("HostName", "Protocol")},
		configRule{to: "RoutingRules", from: "routingRules", how: each(members(
			configRule{to: "RoutingRuleCondition", from: "condition", how: only("HttpErrorCodeReturnedEquals", "KeyPrefixEquals")},
			configRule{to: "RedirectRule", from: "redirect", how: only("HostName", "HttpRedirectCode", "Protocol", "ReplaceKeyPrefixWith", "ReplaceKeyWith")},
		))},
	)},
	{to: "AccelerateConfiguration.AccelerationStatus", from: "+BucketAccelerateConfiguration.status"},
	{to: "ReplicationConfiguration.Role", from: "+BucketReplicationConfiguration.roleARN"},
	{to: "ReplicationConfiguration.Rules", from: "+BucketReplicationConfiguration.rules", how: replicationRules},
	{to: "ObjectLockConfiguration", from: "+ObjectLockConfiguration", how: members(
		configRule{to: "ObjectLockEnabled", from: "objectLockEnabled"},
		configRule{to: "Rule.DefaultRetention", from: "rule.defaultRetention", how: only("Days", "Mode", "Years")},
	)},
}

// grantGroups are the groups that an ACL may name, and grantRights its permissions, as
// the API has them by Config's words.
var (
	grantGroups = map[string]string{
		"AllUsers":           "http://acs.amazonaws.com/groups/global/AllUsers",
		"AuthenticatedUsers": "http://acs.amazonaws.com/groups/global/AuthenticatedUsers",
		"LogDelivery":        "http://acs.amazonaws.com/groups/s3/LogDelivery",
	}
	grantRights = map[string]string{
		"FullControl": "FULL_CONTROL", "Read": "READ", "ReadAcp": "READ_ACP", "Write": "WRITE", "WriteAcp": "WRITE_ACP",
	}
)

// grant is one of an ACL's: a group is a word in Config, an account an object.
func grant(m *configMapper, v *fastjson.Value) *fastjson.Value {
	right, grantee := grantRights[textAt(v, "permission")], m.d.arena.NewObject()
	switch to := v.Get("grantee"); {
	case grantGroups[text(to)] != "":
		grantee.Set("Type", m.d.string("Group"))
		grantee.Set("URI", m.d.string(grantGroups[text(to)]))
	case present(to.Get("id")):
		grantee.Set("Type", m.d.string("CanonicalUser"))
		grantee.Set("ID", to.Get("id"))
	default:
		m.failed = true
	}
	m.failed = m.failed || right == ""
	out := m.d.arena.NewObject()
	out.Set("Grantee", grantee)
	out.Set("Permission", m.d.string(right))
	return out
}

// versioning is the bucket's status; Config says Off where CloudFormation has
// no property.
func versioning(_ *configMapper, v *fastjson.Value) *fastjson.Value {
	if text(v) == "Off" {
		return nil
	}
	return v
}

// logging has no property where it is off, which Config writes as nulls.
func logging(m *configMapper, v *fastjson.Value) *fastjson.Value {
	if !present(v.Get("destinationBucketName")) {
		return nil
	}
	return only("DestinationBucketName", "LogFilePrefix")(m, v)
}

// lifecycleRule is one rule of a bucket's lifecycle. What it applies to stands
// in a predicate.
func lifecycleRule(m *configMapper, v *fastjson.Value) *fastjson.Value {
	rule := members(
		configRule{to: "Id", from: "id"},
		configRule{to: "Status", from: "status"},
		configRule{to: "Prefix", from: "prefix"},
		configRule{to: "AbortIncompleteMultipartUpload", from: "abortIncompleteMultipartUpload", how: only("DaysAfterInitiation")},
		configRule{to: "ExpirationDate", from: "expirationDate"},
		configRule{to: "ExpirationInDays", from: "expirationInDays", how: days},
		configRule{to: "ExpiredObjectDeleteMarker", from: "expiredObjectDeleteMarker"},
		configRule{to: "NoncurrentVersionExpirationInDays", from: "noncurrentVersionExpirationInDays", how: days},
		configRule{to: "Transitions", from: "transitions", how: each(members(
			configRule{to: "StorageClass", from: "storageClass"},
			configRule{to: "TransitionDate", from: "date"},
			configRule{to: "TransitionInDays", from: "days", how: days},
		))},
		configRule{to: "NoncurrentVersionTransitions", from: "noncurrentVersionTransitions", how: each(members(
			configRule{to: "StorageClass", from: "storageClass"},
			configRule{to: "NewerNoncurrentVersions", from: "newerNoncurrentVersions", how: days},
			configRule{to: "TransitionInDays", from: "days", how: days},
			configRule{to: "TransitionInDays", from: "noncurrentDays", how: days},
		))},
	)(m, v)
	tags := m.d.arena.NewArray()
	m.predicate(rule, tags, v.Get("filter", "predicate"))
	if len(tags.GetArray()) > 0 {
		rule.Set("TagFilters", tags)
	}
	return rule
}

// predicate puts what a predicate asks for into the rule: a prefix, a tag, a
// size, or several of these at once.
func (m *configMapper) predicate(rule, tags, v *fastjson.Value) {
	if !isObject(v) {
		return
	}
	for _, part := range [...]configRule{
		{to: "Prefix", from: "prefix"},
		{to: "ObjectSizeGreaterThan", from: "objectSizeGreaterThan"},
		{to: "ObjectSizeLessThan", from: "objectSizeLessThan"},
	} {
		if inside := v.Get(part.from); present(inside) {
			rule.Set(part.to, inside)
		}
	}
	if tag := v.Get("tag"); isObject(tag) {
		tags.SetArrayItem(len(tags.GetArray()), only("Key", "Value")(m, tag))
	}
	for _, operand := range m.list(v.Get("operands")) {
		m.predicate(rule, tags, operand)
	}
}

// days is a number that Config writes as -1 where there is none.
func days(_ *configMapper, v *fastjson.Value) *fastjson.Value {
	if n, err := v.Int64(); err == nil && n < 0 {
		return nil
	}
	return v
}

// replicationRules are a list in CloudFormation and an object by id in Config.
func replicationRules(m *configMapper, v *fastjson.Value) *fastjson.Value {
	one := members(
		configRule{to: "Status", from: "status"},
		configRule{to: "Prefix", from: "prefix"},
		configRule{to: "Priority", from: "priority"},
		configRule{to: "DeleteMarkerReplication", from: "deleteMarkerReplication", how: only("Status")},
		configRule{to: "Destination.Account", from: "destinationConfig.account"},
		configRule{to: "Destination.Bucket", from: "destinationConfig.bucketARN"},
		configRule{to: "Destination.StorageClass", from: "destinationConfig.storageClass"},
	)
	list := m.d.arena.NewArray()
	m.failed = m.failed || !isObject(v)
	v.GetObject().Visit(func(id []byte, rule *fastjson.Value) {
		to := one(m, rule)
		to.Set("Id", m.d.string(string(id)))
		list.SetArrayItem(len(list.GetArray()), to)
	})
	return list
}
