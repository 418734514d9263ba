package assess

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"

	"github.com/valyala/fastjson"

	"github.com/bartizan-dev/bartizan/internal/inventory"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

// errStop ends a reading that nobody wants more of.
var errStop = errors.New("stop")

// checks reads the inputs again, resource by resource, and tells every check
// with its evidence.
func (run *run) checks(ctx context.Context, rd *reading) Checks {
	var all *toTell
	near := sync.OnceValues(func() (*policy.Closest, error) { return run.closest(ctx) })
	return func(yield func(*posture.Check, error) bool) {
		if all == nil {
			all = &toTell{byID: make(map[uint64]kept, rd.count())}
			rd.records(func(w *worker, r *record) bool {
				all.byID[r.id] = kept{by: w, record: r}
				return true
			})
		}
		run.again = true
		all.turn++
		closest, err := near()
		if err == nil {
			err = run.retell(ctx, run.tellers(all, closest), func(c *posture.Check) bool { return yield(c, nil) })
		}
		if err == nil {
			err = all.unchanged(run)
		}
		if err != nil && !errors.Is(err, errStop) {
			yield(nil, err)
		}
	}
}

// tellers gives one for each goroutine that tells checks. There is one alone where the
// order of records plays a part, or what belongs to one resource.
func (run *run) tellers(all *toTell, near *policy.Closest) []*teller {
	tellers := make([]*teller, run.workers)
	if len(run.apart) > 0 || run.halves.Met() {
		tellers = tellers[:1]
	}
	reading := run.newReading()
	for i := range tellers {
		tellers[i] = &teller{
			worker: reading.newWorker(), all: all, settler: run.settlement.Settler(), near: near,
			met: run.book.set.SignaturesMet(), clashes: conflicts{run: run},
		}
	}
	return tellers
}

// teller is the sink that makes the checks of one chunk after the other.
type teller struct {
	*worker
	all     *toTell
	settler *policy.Settler
	near    *policy.Closest // nil where no failed check has related resources
	clashes conflicts
	filled  *policy.Resource    // the resource at hand
	met     []*policy.Signature // by ID
	told    []posture.Check     // of the chunk at hand
}

// kept is a record with the worker that has it.
type kept struct {
	by     *worker
	record *record
	told   uint32 // the turn in which it was told last
}

// signatures gives those of a record.
func (t *teller) signatures(k kept) []*policy.Signature {
	var all []*policy.Signature
	for _, number := range k.by.of(k.record) {
		all = append(all, t.met[number])
	}
	return all
}

// Outdated implements inventory.Sink: what does not count was told before.
func (t *teller) Outdated(*inventory.Resource, string) {}

// Resource tells the checks of one resource.
func (t *teller) Resource(r *inventory.Resource) {
	run, id := t.reading.run, HashResource(r)
	if t.reading.loses(r, id) {
		return
	}
	rec, first := t.all.take(id)
	if !first {
		return
	}
	place := rec.by.placeAt(rec.record)
	if !run.shown(rec.record, place, t.placer) {
		return
	}
	if len(run.apart) > 0 {
		run.complete.apart = run.apart[id] // nobody settles any more
		defer func() { run.complete.apart = nil }()
	}
	at := placementOf(place, t.placer)
	x := t.inspect(r)
	base := t.base(r, run.unitName(rec.record.unit))
	signatures := t.signatures(rec)
	if x != nil {
		t.clashes.on(t.filled, signatures, at)
	}
	for _, n := range signatures {
		run.views(n, at, func(v view) {
			c := base
			t.complete(&c, &v, n, x)
			t.told = append(t.told, c)
		})
	}
}

// inspect prepares a resource for its evidence; nil where none is wanted.
func (t *teller) inspect(r *inventory.Resource) *policy.Inspection {
	if t.reading.run.options.Bare {
		return nil
	}
	t.filled = t.fill(r)
	return t.judge.Inspect(t.filled)
}

// base is what all checks of a resource have in common.
func (t *teller) base(r *inventory.Resource, unit string) posture.Check {
	c := posture.Check{
		Resource: strings.Clone(r.ID), Type: strings.Clone(r.Type), Name: strings.Clone(r.Name),
		Location: strings.Clone(r.Location), Cloud: r.Cloud, Unit: unit, Scope: unit,
	}
	if r.Group != "" {
		c.Scope = strings.Clone(r.Group)
	}
	if tags := r.Body.GetObject("tags"); tags != nil && tags.Len() > 0 {
		c.Tags = map[string]string{}
		tags.Visit(func(k []byte, v *fastjson.Value) {
			if v.Type() == fastjson.TypeString {
				key := string(k)
				c.Tags[key] = policy.WithoutSecrets("tags['"+key+"']", policy.FromDocument(v)).Clone().Text()
			}
		})
	}
	return c
}

func (t *teller) complete(c *posture.Check, v *view, final *policy.Signature, x *policy.Inspection) {
	rule := &t.reading.run.book.rules[v.rule]
	c.Rule, c.Recommendation, c.ParametersHash = rule.id, rule.recommendation != nil, rule.hash
	c.Severity = rule.severity
	c.State, c.Judged, c.Reason, c.Attested = v.state, v.judged, v.reason, v.attested
	if v.attested {
		c.Detail = v.mark.attested.by.Comments
	}
	if v.mark != nil {
		c.References = v.mark.references
		c.Exempt = v.mark.exempt.mark()
		if v.judged == posture.NotApplicable {
			c.Exempt, c.References = nil, v.mark.notExempt()
		}
	}
	if x == nil {
		switch {
		case v.doubted:
			c.Detail = doubtDetail(c.Reason)
		case v.judged == posture.Unknown:
			c.Detail = t.detail(rule.bound.TargetType(), c, nil)
		}
		return
	}
	clashes := t.clashes.of(v.rule)
	c.Conflict = len(clashes) > 0
	evidence := x.Evidence(final, v.at, t.settler, t.near, c.Unit)
	for _, e := range slices.Concat(evidence, clashes) {
		c.Evidence = append(c.Evidence, posture.Evidence{
			Path: e.Path, Found: plain(e.Found), Absent: e.Found.Kind() == policy.Missing, Wanted: e.Wanted, Resource: e.Resource,
		})
	}
	switch {
	case v.doubted:
		c.Detail = doubtDetail(c.Reason)
	case v.judged == posture.Unknown:
		target := t.reading.run.book.whole(v.rule).TargetType()
		if isOfItself(evidence) {
			target = ""
		}
		c.Detail = t.detail(target, c, x.Failed())
	case len(c.Evidence) == 0 && v.judged != posture.Manual && !v.attested:
		// Nothing of the body counted: the rule is about types.
		c.Evidence = []posture.Evidence{{Path: "type", Found: c.Type, Wanted: wantedType[v.judged]}}
	}
}

// wantedType says what a type means to a rule that looks at nothing else.
var wantedType = map[posture.State]string{
	posture.Unhealthy:     "a type that the rule does not name",
	posture.Healthy:       "a type that the rule lets pass",
	posture.NotApplicable: "a type that the rule applies to",
}

// doubtDetail says why it is not certain that a resource is judged by a rule.
func doubtDetail(reason posture.Reason) string {
	return "whether it is judged here hangs on its location, which was not read: " + reason.String()
}

// isOfItself reports whether it is the judged resource of which something was not
// read, and no related one.
func isOfItself(evidence []policy.Evidence) bool {
	itself := false
	for _, e := range evidence {
		switch {
		case !e.IsUnread():
		case e.Resource != "":
			return false
		default:
			itself = true
		}
	}
	return itself
}

// detail says in words what was not read, or what failed.
func (t *teller) detail(target string, c *posture.Check, failed []string) string {
	if c.Reason == posture.Failed && len(failed) > 0 {
		return "an expression of the rule failed: " + strings.Join(failed, "; ")
	}
	if target != "" {
		if complete, reason := t.reading.run.complete.of(c.Unit, target); !complete {
			return fmt.Sprintf("whether all %s of %s were read: %s", target, c.Unit, reason)
		}
		if rests := func(e posture.Evidence) bool { return strings.HasPrefix(e.Path, "related ") }; slices.ContainsFunc(c.Evidence, rests) {
			return fmt.Sprintf("a related %s, or a part of it, was not read: %s", target, c.Reason)
		}
	}
	switch c.Reason {
	case posture.Denied, posture.Throttled, posture.Failed:
		return "a part of the resource could not be read: " + c.Reason.String()
	case posture.Partial:
		return "the resource was read in part only"
	case posture.NotCollected:
		return "a part of the resource, or its resource group or subscription, was not read"
	}
	return ""
}

// plain turns a value into what encoding/json makes of it.
func plain(v policy.Value) any {
	switch v.Kind() {
	case policy.Bool:
		return v.Bool()
	case policy.Int:
		return float64(v.Int())
	case policy.Float:
		if f := v.Float(); !math.IsNaN(f) && !math.IsInf(f, 0) {
			return f
		}
	case policy.String, policy.Unread:
		return strings.Clone(v.Text())
	case policy.Array, policy.Object:
		var all any
		if json.Unmarshal(v.AppendJSON(nil), &all) == nil {
			return all
		}
	}
	return nil
}
