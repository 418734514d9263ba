package data

// nodeBytes is what a node takes beside its text and parts.
const nodeBytes = 64

// Size estimates the bytes of a tree as if no part of it were shared. Counting
// stops beyond budget: a small tree whose parts are shared may be endless when
// it is printed.
func (n *Node) Size(budget int) int {
	if n == nil {
		return 0
	}
	total := nodeBytes + len(n.text)
	if n.tree == nil {
		return total
	}
	for _, key := range n.tree.keys {
		total += len(key) + 16
	}
	for _, item := range n.tree.items {
		if total > budget {
			break
		}
		total += 8 + item.Size(budget-total)
	}
	return total
}

// Size estimates the bytes of a value; see [Node.Size].
func (v Value) Size(budget int) int {
	return nodeBytes + len(v.text) + v.node.Size(budget)
}
