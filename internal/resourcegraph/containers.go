package resourcegraph

import (
	"context"
	"iter"
	"slices"
	"strings"
	"sync"

	"github.com/bartizan-dev/bartizan/internal/inventory"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/kql"
	"github.com/bartizan-dev/bartizan/kql/data"
)

// The types of containers: Azure's as Resource Graph has them, the others as
// their providers call them, machine groups by our own word.
const (
	subscriptionType    = "microsoft.resources/subscriptions"
	groupType           = "microsoft.resources/subscriptions/resourcegroups"
	otherGroupType      = "microsoft.resources/resourcegroups"
	managementGroupType = "microsoft.management/managementgroups"
	awsAccountType      = "aws::organizations::account"
	awsUnitType         = "aws::organizations::organizationalunit"
	awsOrganizationType = "aws::organizations::organization"
	gcpProjectType      = "cloudresourcemanager.googleapis.com/project"
	gcpFolderType       = "cloudresourcemanager.googleapis.com/folder"
	gcpOrganizationType = "cloudresourcemanager.googleapis.com/organization"
	machineGroupType    = "machinegroup"
)

// containerTypes are by cloud and kind of scope. An Entra tenant is no container.
var containerTypes = map[posture.Cloud]map[posture.ScopeKind]string{
	posture.Azure:   {posture.Unit: subscriptionType, posture.Group: groupType, posture.Folder: managementGroupType},
	posture.AWS:     {posture.Unit: awsAccountType, posture.Folder: awsUnitType, posture.Tenant: awsOrganizationType},
	posture.GCP:     {posture.Unit: gcpProjectType, posture.Folder: gcpFolderType, posture.Tenant: gcpOrganizationType},
	posture.Machine: {posture.Unit: machineGroupType},
}

// places collects where resources stand while they are read.
type places struct {
	mu   sync.Mutex
	tree inventory.Tree
	seen map[string]bool // units and groups, as they came
	full fullNames       // once all is read
}

func (p *places) scope(s posture.Scope) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tree.Add(s)
}

// of notes where a resource stands.
func (p *places) of(r *inventory.Resource) {
	if p.known(r.Unit) && p.known(r.Group) {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if r.Unit != "" {
		unit := strings.Clone(r.Unit)
		p.seen[unit] = true
		p.tree.Add(posture.Scope{ID: unit, Kind: posture.Unit, Cloud: r.Cloud, Named: posture.NameDerived})
	}
	if r.Group != "" {
		group := strings.Clone(r.Group)
		p.seen[group] = true
		p.tree.Add(posture.Scope{ID: group, Parent: strings.Clone(r.Unit), Kind: posture.Group, Cloud: r.Cloud, Named: posture.NameDerived})
	}
}

func (p *places) known(id string) bool {
	if id == "" {
		return true
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.seen[id]
}

// containerTable is resourcecontainers: what the inputs have of containers,
// with what stands above them, then those that are only known by what they hold.
type containerTable struct{ inventoryTable }

// Scan reads all inputs before it gives the first row, because the last line
// may tell what stands above the first.
func (t *containerTable) Scan(ctx context.Context, want kql.Request) iter.Seq2[*data.Batch, error] {
	t.estate.asks(t.name, want.Where)
	return func(yield func(*data.Batch, error) bool) {
		p := &places{seen: map[string]bool{}}
		for _, s := range t.estate.source.hierarchy() {
			p.scope(s)
		}
		w := newWanted(want)
		var recorded []*data.Batch
		for b, err := range t.scanAll(ctx, &want, p) {
			if err != nil {
				yield(nil, err)
				return
			}
			recorded = append(recorded, b)
		}
		p.full = newFullNames(&p.tree)
		s := w.sink(func(b *data.Batch) bool { return yield(b, nil) })
		told := map[string]bool{}
		for _, b := range recorded {
			for i := range b.Len {
				r := &row{}
				p.complete(r, b, i)
				told[p.key(r.id)] = true
				if !s.add(r) {
					return
				}
			}
		}
		for _, scope := range p.tree.All() {
			if r := p.row(scope); r != nil && !told[p.key(r.id)] && p.tree.Unit(scope.ID) == scope.ID && t.estate.source.shows(scope.ID) && !s.add(r) {
				return
			}
		}
		s.flush()
	}
}

// scanAll reads all columns of the containers that the inputs have, each at its own
// place; what was not read of them, which comes next, if that is wanted.
func (t *containerTable) scanAll(ctx context.Context, want *kql.Request, p *places) iter.Seq2[*data.Batch, error] {
	var all kql.Request
	for i := range listed {
		all.Columns = append(all.Columns, i)
	}
	if slices.Contains(want.Columns, unreadColumn) {
		all.Columns = append(all.Columns, unreadColumn)
	}
	return t.estate.source.scan(ctx, &t.inventoryTable, all, p)
}

const fullNamePrefix = "//cloudresourcemanager.googleapis.com/"

// fullNames are the full names of Google projects that are known by number
// too, by projects/ID.
type fullNames map[string]string

func newFullNames(t *inventory.Tree) fullNames {
	all := fullNames{}
	for _, s := range t.All() {
		if unit := t.Unit(s.ID); unit != s.ID {
			all[unit] = fullNamePrefix + s.ID
		}
	}
	return all
}

// of is the id under which a scope stands in resourcecontainers. Google's own
// records of projects are called by their full names, with the number where it
// is known.
func (f fullNames) of(scope string) string {
	if name := f[scope]; name != "" {
		return name
	}
	if strings.HasPrefix(scope, "projects/") {
		return fullNamePrefix + scope
	}
	return scope
}

// scopeID is the id of the scope that a record is: Google's own records write
// the whole name of the resource.
func (p *places) scopeID(id string) string {
	return p.tree.Unit(strings.TrimPrefix(id, fullNamePrefix))
}

func (p *places) key(id string) string { return posture.Fold(p.scopeID(id)) }

// complete makes the row of a record, with the names and ancestors that the
// tree knows.
func (p *places) complete(r *row, b *data.Batch, i int) {
	for c, v := range b.Columns {
		switch columns[c].name {
		case "id":
			r.id = v.Texts[i]
		case "name":
			r.name = v.Texts[i]
		case "type":
			r.typ = v.Texts[i]
		case "tenantId":
			r.tenant = v.Texts[i]
		case "kind":
			r.kind = v.Texts[i]
		case "location":
			r.location = v.Texts[i]
		case "resourceGroup":
			r.group = v.Texts[i]
		case "subscriptionId":
			r.subscription = v.Texts[i]
		case "sku":
			r.sku = v.Nodes[i]
		case "properties":
			r.properties = v.Nodes[i]
		case "tags":
			r.tags = v.Nodes[i]
		case "unread":
			r.unread = v.Nodes[i]
		}
	}
	if r.typ == otherGroupType {
		r.typ = groupType
	}
	scope, known := p.tree.Scope(p.scopeID(r.id))
	if !known {
		return
	}
	if made := p.row(scope); made != nil {
		r.properties = withMembers(r.properties, made.properties)
		if r.tenant == "" {
			r.tenant = made.tenant
		}
		if scope.Kind == posture.Unit {
			r.name, r.subscription = made.name, made.subscription
		}
	}
}

// withMembers adds the members that a bag lacks.
func withMembers(n, more *data.Node) *data.Node {
	if n.IsNull() {
		return more
	}
	if n.Kind() != data.KindBag {
		return n
	}
	var b bag
	for _, key := range n.Keys() {
		value, _ := n.Key(key)
		b.put(key, value)
	}
	for _, key := range more.Keys() {
		if _, has := n.Key(key); !has {
			value, _ := more.Key(key)
			b.put(key, value)
		}
	}
	return b.node()
}

// row is that of a scope; nil for one that is no container.
func (p *places) row(s posture.Scope) *row {
	cloud := s.Cloud
	if cloud == posture.NoCloud {
		cloud = posture.CloudOfScope(s.ID)
	}
	typ := containerTypes[cloud][s.Kind]
	if typ == "" {
		return nil
	}
	above := p.tree.Ancestors(s.ID)
	r := &row{
		id: p.full.of(s.ID), name: lastSegment(s.ID), typ: typ, tenant: tenantOf(above, p.tree.Scope),
		unread: data.NodeOfStrings(wholeBody), // nobody read a record of it
	}
	var b bag
	chain := p.chain(s, above)
	switch s.Kind {
	case posture.Unit:
		r.subscription = lastSegment(s.ID)
		if s.Name != "" {
			r.name = s.Name
		}
		b.put("managementGroupAncestorsChain", chain)
	case posture.Group:
		r.group, r.subscription = strings.ToLower(lastSegment(s.ID)), lastSegment(s.Parent)
	default:
		var details bag
		if s.Parent != "" {
			parent, _ := p.tree.Scope(s.Parent)
			details.put("parent", new(bag).text("id", s.Parent).text("name", lastSegment(s.Parent)).textIf("displayName", parent.Name).node())
		}
		details.put("managementGroupAncestorsChain", chain)
		b.textIf("displayName", s.Name).textIf("tenantId", r.tenant).put("details", details.node()).put("managementGroupAncestorsChain", chain)
	}
	r.properties = b.node()
	return r
}

// chain lists management groups, folders or organisational units above a scope,
// the nearest first: none above the root itself, null where nobody said what the
// scope hangs from. That a subscription has a tenant says nothing of that.
func (p *places) chain(s posture.Scope, above []string) *data.Node {
	items := []*data.Node{}
	for _, id := range above {
		s, ok := p.tree.Scope(id)
		if !ok || s.Kind != posture.Folder && (s.Kind != posture.Tenant || posture.CloudOfScope(id) == posture.NoCloud) {
			continue
		}
		name := lastSegment(id)
		display := s.Name
		if display == "" {
			display = name
		}
		items = append(items, new(bag).text("displayName", display).text("name", name).node())
	}
	if len(items) == 0 && !isRoot(s, above) {
		return nil
	}
	return data.NodeOfArray(items)
}

// isRoot tells organisations and Azure's root management group, which is called
// as its tenant.
func isRoot(s posture.Scope, above []string) bool {
	return s.Kind == posture.Tenant || len(above) > 0 && strings.EqualFold(lastSegment(s.ID), lastSegment(above[0]))
}
