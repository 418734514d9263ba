package plan

import "slices"

// clone copies a step, its expressions' slots included, so that they can be
// changed. Subjects and steps that are shared by pointer are not copied.
func clone(n Node) Node {
	switch n := n.(type) {
	case *Scan:
		c := *n
		return &c
	case *Filter:
		c := *n
		return &c
	case *Project:
		c := *n
		c.Exprs = slices.Clone(n.Exprs)
		return &c
	case *Summarize:
		c := *n
		c.Keys, c.Aggregates = slices.Clone(n.Keys), cloneAggregates(n.Aggregates)
		return &c
	case *Take:
		c := *n
		return &c
	case *Sample:
		c := *n
		return &c
	case *Sort:
		c := *n
		c.Keys = slices.Clone(n.Keys)
		return &c
	case *Top:
		c := *n
		c.Keys = slices.Clone(n.Keys)
		return &c
	case *Join:
		c := *n
		c.LeftKeys, c.RightKeys = slices.Clone(n.LeftKeys), slices.Clone(n.RightKeys)
		return &c
	case *Union:
		c := *n
		return &c
	case *Expand:
		c := *n
		c.Items = slices.Clone(n.Items)
		return &c
	case *Apply:
		c := *n
		c.Items = slices.Clone(n.Items)
		return &c
	}
	return cloneRare(n)
}

func cloneRare(n Node) Node {
	switch n := n.(type) {
	case *Range:
		c := *n
		return &c
	case *Parse:
		c := *n
		return &c
	case *ParseKV:
		c := *n
		return &c
	case *MakeSeries:
		c := *n
		c.Keys, c.Aggregates = slices.Clone(n.Keys), cloneAggregates(n.Aggregates)
		return &c
	case *TopNested:
		c := *n
		c.Levels = slices.Clone(n.Levels)
		for i := range c.Levels {
			c.Levels[i].By.Args = slices.Clone(c.Levels[i].By.Args)
		}
		return &c
	case *Plugin:
		c := *n
		c.Args = slices.Clone(n.Args)
		return &c
	case *Late:
		c := *n
		return &c
	case *ScanSteps:
		c := *n
		return &c
	case *Partition:
		c := *n
		return &c
	case *Reduce:
		c := *n
		return &c
	case *Graph:
		c := *n
		return &c
	case *Match:
		c := *n
		c.Exprs = slices.Clone(n.Exprs)
		return &c
	case *ToTable:
		c := *n
		return &c
	case *Components:
		c := *n
		return &c
	case *GraphFilter:
		c := *n
		return &c
	}
	return n
}

func cloneAggregates(list []Aggregation) []Aggregation {
	list = slices.Clone(list)
	for i := range list {
		list[i].Args = slices.Clone(list[i].Args)
	}
	return list
}

// base gives a step's columns and inputs for changing.
func base(n Node) *Base {
	switch n := n.(type) {
	case *Scan:
		return &n.Base
	case *Filter:
		return &n.Base
	case *Project:
		return &n.Base
	case *Summarize:
		return &n.Base
	case *Take:
		return &n.Base
	case *Sample:
		return &n.Base
	case *Sort:
		return &n.Base
	case *Top:
		return &n.Base
	case *Join:
		return &n.Base
	case *Union:
		return &n.Base
	case *Expand:
		return &n.Base
	case *Apply:
		return &n.Base
	case *Parse:
		return &n.Base
	case *ParseKV:
		return &n.Base
	}
	return rareBase(n)
}

func rareBase(n Node) *Base {
	switch n := n.(type) {
	case *Rows:
		return &n.Base
	case *Range:
		return &n.Base
	case *MakeSeries:
		return &n.Base
	case *TopNested:
		return &n.Base
	case *Plugin:
		return &n.Base
	case *Late:
		return &n.Base
	case *Materialize:
		return &n.Base
	case *Subject:
		return &n.Base
	case *ScanSteps:
		return &n.Base
	case *Partition:
		return &n.Base
	case *Reduce:
		return &n.Base
	case *Graph:
		return &n.Base
	case *Match:
		return &n.Base
	case *ToTable:
		return &n.Base
	case *Components:
		return &n.Base
	case *GraphFilter:
		return &n.Base
	}
	return &Base{}
}

// slots are the places of a cloned step's expressions over its first input's
// rows. A join's keys, and what a Match or ScanSteps computes over rows of its
// own making, are not among them.
func slots(n Node) []*Expr {
	switch n := n.(type) {
	case *Filter:
		return []*Expr{&n.Where}
	case *Project:
		return pointersTo(n.Exprs)
	case *Summarize:
		return append(pointersTo(n.Keys), aggregateSlots(n.Aggregates)...)
	case *Sort:
		return keySlots(n.Keys)
	case *Top:
		return keySlots(n.Keys)
	case *Expand:
		return itemSlots(n.Items)
	case *Apply:
		return itemSlots(n.Items)
	case *Parse:
		return []*Expr{&n.Value}
	case *ParseKV:
		return []*Expr{&n.Value}
	case *MakeSeries:
		return append(append(pointersTo(n.Keys), aggregateSlots(n.Aggregates)...), &n.On)
	case *TopNested:
		var list []*Expr
		for i := range n.Levels {
			list = append(append(list, &n.Levels[i].Of), pointersTo(n.Levels[i].By.Args)...)
		}
		return list
	case *Partition:
		return []*Expr{&n.By}
	case *Reduce:
		return []*Expr{&n.By}
	}
	return nil
}

func pointersTo(list []Expr) []*Expr {
	slots := make([]*Expr, len(list))
	for i := range list {
		slots[i] = &list[i]
	}
	return slots
}

func aggregateSlots(list []Aggregation) []*Expr {
	var slots []*Expr
	for i := range list {
		slots = append(slots, pointersTo(list[i].Args)...)
	}
	return slots
}

func keySlots(list []Key) []*Expr {
	var slots []*Expr
	for i := range list {
		slots = append(slots, &list[i].Value)
	}
	return slots
}

func itemSlots(list []ExpandItem) []*Expr {
	var slots []*Expr
	for i := range list {
		slots = append(slots, &list[i].Value)
	}
	return slots
}

// looseSlots are the other expressions of a step, which read no input row or
// one that pruning does not change: numbers of rows, bounds, keys of joins.
func looseSlots(n Node) []*Expr {
	switch n := n.(type) {
	case *Take:
		return []*Expr{&n.Rows}
	case *Sample:
		return []*Expr{&n.Rows}
	case *Top:
		return []*Expr{&n.Rows}
	case *Range:
		return []*Expr{&n.Low, &n.High, &n.Step}
	case *Join:
		return append(pointersTo(n.LeftKeys), pointersTo(n.RightKeys)...)
	case *Expand:
		return []*Expr{&n.Limit}
	case *Apply:
		return []*Expr{&n.Limit}
	case *MakeSeries:
		return []*Expr{&n.Low, &n.High, &n.Step}
	case *Match:
		return append(pointersTo(n.Exprs), &n.Where)
	case *GraphFilter:
		return []*Expr{&n.Where}
	}
	return nil
}
