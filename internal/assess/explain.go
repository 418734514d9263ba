package assess

import (
	"context"
	"fmt"
	"strings"

	"github.com/valyala/fastjson"

	"github.com/bartizan-dev/bartizan/internal/inventory"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

// Explain tells how one rule, a recommendation or a policy of the library,
// came to its verdict on one resource. It reads the inputs twice or, if the
// rule looks for related resources, three times.
func Explain(ctx context.Context, o Options, resource, rule string) (*policy.Explanation, error) {
	run, err := explainRun(o, rule)
	if err != nil {
		return nil, err
	}
	rd, err := run.read(ctx)
	if err != nil {
		return nil, err
	}
	if err := run.settle(ctx, rd); err != nil {
		return nil, err
	}
	run.again = true
	bound := run.book.rules[0].bound
	env := policy.Environment{Aliases: run.book.set.Aliases(), Now: o.Now}
	find := &finder{run: run, id: resource}
	if err := run.collect(ctx, rd, find); err != nil {
		return nil, err
	}
	if find.found == nil {
		return nil, find.missing()
	}
	related := &bodies{run: run, rd: rd, ctx: ctx, wants: bound.TargetType()}
	if related.wants != "" {
		if err := run.collect(ctx, rd, related); err != nil {
			return nil, err
		}
		env.Related = related
	}
	return bound.Explain(find.found, env), nil
}

// explainRun prepares a run of one rule, with its own parameters and not those
// of some assignment.
func explainRun(o Options, rule string) (*run, error) {
	o.Policies, o.Initiatives, o.Assignments = []string{rule}, nil, nil
	o.Filter = Filter{}
	if o.Library != nil {
		bare := *o.Library
		bare.Assignments = nil
		o.Library = &bare
	}
	run, err := newRun(&o)
	if err != nil {
		return nil, err
	}
	book := run.book
	switch {
	case len(book.rules) > 1:
		ids := make([]string, len(book.rules))
		for i := range ids {
			ids[i] = book.rules[i].id
		}
		return nil, fmt.Errorf("explain: %d rules are named %q; give the id of one of them:\n%s", len(ids), rule, strings.Join(ids, "\n"))
	case len(book.notEvaluated) > 0:
		return nil, fmt.Errorf("explain %s: not evaluated: %s", rule, book.notEvaluated[0].Why)
	case len(book.rules) == 0:
		return nil, fmt.Errorf("explain: no rule %q", rule)
	}
	return run, nil
}

// keeper is offered every resource, filled in and valid for the call alone.
type keeper interface {
	keep(r *inventory.Resource, fill func() *policy.Resource)
}

// collect reads the inputs and offers every resource that counts.
func (run *run) collect(ctx context.Context, rd *reading, k keeper) error {
	t := &teller{worker: run.newReading().newWorker()}
	c := &collector{teller: t, keeper: k}
	merger := inventory.NewMerger(inventory.DefaultHold)
	sink := merger.Sink(c)
	for i := range run.options.Inputs {
		in := &run.options.Inputs[i]
		stream, err := in.Open()
		if err != nil {
			return fmt.Errorf("open %s: %w", in.Name, err)
		}
		err = inventory.Split(stream, in.Name, func(chunk inventory.Chunk) error {
			t.decoder.Decode(chunk, sink)
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

type collector struct {
	*teller
	keeper keeper
}

// Resource offers a resource to the keeper.
func (c *collector) Resource(r *inventory.Resource) {
	run := c.reading.run
	if !c.reading.twice.lost(hashID(r.ID), winner{run.orderOf(r), r.Whole}) {
		c.keeper.keep(r, func() *policy.Resource { return c.fill(r) })
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

// finder keeps the resource that is asked for: by id, or by name if that is
// the name of only one.
type finder struct {
	run    *run
	id     string
	found  *policy.Resource
	byName []string
	named  *policy.Resource
}

func (f *finder) keep(r *inventory.Resource, fill func() *policy.Resource) {
	switch {
	case posture.Fold(r.ID) == posture.Fold(f.id):
		f.found = detach(fill())
	case strings.EqualFold(r.Name, f.id):
		if f.byName = append(f.byName, strings.Clone(r.ID)); len(f.byName) == 1 {
			f.named = detach(fill())
		}
	}
	if f.found == nil && len(f.byName) == 1 {
		f.found = f.named
	}
	if len(f.byName) == 2 && f.found == f.named {
		f.found = nil
	}
}

func (f *finder) missing() error {
	if len(f.byName) > 1 {
		return fmt.Errorf("explain: %d resources are named %q; give the id of one of them:\n%s",
			len(f.byName), f.id, strings.Join(f.byName[:min(10, len(f.byName))], "\n"))
	}
	return fmt.Errorf("explain: no resource %q in the input; want its id, or a name that only one has", f.id)
}

// bodies keeps all resources of the type that an existence check looks for.
type bodies struct {
	run   *run
	rd    *reading
	ctx   context.Context
	wants string
	kept  []*policy.Resource
}

func (b *bodies) keep(r *inventory.Resource, fill func() *policy.Resource) {
	if policy.FoldType(r.Type) == policy.FoldType(b.wants) {
		b.kept = append(b.kept, detach(fill()))
	}
}

// Candidates implements policy.Related.
func (b *bodies) Candidates(r *policy.Resource, q policy.Query) (found []*policy.Resource, complete bool, reason string) {
	for _, c := range b.kept {
		if q.Stands(c, r) {
			found = append(found, c)
		}
	}
	complete, reason = b.run.complete.of(b.run.known.tree.Unit(r.Unit), q.Type)
	return found, complete, reason
}
