package policy

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Query is what an IfNotExists effect looks for, computed for one resource.
type Query struct {
	Type string // of the related resources
	// Name is compared, ignoring case, with the last segment of a candidate's
	// name, or with its full name if it holds a slash; a last segment "?"
	// matches any. AnyName says that names do not matter.
	Name    string
	AnyName bool
	Kind    string // "" for any
	// Relation says where candidates stand to the resource.
	Relation Relation
	// Group is a resource group's name, "" for the resource's own.
	Group string
}

// Relation says where related resources stand.
type Relation uint8

// The relations. InGroup is the resource's group, or Query.Group;
// InSubscription is its subscription.
const (
	InGroup Relation = iota
	InSubscription
	Below     // child or extension resources: the id begins with the resource's
	Extension // id/providers/<type>/<name>
)

// Related finds related resources. What it returns is already of the query's
// type; name and kind need not be filtered.
type Related interface {
	// Candidates gives the related resources of r. Complete says that there
	// are certainly no others; otherwise reason is one of the words denied,
	// throttled, error, partial, notCollected.
	Candidates(r *Resource, q Query) (found []*Resource, complete bool, reason string)
}

// extensionTypes are types whose resources hang below others' ids.
var extensionTypes = map[string]bool{
	"microsoft.insights/diagnosticsettings":                      true,
	"microsoft.insights/datacollectionruleassociations":          true,
	"microsoft.guestconfiguration/guestconfigurationassignments": true,
	"microsoft.security/assessments":                             true,
	"microsoft.security/defenderforstoragesettings":              true,
	"microsoft.security/sqlvulnerabilityassessments":             true,
	"microsoft.security/advancedthreatprotectionsettings":        true,
	"microsoft.authorization/locks":                              true,
	"microsoft.authorization/roleassignments":                    true,
	"microsoft.maintenance/configurationassignments":             true,
	"microsoft.kubernetesconfiguration/extensions":               true,
	"microsoft.kubernetesconfiguration/fluxconfigurations":       true,
	"microsoft.automanage/configurationprofileassignments":       true,
	"microsoft.chaos/targets":                                    true,
}

// IsExtensionType reports whether resources of a type hang below other
// resources' ids. An inventory may know more such types than this list.
func IsExtensionType(resourceType string) bool {
	return extensionTypes[strings.ToLower(resourceType)]
}

// queryError is why a query could not be computed: what a member of the details
// says it is.
type queryError struct {
	member   string
	template Template
	err      error
}

func (e *queryError) Error() string { return fmt.Sprintf("details.%s: %v", e.member, e.err) }

func (e *queryError) Unwrap() error { return e.err }

// query computes what d asks for on the frame's resource.
func (f *frame) query(d *Details) (Query, error) {
	f.shapes = nil
	q := Query{AnyName: true}
	told := func(key string, t *Template, err error) error {
		switch {
		case err == nil:
		case unreadReason(err) != 0:
			err = &queryError{key, *t, err}
		case f.fault != nil:
			err = &queryError{key, *t, f.failure(*t, err)}
		}
		return err
	}
	text := func(key string, t *Template) (string, error) {
		if t == nil {
			return "", nil
		}
		if isLiteral(*t) && t.Const.Kind() == String {
			return t.Const.Text(), nil
		}
		if pattern, ok := t.uniquePattern(f); ok {
			return pattern, nil
		}
		v, err := f.take(*t)
		switch {
		case err != nil:
		case v.Kind() == Missing:
			err = errors.New("is missing, want a text")
		case v.Kind() != String && !v.IsNull():
			err = fmt.Errorf("is %s, want a text", v.Kind())
		}
		return v.Text(), told(key, t, err)
	}
	var err error
	if q.Type, err = text("type", d.Type); err != nil {
		return q, err
	}
	if q.Type == "" {
		return q, errors.New("details.type is empty, want the type of the related resource")
	}
	if q.Kind, err = text("kind", d.Kind); err != nil {
		return q, err
	}
	if d.Name != nil {
		q.AnyName = false
		if q.Name, err = text("name", d.Name); err != nil {
			return q, err
		}
	}
	scope, err := text("existenceScope", d.ExistenceScope)
	if err == nil && isComputed(d.ExistenceScope) && scope != "" && !isExistenceScope(scope) {
		err = told("existenceScope", d.ExistenceScope, fmt.Errorf("is %q, want one of %s", scope, strings.Join(existenceScopes, ", ")))
	}
	if err != nil {
		return q, err
	}
	if q.Group, err = text("resourceGroupName", d.ResourceGroupName); err != nil {
		return q, err
	}
	q.Relation = relationOf(f.outer, q.Type, f.outer.Native || strings.EqualFold(scope, "subscription")) // other clouds have no groups
	return q, nil
}

func isExistenceScope(text string) bool {
	return slices.ContainsFunc(existenceScopes, func(known string) bool { return strings.EqualFold(known, text) })
}

func relationOf(r *Resource, wanted string, wholeSubscription bool) Relation {
	if strings.EqualFold(wanted, shortGroupType) {
		wanted = groupType
	}
	switch {
	case len(wanted) > len(r.Type) && strings.EqualFold(wanted[:len(r.Type)], r.Type) && wanted[len(r.Type)] == '/':
		return Below
	case !strings.EqualFold(wanted, r.Type) && IsExtensionType(wanted):
		return Extension
	case wholeSubscription, strings.EqualFold(r.Type, "Microsoft.Resources/subscriptions"):
		return InSubscription
	}
	return InGroup
}

// Matches reports whether a candidate has the name and kind that q asks for.
func (q *Query) Matches(c *Resource) bool {
	if q.Kind != "" && !strings.EqualFold(q.Kind, textOf(lookup(c.Body, "kind"))) {
		return false
	}
	return q.AnyName || nameMatches(q.Name, c.fullName())
}

// fits is Matches where the kind may not have been read.
func (q *Query) fits(c *Resource) Outcome {
	switch {
	case c.isUnnamed():
		return unsure(false, gapReason(c.Unseen))
	case q.Kind == "" || c.Native || wholly(c):
		return outcomeOf(q.Matches(c))
	}
	anyKind := *q
	if anyKind.Kind = ""; !anyKind.Matches(c) {
		return isFalse
	}
	matches, kind := q.Matches(c), lookup(c.Body, "kind")
	return judged(matches, c.unreadTo(kindPath.steps).reason(kindFound(kind)))
}

var kindPath = parsePath("kind")

func nameMatches(pattern, fullName string) bool {
	if pattern == "?" {
		return true
	}
	if !strings.Contains(pattern, "/") {
		return matchUnique(pattern, lastSegment(fullName))
	}
	if before, ok := strings.CutSuffix(pattern, "/?"); ok {
		at := strings.LastIndexByte(fullName, '/')
		return at >= 0 && matchUnique(before, fullName[:at])
	}
	return matchUnique(pattern, fullName)
}

// Stands reports whether a candidate stands where q looks for related
// resources of r. One that hangs below another resource is related to that one
// alone; others of its type, in the group or subscription that is looked at,
// are related all the same: what one resource is related to does not depend on
// which others there are.
func (q *Query) Stands(c, r *Resource) bool {
	if r.Native || c.Native {
		return c.Unit == r.Unit
	}
	id, of := strings.ToLower(c.ID), strings.ToLower(strings.TrimRight(r.ID, "/"))
	if q.besides(r) {
		// Siblings have the same parent.
		return id[:strings.LastIndexByte(id, '/')+1] == of[:strings.LastIndexByte(of, '/')+1]
	}
	relation := q.Relation
	if relation <= InSubscription && nested(c.ID) {
		relation = Extension
	}
	switch relation {
	case Below:
		return strings.HasPrefix(id, of+"/")
	case Extension:
		return strings.HasPrefix(id, of+"/providers/") && LastProviders(id) == len(of)
	case InSubscription:
		return strings.EqualFold(UnitOf(c.ID), UnitOf(r.ID))
	}
	group := GroupOf(of)
	if q.Group != "" {
		group = UnitOf(of) + "/resourcegroups/" + strings.ToLower(q.Group)
	}
	return group != "" && strings.HasPrefix(id+"/", group+"/") // a group stands in itself
}

// besides reports whether q looks for siblings of r, below its parent.
func (q *Query) besides(r *Resource) bool {
	return strings.EqualFold(q.Type, r.Type) && (nested(r.ID) || strings.Count(r.Type, "/") > 1 && !isGroupType(r.Type))
}

// nested reports whether an id stands below another resource's.
func nested(id string) bool {
	at := LastProviders(id)
	return at > len(GroupOf(id)) && at > len(UnitOf(id))
}

// LooksBeyondGroup reports whether b's existence check may find related resources
// that are not in the resource group of the one that it judges: in its
// subscription, account or project, or in a group that it names.
func (b *Bound) LooksBeyondGroup() bool {
	target := b.TargetType()
	if target == "" {
		return false
	}
	d := b.details
	ownGroup := d.ResourceGroupName == nil && (d.ExistenceScope == nil || isLiteral(*d.ExistenceScope) && !strings.EqualFold(d.ExistenceScope.Const.Text(), "subscription"))
	types, named := namedTypes(b.condition)
	if !ownGroup || !named || IsNativeType(target) {
		return true
	}
	return slices.ContainsFunc(types, func(t string) bool { return t == "microsoft.resources/subscriptions" || IsNativeType(t) })
}

// TargetType is the resource type that b's existence check looks for, "" for
// rules without one.
func (b *Bound) TargetType() string {
	if b.family != familyExists || b.details == nil || b.details.Type == nil {
		return ""
	}
	return b.details.Type.Const.Text()
}
