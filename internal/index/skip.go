package index

// Skip gives the place behind which a page begins that leaves out so many rows;
// nil for the beginning. There are as many.
func (s *Selection) Skip(checks bool, by []Order, rows int) *Place {
	if rows <= 0 {
		return nil
	}
	var found *Place
	keys, backwards := Expand(checks, by)
	d := descent{s: s, checks: checks, keys: keys}
	d.over = func(b *bucket) bool {
		count, ok := s.rowsOf(b, checks)
		if !ok || count >= rows {
			return false
		}
		rows -= count
		return true
	}
	d.call = func(b *bucket, _ *Place) bool {
		p := pass{s: s, bucket: b, checks: checks, backwards: backwards, left: rows}
		row, ok := p.find()
		if rows = p.left; ok {
			at := s.PlaceOf(by, row)
			found = &at
		}
		return !ok
	}
	d.from(nil)
	return found
}

// pass goes over the rows of a bucket until so many are left behind.
type pass struct {
	s                 *Selection
	bucket            *bucket
	checks, backwards bool
	left              int
	units             []whole // those that are still ahead
}

// find gives the last of the rows that are left behind, unless the bucket ends before.
func (p *pass) find() (Row, bool) {
	p.units = wholes(p.s.index.rules, p.bucket.units, p.backwards)
	if p.bucket.bare() {
		return p.ofUnits(len(p.units))
	}
	r := p.s.named(p.bucket, p.checks)
	count := p.count()
	sums := p.s.runSums(p.bucket, p.checks, r, count)
	for run := range r.toward(r.first(p.backwards), p.backwards) {
		units := p.unitsBefore(r, run)
		sum := sums[run]
		for i := range p.units[:units] {
			sum += len(p.units[i].checks)
		}
		if sum < p.left {
			p.left, p.units = p.left-sum, p.units[units:]
			continue
		}
		return p.inRun(r, run, units, count)
	}
	return p.ofUnits(len(p.units))
}

// count gives how many rows a resource of the bucket has.
func (p *pass) count() func(n uint32) int {
	s, rule := p.s, p.bucket.rule()
	laid := s.index.resources.laid
	switch {
	case !p.checks || rule >= 0 && len(s.reasons.Values) == 0:
		return func(uint32) int { return 1 }
	case rule < 0:
		return s.weight()
	}
	return func(n uint32) (rows int) {
		for _, v := range s.index.tuples.of(laid[n]) {
			if s.wants(v) && s.index.rules.number(v.Evaluation) == rule {
				rows++
			}
		}
		return rows
	}
}

// unitsBefore is how many of the units ahead come before the last resource of a run.
func (p *pass) unitsBefore(r *named, run int) (units int) {
	if len(p.units) == 0 {
		return 0
	}
	members := r.in.members(run)
	last := members[len(members)-1]
	if p.backwards {
		last = members[0]
	}
	for units < len(p.units) && p.units[units].before(r.columns.name(last), p.backwards) {
		units++
	}
	return units
}

// inRun finds the row among those of a run and of the units before its end.
func (p *pass) inRun(r *named, run, units int, count func(uint32) int) (row Row, ok bool) {
	r.ordered(run, p.backwards, func(n uint32) bool {
		before := 0
		for before < units && p.units[before].before(r.columns.name(n), p.backwards) {
			before++
		}
		if row, ok = p.ofUnits(before); ok {
			return false
		}
		units -= before
		if each := count(n); each < p.left {
			p.left -= each
			return true
		}
		own := p.s.appendRows(nil, n, p.checks, p.bucket.rule(), nil, p.left)
		row, ok, p.left = own[len(own)-1], true, 0
		return false
	})
	if ok {
		return row, true
	}
	return p.ofUnits(units)
}

// ofUnits leaves behind the rows of some of the units ahead.
func (p *pass) ofUnits(units int) (Row, bool) {
	for ; units > 0; units-- {
		u := &p.units[0]
		if p.left <= len(u.checks) {
			return u.row(p.left - 1), true
		}
		p.left, p.units = p.left-len(u.checks), p.units[1:]
	}
	return Row{}, false
}
