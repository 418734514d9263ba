package plan

import (
	"slices"
)

func (o *optimizer) pruneJoin(n *Join, read needs) pruned {
	s := joinSides(n)
	left, right := needs{}, needs{}
	for i := range n.Cols {
		switch {
		case !read.has(i):
		case i < s.width:
			left[i] = read[i]
		default:
			right[s.right[i-s.width]] = read[i]
		}
	}
	kept := right.copy()
	left = left.copy()
	for i := range n.LeftKeys {
		left.add(n.LeftKeys[i], wholeNeed)
		kept.add(n.RightKeys[i], wholeNeed)
	}
	l, r := o.prune(n.From[0], left), o.prune(n.From[1], kept)
	next := clone(n).(*Join)
	for i := range next.LeftKeys {
		next.LeftKeys[i], next.RightKeys[i] = l.moved(n.LeftKeys[i]), r.moved(n.RightKeys[i])
	}
	next.From = []Node{l.node, r.node}
	return joinedAgain(n, next, s, l, r, right)
}

// joinedAgain lays out the columns of a pruned join: right columns that only the keys read are left out.
func joinedAgain(old, next *Join, s *sidesOf, l, r pruned, right needs) pruned {
	at := make([]int, len(old.Cols))
	for i := range at {
		at[i] = -1
	}
	next.Cols, next.DropRight = nil, nil
	if s.width > 0 {
		next.Cols = slices.Clone(l.node.Columns())
		for i := range s.width {
			if at[i] = l.at[i]; at[i] >= 0 {
				next.Cols[at[i]] = old.Cols[i]
			}
		}
	}
	if old.Kind == "leftsemi" || old.Kind == "leftanti" {
		return pruned{next, at}
	}
	oneSide := old.Kind == "rightsemi" || old.Kind == "rightanti"
	out := map[int]int{} // place on the new right side → place in the old result
	for i, from := range s.right {
		if r.at[from] >= 0 && (oneSide || right.has(from)) {
			out[r.at[from]] = s.width + i
		}
	}
	for i, c := range r.node.Columns() {
		was, wanted := out[i]
		switch {
		case wanted:
			at[was] = len(next.Cols)
			c.Name = old.Cols[was].Name
		case oneSide:
		default:
			next.DropRight = append(next.DropRight, i)
			continue
		}
		next.Cols = append(next.Cols, c)
	}
	return pruned{next, at}
}

// pruneUnion prunes each input by itself.
func (o *optimizer) pruneUnion(n *Union, read needs) pruned {
	next := &Union{}
	at := make([]int, len(n.Cols))
	for i, c := range n.Cols {
		if at[i] = -1; read.has(i) {
			at[i] = len(next.Cols)
			next.Cols = append(next.Cols, c)
		}
	}
	for k, leg := range n.From {
		below := needs{}
		for i, to := range n.Into[k] {
			if to >= 0 && read.has(to) {
				below.of(i).merge(nil, read[to])
			}
		}
		p := o.prune(leg, below)
		into := make([]int, len(p.node.Columns()))
		for i := range into {
			into[i] = -1
		}
		for i, to := range n.Into[k] {
			if to >= 0 && p.at[i] >= 0 {
				into[p.at[i]] = at[to]
			}
		}
		next.From, next.Into = append(next.From, p.node), append(next.Into, into)
	}
	return pruned{next, at}
}
