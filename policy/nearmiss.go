package policy

import "slices"

// nearMiss is a related resource that fails a check.
type nearMiss struct {
	id, fullName string
	distance     int
	evidence     []Evidence
	failures     []string  // of its expressions
	open         bool      // it may pass: something of it was not read, or failed
	unnamed      bool      // its name is not known either
	body         *Resource // for checks that depend on both resources; what it lacks depends on the other one
}

// fits reports whether a near miss may be what a query looks for by name and kind.
func (m *nearMiss) fits(q *Query) bool {
	if !q.AnyName && !nameMatches(q.Name, m.fullName) {
		return false
	}
	return m.body == nil || !q.fits(m.body).False()
}

// nearMisses are the related resources that fail a check at a place. Of those
// that are alike to all resources under if, only the one that comes closest is
// in the list.
type nearMisses struct {
	list []*nearMiss
	more int         // besides those in the list
	open []*nearMiss // the first by id that may pass, if it is not in the list for itself
	// unseen are those that could not be read at all, the first that came.
	unseen []*nearMiss
	// failures are what expressions said of those that are alike to all.
	failures []string
}

// maxFailures bounds how many messages are kept of a check at a place.
const maxFailures = 3

// maxNearMisses bounds how many related resources are kept at a place for a
// check that depends on both resources, or that looks for a computed name.
const maxNearMisses = 10_000

// maxUnseen bounds how many related resources that could not be read are kept at
// a place for a check.
const maxUnseen = 100

// wants reports whether a near miss is kept, of those that are alike to all only
// the closest; the others are counted.
func (n *nearMisses) wants(m *nearMiss, depends bool) bool {
	switch {
	case len(n.list) == 0, depends && len(n.list) < maxNearMisses, !depends && m.before(n.list[0]):
		return true
	}
	n.more++
	return false
}

// keepOpen keeps a near miss that may pass if its id comes first.
func (n *nearMisses) keepOpen(m *nearMiss, evidence func() []Evidence) {
	if len(n.open) > 0 && n.open[0].id <= m.id {
		return
	}
	kept := *m
	kept.evidence = evidence()
	n.open = []*nearMiss{&kept}
}

// keepUnseen keeps one that could not be read at all.
func (n *nearMisses) keepUnseen(m *nearMiss, r *Resource, q *Query, c *Closest, p *pending) {
	if len(n.unseen) >= maxUnseen {
		return
	}
	if m.unnamed = r.isUnnamed(); p.late {
		m.body = r.copied()
	} else {
		t := c.frame(r, r).trace(c.condition(p, r))
		m.open = !t.Outcome.False()
		m.evidence = q.openEvidence(m.id, r, t, q)
	}
	n.unseen = append(n.unseen, m)
}

// count is how many related resources there are that a query may look for, and
// that were read.
func (n *nearMisses) count(q *Query) int {
	count := n.more
	for _, miss := range n.list {
		if miss.fits(q) {
			count++
		}
	}
	return count
}

func (n *nearMisses) add(m *nearMiss, depends bool) {
	if len(n.list) == 1 && !depends {
		n.list[0] = m
		n.more++
		return
	}
	n.list = append(n.list, m)
}

// with gives the near misses of two places together, n or o alone where the
// other is nil.
func (n *nearMisses) with(o *nearMisses) *nearMisses {
	switch {
	case n == nil:
		return o
	case o == nil:
		return n
	}
	return &nearMisses{
		list: slices.Concat(n.list, o.list), more: n.more + o.more, open: slices.Concat(n.open, o.open),
		unseen: slices.Concat(n.unseen, o.unseen), failures: slices.Concat(n.failures, o.failures),
	}
}

// distance is how much a condition lacks to be true: the sum over what has to
// hold together, the least of alternatives.
func (c *Closest) distance(f *frame, cd *cond) int {
	switch cd.kind {
	case AllOf:
		sum := 0
		for _, k := range cd.kids {
			sum += c.distance(f, k)
		}
		return sum
	case AnyOf:
		least := 0
		for i, k := range cd.kids {
			if d := c.distance(f, k); i == 0 || d < least {
				least = d
			}
		}
		return least
	}
	if f.evaluate(cd).True() {
		return 0
	}
	weight, known := c.weights[cd]
	if !known {
		weight = 1
		if cd.source != nil && cd.source.relates() {
			weight = relatedWeight
		}
		c.weights[cd] = weight
	}
	return weight
}

// distance is the same of what was traced.
func (t *Trace) distance() int {
	switch t.Kind {
	case "allOf":
		sum := 0
		for _, child := range t.Children {
			sum += child.distance()
		}
		return sum
	case "anyOf":
		least := 0
		for i, child := range t.Children {
			if d := child.distance(); i == 0 || d < least {
				least = d
			}
		}
		return least
	}
	switch {
	case t.Outcome.True():
		return 0
	case t.relates:
		return relatedWeight
	}
	return 1
}

// relatedWeight is how much a leaf weighs that compares with the resource under
// if: who fails it likely belongs to another one.
const relatedWeight = 10

// relates reports whether a condition compares with a field of the resource
// under if.
func (c *Condition) relates() bool {
	return len(c.Left.uses().fields)+len(c.Right.uses().fields) > 0
}

// lacking is what a related resource lacks, by a trace.
func lacking(id string, t *Trace) []Evidence {
	e := &evidenceReader{resource: id}
	e.read(t, true)
	return e.done()
}

// before prefers what lacks less; the id makes the order stable.
func (m *nearMiss) before(o *nearMiss) bool {
	return m.distance < o.distance || m.distance == o.distance && m.id < o.id
}

// unseenEvidence is what there is to tell of a resource that could not be read
// where it would pass if it were there.
func unseenEvidence(id, reason string) []Evidence {
	return []Evidence{{Path: "id", Found: unreadValue(gapReason(reason), ""), Wanted: "known: whether it is there", Resource: id}}
}

// openEvidence is what leaves open whether a candidate passes, by the trace of the
// existence condition on it, nil if there is none. The id is the candidate's, and the
// shown query is for people.
func (q *Query) openEvidence(id string, c *Resource, condition *Trace, shown *Query) (told []Evidence) {
	switch fits := q.fits(c); {
	case c.Unseen != "" && (condition == nil || condition.Outcome.Known()):
		return unseenEvidence(id, c.Unseen)
	case c.Unseen == "" && !fits.Known():
		told = append(told, Evidence{Path: "kind", Found: unreadValue(fits, ""), Wanted: Equals.String() + " " + short(StringValue(shown.Kind)), Resource: id})
	}
	if condition != nil && !condition.Outcome.Known() {
		told = append(told, lacking(id, condition)...)
	}
	return told
}

// closestOf is what the closest lacks of candidates that all have failed.
func closestOf(candidates []CandidateTrace) []Evidence {
	var best *nearMiss
	var of *Trace
	for _, c := range candidates {
		if c.Condition == nil || c.Unseen != "" {
			continue
		}
		miss := &nearMiss{id: c.ID, distance: c.Condition.distance()}
		if best == nil || miss.before(best) {
			best, of = miss, c.Condition
		}
	}
	if best == nil {
		return nil
	}
	return lacking(best.id, of)
}

// openOf is what was not read of the first candidate that may pass.
func openOf(candidates []CandidateTrace) []Evidence {
	var first CandidateTrace
	for _, c := range candidates {
		if len(c.open) > 0 && (len(first.open) == 0 || c.ID < first.ID) {
			first = c
		}
	}
	return first.open
}
