package resourcegraph

import (
	"slices"
	"strings"

	"github.com/valyala/fastjson"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/inventory"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/policy"
)

// aliasColumn has the values of a resource by the names that policies have for
// them: {"Microsoft.Compute/virtualMachines/…": value}. It is a column of the
// table of resources, made for queries that name it.
var aliasColumn = columnNamed("aliases")

// aliasNames is the table of aliases, once somebody asked for it.
type aliasNames struct {
	table *policy.Aliases
}

// aliasTable is that of --catalog with the catalogue's own. Assessments read the
// same sources, so none begins meanwhile.
func (e *Estate) aliasTable() (*policy.Aliases, error) {
	e.verdicts.mu.Lock()
	defer e.verdicts.mu.Unlock()
	if e.names.table == nil {
		table, err := assess.Aliases(&e.options)
		if err != nil {
			return nil, err
		}
		e.names.table = table
	}
	return e.names.table, nil
}

// aliasesOf is the value of the column, which is column i of what is wanted:
// null where a resource's type has no alias.
func (w *worker) aliasesOf(d *decoded, i int) *data.Node {
	if d.Cloud != posture.Azure {
		return nil
	}
	if d.typed.aliases == nil {
		d.typed.aliases = w.askedAliases(d.typed.name, i)
	}
	if len(d.typed.aliases) == 0 {
		return nil
	}
	body := d.Body
	if d.Outline != nil {
		body = d.Outline.Tree()
	}
	var b bag
	version := d.apiVersion()
	for _, e := range d.typed.aliases {
		b.put(e.Name, d.aliasValue(&e, body, version))
	}
	return b.node()
}

// askedAliases are the aliases of a type that a query names, or all of them.
func (w *worker) askedAliases(typeName string, i int) []policy.AliasEntry {
	asked := []policy.AliasEntry{}
	paths := w.scan.want.Paths
	if i >= len(paths) || paths[i] == nil || slices.ContainsFunc(paths[i], func(p []data.Step) bool { return len(p) == 0 || p[0].IsIndex }) {
		for e := range w.scan.aliases.All() {
			if strings.EqualFold(e.Type, typeName) {
				asked = append(asked, e)
			}
		}
		return asked
	}
	for _, path := range paths[i] {
		e, found, _ := w.scan.aliases.Lookup(path[0].Key, typeName)
		if found && e.Name == path[0].Key && !slices.ContainsFunc(asked, func(o policy.AliasEntry) bool { return o.Name == e.Name }) {
			asked = append(asked, e)
		}
	}
	return asked
}

// aliasValue is one value, an array for an alias that goes through arrays. What
// must not be shown is null.
func (d *decoded) aliasValue(e *policy.AliasEntry, body *fastjson.Value, version string) *data.Node {
	if e.Secret {
		return nil
	}
	values, many := e.ValuesIn(body, version)
	if !many {
		if len(values) == 0 {
			return nil
		}
		return d.detachedNode(values[0])
	}
	items := make([]*data.Node, len(values))
	for i, v := range values {
		items[i] = d.detachedNode(v)
	}
	return data.NodeOfArray(items)
}

// detachedNode is a value of a body as a node that outlives the body.
func (d *decoded) detachedNode(v *fastjson.Value) *data.Node {
	d.scratch = inventory.AppendJSON(d.scratch[:0], v)
	return data.RawJSON(strings.Clone(text(d.scratch)))
}
