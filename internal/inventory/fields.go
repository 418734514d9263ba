package inventory

import (
	"strings"

	"github.com/valyala/fastjson"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

// fields are the members of a record by which shapes are told apart, found in
// one walk over its keys.
type fields struct {
	id, name, typ, kind, location, tags, properties *fastjson.Value
	sku, identity, plan, zones, managedBy, extended *fastjson.Value
	resourceGroup, subscriptionID, tenantID         *fastjson.Value
	parent, marker, group, account, region          *fastjson.Value
	data, list, asset, assetType, resource          *fastjson.Value
	iamPolicy, orgPolicy, accessPolicy, ancestors   *fastjson.Value
	typeName, description, identifier, configItem   *fastjson.Value
	resourceType, resourceID, arn, configuration    *fastjson.Value
	policy, project, state, isDefault, displayName  *fastjson.Value
	window, deleted, updateTime                     *fastjson.Value

	query bool       // list is that of a query of AWS Config
	odd   []string   // ARM's keys in odd case
	again []repeated // members whose fields were taken already
	// broken says of each policy why it cannot be believed, "" if it can.
	broken [len(policyFields)]string
}

// policies are the fields of policyFields.
func (f *fields) policies() [len(policyFields)]**fastjson.Value {
	return [...]**fastjson.Value{&f.iamPolicy, &f.orgPolicy, &f.accessPolicy}
}

// repeated is a member of a record whose field another one has.
type repeated struct {
	key   string
	value *fastjson.Value
}

// take is called with every member of a record.
func (f *fields) take(key []byte, v *fastjson.Value) {
	to := f.slot(key)
	if to == nil {
		f.misspelt(key)
		return
	}
	switch {
	case to == &f.list:
		if *to == nil && isArray(v) {
			*to = v
			f.query = string(key) == queryKey
		}
	case *to == nil:
		*to = v
	default:
		f.again = append(f.again, repeated{string(key), v})
	}
}

// twice is a key that occurs twice in the record, "" if none does.
func (f *fields) twice(v *fastjson.Value) string {
	for _, m := range f.again {
		if occurs(v, m.key) > 1 {
			return m.key
		}
	}
	return ""
}

// slot is the field for a key, nil for a key that tells nothing.
func (f *fields) slot(key []byte) **fastjson.Value {
	switch string(key) {
	case "id":
		return &f.id
	case "name":
		return &f.name
	case "type":
		return &f.typ
	case "kind":
		return &f.kind
	case "location":
		return &f.location
	case "tags":
		return &f.tags
	case "properties":
		return &f.properties
	case "sku":
		return &f.sku
	case "identity":
		return &f.identity
	case "plan":
		return &f.plan
	case "zones":
		return &f.zones
	case "managedBy":
		return &f.managedBy
	case "extendedLocation":
		return &f.extended
	case "resourceGroup":
		return &f.resourceGroup
	case "subscriptionId":
		return &f.subscriptionID
	case "tenantId":
		return &f.tenantID
	case "displayName":
		return &f.displayName
	case "etag", "systemData":
		return nil
	}
	return f.otherSlot(key)
}

// otherSlot is slot for what does not occur in Azure's resources.
func (f *fields) otherSlot(key []byte) **fastjson.Value {
	switch string(key) {
	case "bartizan":
		return &f.marker
	case "parent":
		return &f.parent
	case "group":
		return &f.group
	case "account", "accountId", "awsAccountId":
		return &f.account
	case "region", "awsRegion":
		return &f.region
	case "data":
		return &f.data
	case "asset":
		return &f.asset
	case "assetType", "asset_type":
		return &f.assetType
	case "resource":
		return &f.resource
	case "iamPolicy", "iam_policy":
		return &f.iamPolicy
	case "orgPolicy", "org_policy":
		return &f.orgPolicy
	case "accessPolicy", "access_policy", "accessLevel", "access_level", "servicePerimeter", "service_perimeter":
		return &f.accessPolicy
	case "ancestors":
		return &f.ancestors
	case "window":
		return &f.window
	case "deleted":
		return &f.deleted
	case "updateTime", "update_time":
		return &f.updateTime
	case "policy":
		return &f.policy
	case "project":
		return &f.project
	case "state":
		return &f.state
	case "isDefault":
		return &f.isDefault
	case "TypeName":
		return &f.typeName
	case "ResourceDescription":
		return &f.description
	case "Identifier":
		return &f.identifier
	case "configurationItem", "ConfigurationItem":
		return &f.configItem
	case "resourceType":
		return &f.resourceType
	case "resourceId":
		return &f.resourceID
	case "arn", "ARN":
		return &f.arn
	case "configuration":
		return &f.configuration
	}
	if listKeys[string(key)] {
		return &f.list
	}
	return nil
}

// wrapped is the list of records that the object stands around, nil if it is
// a record itself.
func (f *fields) wrapped() *fastjson.Value {
	if f.id != nil || f.typ != nil || f.assetType != nil || f.resourceType != nil {
		return nil
	}
	if f.list == nil && isArray(f.data) {
		return f.data
	}
	if f.list == nil && isObject(f.data) {
		return f.data.Get("rows")
	}
	return f.list
}

// isARM reports whether the record is an ARM resource by its id. A line of a
// hierarchy has ARM ids too, but a parent instead of a type.
func (f *fields) isARM() bool {
	return f.id != nil && posture.IsARM(text(f.id)) && (f.parent == nil || f.typ != nil) && f.marker == nil
}

// isHierarchy reports whether the record is a line {id, parent, kind, name}.
func (f *fields) isHierarchy() bool {
	return f.id != nil && f.kind != nil && f.typ == nil && posture.ParseScopeKind(text(f.kind)) != posture.NoScopeKind
}

// isAzureAccount reports whether the record is a subscription of az account list.
func (f *fields) isAzureAccount() bool {
	return isGUID(text(f.id)) && f.tenantID != nil && (f.state != nil || f.isDefault != nil)
}

// isPolicyResult reports whether the record is a result of a Cloud Asset
// search for policies: the name of the resource and its policy.
func (f *fields) isPolicyResult() bool {
	return isObject(f.policy) && len(text(f.resource)) > 2 && text(f.resource)[:2] == "//"
}

// isConfigItem reports whether the record is an item of AWS Config, whose
// types all have colons. Other services say resourceType and resourceId too.
func (f *fields) isConfigItem() bool {
	return strings.Contains(text(f.resourceType), "::") && (f.resourceID != nil || present(f.configuration) || f.arn != nil)
}
