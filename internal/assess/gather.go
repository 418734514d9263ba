package assess

import (
	"context"
	"strings"

	"github.com/valyala/fastjson"

	"github.com/bartizan-dev/bartizan/internal/inventory"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

// keeper is offered every resource that counts, valid for the call alone, with
// the teller that fills it in.
type keeper interface {
	keep(r *inventory.Resource, t *teller)
}

// collect reads the inputs and offers every resource that counts.
func (run *run) collect(ctx context.Context, k keeper) error {
	c := &collector{teller: &teller{worker: run.newReading().newWorker()}, keeper: k}
	merger := run.merger()
	sink := merger.Sink(c)
	for i := range run.options.Inputs {
		in := &run.options.Inputs[i]
		stream, err := in.open()
		if err != nil {
			return err
		}
		err = inventory.Split(stream, in.Name, func(chunk inventory.Chunk) error {
			c.decoder.Decode(chunk, sink)
			c.reading.progress("bodies", int64(chunk.Bytes()))
			chunk.Release()
			return ctx.Err()
		})
		stream.Close()
		if err != nil && ctx.Err() != nil {
			return ctx.Err()
		}
		// Anything else breaks the input off where the first reading did.
	}
	merger.Flush(c)
	return nil
}

// merger brings the halves of Google assets together for one reading, with what
// the reading before learnt too late.
func (run *run) merger() *inventory.Merger {
	if run.halves == nil {
		return inventory.NewMerger(inventory.DefaultHold)
	}
	return run.halves.Again()
}

type collector struct {
	*teller
	keeper keeper
}

// Resource offers a resource to the keeper.
func (c *collector) Resource(r *inventory.Resource) {
	if !c.reading.loses(r, HashResource(r)) {
		c.keeper.keep(r, c.teller)
	}
}

// detach copies a filled resource, body and all.
func detach(r *policy.Resource) *policy.Resource {
	body, err := fastjson.ParseBytes(inventory.AppendJSON(nil, r.Body))
	if err != nil {
		return nil
	}
	kept := *r
	kept.Body = body
	for _, s := range []*string{&kept.ID, &kept.Type, &kept.Name, &kept.FullName, &kept.Location, &kept.Unit} {
		*s = strings.Clone(*s)
	}
	return &kept
}

// keptResource is one resource with all that its checks need.
type keptResource struct {
	resource *policy.Resource
	check    posture.Check // what its checks have in common
	place    *place        // nil where places decide nothing
}

func (t *teller) keepResource(r *inventory.Resource) *keptResource {
	k := &keptResource{resource: detach(t.fill(r)), check: t.base(r, t.reading.run.known.tree.Unit(r.Unit))}
	k.check.Unit, k.check.Scope = strings.Clone(k.check.Unit), strings.Clone(k.check.Scope)
	if !t.placer.plain {
		k.place = t.places[t.place(r)-1]
	}
	return k
}

// keep offers a resource to both: what is asked for may be of the type that
// others are looked for of.
func (x *explainer) keep(r *inventory.Resource, t *teller) {
	x.finder.keep(r, t)
	if x.finder.mayConcern(r) {
		x.bodies.keep(r, t)
	}
}

// finder keeps the resource that is asked for.
type finder struct {
	Namesakes[*keptResource]
	found *keptResource
}

// mayConcern reports whether a resource can be related to the one that is asked
// for, as far as its id tells: both are of one subscription.
func (f *finder) mayConcern(r *inventory.Resource) bool {
	unit := policy.UnitOf(f.Name)
	return unit == "" || strings.EqualFold(unit, policy.UnitOf(r.ID))
}

func (f *finder) keep(r *inventory.Resource, t *teller) {
	f.Keep(r.ID, r.Type, r.Unit, r.Location, r.Name, func() *keptResource { return t.keepResource(r) })
}

// bodies keeps all resources of the types that existence checks look for.
type bodies struct {
	run   *run
	wants map[string]bool // by folded type
	kept  []*policy.Resource
}

func (b *bodies) keep(r *inventory.Resource, t *teller) {
	if b.wants[policy.FoldType(r.Type)] {
		b.kept = append(b.kept, detach(t.fill(r)))
	}
}

// Candidates implements policy.Related.
func (b *bodies) Candidates(r *policy.Resource, q policy.Query) (found []*policy.Resource, complete bool, reason string) {
	wanted := policy.FoldType(q.Type)
	for _, c := range b.kept {
		if policy.FoldType(c.Type) == wanted && q.Stands(c, r) {
			found = append(found, c)
		}
	}
	for _, c := range b.run.candidates {
		if policy.FoldType(c.Type) == wanted && q.Stands(c, r) {
			found = append(found, c)
		}
	}
	complete, reason = b.run.complete.of(b.run.known.tree.Unit(r.Unit), q.Type)
	return found, complete, reason
}

// closest looks for the related resources that came closest to passing failed
// existence checks, which takes a reading; nil where no such check has any.
func (run *run) closest(ctx context.Context) (*policy.Closest, error) {
	near := run.settlement.Closest(run.noted...)
	if !near.Wants() {
		return nil, nil
	}
	err := run.collect(ctx, offering{near})
	for _, c := range run.candidates {
		near.Offer(c)
	}
	return near, err
}

// offering offers all resources to those who look for near misses.
type offering struct{ *policy.Closest }

func (o offering) keep(r *inventory.Resource, t *teller) {
	if o.Looks(r.Type) {
		o.Offer(t.fill(r))
	}
}
