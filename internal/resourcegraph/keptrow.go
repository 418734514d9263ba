package resourcegraph

import (
	"context"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/policy"
)

// keptResourceType is that of rows which say how resources stand: what lists of
// resources are made of.
const keptResourceType = "bartizan/resources"

// resourceRows has a row for every resource of the inventory, whatever table its
// own row stands in.
func (k *kept) resourceRows(ctx context.Context, _ *Estate, want *wanted) iter.Seq2[*data.Batch, error] {
	return func(yield func(*data.Batch, error) bool) {
		s := want.sink(func(b *data.Batch) bool { return yield(b, ctx.Err()) && ctx.Err() == nil })
		r := k.reach(want)
		facts := slices.ContainsFunc(want.Columns, func(c int) bool { return c == kindColumn || c == skuColumn || c == tagsColumn }) || r.tags
		for n := range k.Excerpt.Resources(r.ofType, r.inUnit) {
			of, reached := r.resource(n)
			if !reached {
				continue
			}
			known := knownRow(&of, r.texts, nil)
			b := new(bag).text("state", of.State.String()).text("cloud", of.Cloud.String())
			if r.key {
				b.text("key", keyText(&of))
			}
			if r.owner {
				b.textIf("owner", k.Excerpt.OwnerOf(n))
			}
			if facts {
				f := k.Excerpt.FactsOf(n)
				known.kind, known.tags = f.Kind, tagsNode(f.Tags, strings.Clone)
				if f.SKU != "" {
					known.sku = new(bag).text("name", f.SKU).node()
				}
				if tags := tagsNode(f.Tags, strings.ToLower); tags != nil {
					b.put("tags", tags)
				}
			}
			known.typ = keptResourceType
			known.properties = new(bag).text("resourceType", of.Type).put("bartizan", b.node()).node()
			if !s.add(known) {
				return
			}
		}
		s.flush()
	}
}

// exemptionRows has a row for every exemption that is seen.
func (k *kept) exemptionRows(ctx context.Context, _ *Estate, want *wanted) iter.Seq2[*data.Batch, error] {
	return func(yield func(*data.Batch, error) bool) {
		exemptions, err := k.Exemptions(ctx)
		if err != nil {
			yield(nil, err)
			return
		}
		s := want.sink(func(b *data.Batch) bool { return yield(b, nil) })
		for i := range exemptions {
			if !s.add(keptExemptionRow(&exemptions[i])) {
				return
			}
		}
		s.flush()
	}
}

func keptExemptionRow(x *KeptExemption) *row {
	scope := x.Scope
	if scope == "" {
		scope = "/"
	}
	id, name := strings.TrimRight(scope, "/")+"/providers/Microsoft.Authorization/policyExemptions/"+x.ID, x.ID
	if x.IsAzures() {
		id, name = x.ID, lastSegment(x.ID)
	}
	r := &row{
		id: id, name: name, typ: exemptionType,
		subscription: lastSegment(policy.UnitOf(scope)),
	}
	if group := policy.GroupOf(scope); group != "" {
		r.group = strings.ToLower(lastSegment(group))
	}
	if posture.CloudOfUnit(scope) != posture.NoCloud {
		r.subscription = lastSegment(scope)
	}
	var p, b bag
	if x.Assignment != "" {
		p.text("policyAssignmentId", x.Assignment).put("policyDefinitionReferenceIds", data.NodeOfStrings(x.Members))
	}
	p.text("exemptionCategory", capital(x.Category))
	if x.ExpiresOn != nil {
		p.text("expiresOn", x.ExpiresOn.UTC().Format(time.RFC3339))
	}
	p.textIf("displayName", x.DisplayName).textIf("description", x.Reason)
	b.textIf("scope", x.Scope).textIf("owner", x.Owner).put("active", data.NodeOfBool(x.Active)).count("commit", int(x.Commit))
	if len(x.Resources) > 0 {
		var ids []string
		for i := range x.Resources {
			ids = append(ids, x.Resources[i].ID)
		}
		b.put("resources", data.NodeOfStrings(ids))
	}
	if len(x.Recommendations) > 0 {
		b.put("recommendations", data.NodeOfStrings(x.Recommendations))
	}
	r.properties = p.put("bartizan", b.node()).node()
	return r
}
