package access

import (
	"slices"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

// Caller is somebody who wants something: a principal with what it was granted,
// itself or through its groups, and what its credential limits that to.
type Caller struct {
	Principal Principal
	Grants    []Grant
	// Limit is the role and scope of a token: the caller may what both the
	// grants and the limit give. Nil for none.
	Limit *Grant
}

// NewCaller makes a caller of a principal and its groups; of the assignments
// those count that belong to one of them. Somebody disabled may nothing, and
// through a disabled group nobody may.
func NewCaller(p Principal, groups []Principal, assignments []RoleAssignment, limit *Grant) Caller {
	c := Caller{Principal: p, Limit: limit}
	if p.Disabled {
		return c
	}
	own := map[string]bool{p.ID: true}
	for _, g := range groups {
		if g.Kind == Group && !g.Disabled {
			own[g.ID] = true
		}
	}
	for _, a := range assignments {
		if own[a.Principal] {
			c.Grants = append(c.Grants, a.Grant())
		}
	}
	return c
}

// May reports whether the caller has a right at a scope, which may be any id: a
// node, "/", or something that lies in a node.
func (c *Caller) May(right Right, scope string, tree *Tree) bool {
	if right == Administer && posture.Fold(scope) != Top {
		return false
	}
	if c.Limit != nil && !(c.Limit.Role.Gives(right) && tree.Covers(c.Limit.Scope, scope)) {
		return false
	}
	return slices.ContainsFunc(c.Grants, func(g Grant) bool { return g.Role.Gives(right) && tree.Covers(g.Scope, scope) })
}

// MayGive reports whether the caller has all that a grant gives, so that it may
// hand it on, in a token of its own for one.
func (c *Caller) MayGive(g Grant, tree *Tree) bool {
	for _, right := range Rights {
		if !g.Role.Gives(right) || right == Administer && posture.Fold(g.Scope) != Top {
			continue
		}
		if !c.May(right, g.Scope, tree) {
			return false
		}
	}
	return g.Role != NoRole
}

// Scopes gives the topmost scopes at which the caller has a right, folded, in
// order; it has it there and below. For [Administer] it is "/" or nothing.
func (c *Caller) Scopes(right Right, tree *Tree) []string {
	var tops []string
	for _, g := range c.Grants {
		if !g.Role.Gives(right) {
			continue
		}
		at := g.Scope
		switch l := c.Limit; {
		case l == nil:
		case !l.Role.Gives(right):
			continue
		case tree.Covers(l.Scope, at):
		case tree.Covers(at, l.Scope):
			at = l.Scope
		default:
			continue
		}
		if at = posture.Fold(at); right != Administer || at == Top {
			tops = append(tops, at)
		}
	}
	slices.Sort(tops)
	return topmost(slices.Compact(tops), tree)
}

// topmost leaves out scopes that stand below others of them.
func topmost(scopes []string, tree *Tree) []string {
	var tops []string
	for _, at := range scopes {
		if !slices.ContainsFunc(scopes, func(other string) bool { return other != at && tree.Covers(other, at) }) {
			tops = append(tops, at)
		}
	}
	return tops
}
