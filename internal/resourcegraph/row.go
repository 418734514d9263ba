package resourcegraph

import (
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/kql"
	"github.com/bartizan-dev/bartizan/kql/data"
)

// row is one row of a table that is computed.
type row struct {
	id, name, typ, tenant, kind, location, group, subscription string

	sku, properties, tags, unread *data.Node
}

// text is the value of a string column.
func (r *row) text(column int) string {
	switch columns[column].name {
	case "id":
		return r.id
	case "name":
		return r.name
	case "type":
		return r.typ
	case "tenantId":
		return r.tenant
	case "kind":
		return r.kind
	case "location":
		return r.location
	case "resourceGroup":
		return r.group
	case "subscriptionId":
		return r.subscription
	}
	return ""
}

func (r *row) node(column int) *data.Node {
	switch columns[column].name {
	case "sku":
		return r.sku
	case "properties":
		return r.properties
	case "tags":
		return r.tags
	case "unread":
		return r.unread
	}
	return nil
}

// Columns that computed rows are asked for by name.
var (
	typeColumn       = columnNamed("type")
	idColumn         = columnNamed("id")
	locationColumn   = columnNamed("location")
	groupColumn      = columnNamed("resourceGroup")
	unitColumn       = columnNamed("subscriptionId")
	propertiesColumn = columnNamed("properties")
	kindColumn       = columnNamed("kind")
	skuColumn        = columnNamed("sku")
	tagsColumn       = columnNamed("tags")
)

func columnNamed(name string) int {
	return slices.IndexFunc(columns, func(c column) bool { return c.name == name })
}

// wanted is a request with what computed rows ask of it.
type wanted struct {
	kql.Request
	tests []func(*row) bool
	exact bool // tests are all that is wanted of a row
	// policies says that only checks of policies are wanted.
	policies bool
}

func newWanted(want kql.Request) *wanted {
	w := &wanted{Request: want, exact: true}
	for _, p := range want.Where {
		test := textTest(p)
		w.exact = w.exact && columns[p.Column].text != nil && test != nil && isExact(p)
		if columns[p.Column].text != nil && test != nil {
			w.tests = append(w.tests, func(r *row) bool { return test(r.text(p.Column)) })
		}
	}
	return w
}

// admits says whether rows of a type may be wanted.
func (w *wanted) admits(typeName string) bool {
	for _, p := range w.Where {
		if p.Column != typeColumn {
			continue
		}
		if test := textTest(p); test != nil && !test(typeName) {
			return false
		}
	}
	return true
}

// reads says whether something is read at, above or below a path in properties.
func (w *wanted) reads(path ...string) bool {
	at := slices.Index(w.Columns, propertiesColumn)
	if at < 0 {
		return false
	}
	if at >= len(w.Paths) || w.Paths[at] == nil {
		return true
	}
	return slices.ContainsFunc(w.Paths[at], func(steps []data.Step) bool { return along(steps, path) })
}

// along says whether one of the two paths begins with the other.
func along(steps []data.Step, path []string) bool {
	for i := range min(len(steps), len(path)) {
		if steps[i].IsIndex || steps[i].Key != path[i] {
			return false
		}
	}
	return true
}

// batchRows is how many rows a batch of computed rows has.
const batchRows = 4096

// rowSink makes batches of rows.
type rowSink struct {
	want  *wanted
	batch *data.Batch
	yield func(*data.Batch) bool
	most  int // rows of a batch
	rows  int
	done  bool // nobody wants more
}

func (w *wanted) sink(yield func(*data.Batch) bool) *rowSink {
	return &rowSink{want: w, batch: newBatch(w.Columns), yield: yield, most: batchRows}
}

func newBatch(wanted []int) *data.Batch {
	vectors := make([]*data.Vector, len(wanted))
	for i, c := range wanted {
		vectors[i] = &data.Vector{Type: columns[c].typ()}
	}
	return &data.Batch{Columns: vectors}
}

// add takes a row, if it may be wanted. False: nobody wants more.
func (s *rowSink) add(r *row) bool {
	for _, test := range s.want.tests {
		if !test(r) {
			return !s.done
		}
	}
	for i, c := range s.want.Columns {
		v := s.batch.Columns[i]
		if v.Type == data.String {
			v.Texts = append(v.Texts, r.text(c))
		} else {
			v.Nodes = append(v.Nodes, r.node(c))
		}
		v.Len++
	}
	s.batch.Len++
	s.rows++
	enough := s.want.Limit > 0 && s.want.exact && s.rows >= s.want.Limit
	if enough || s.batch.Len == s.most {
		s.flush()
	}
	s.done = s.done || enough
	return !s.done
}

func (s *rowSink) flush() {
	if s.batch.Len > 0 && !s.done {
		s.done = !s.yield(s.batch)
		s.batch = newBatch(s.want.Columns)
	}
}

// bag builds a dynamic value of members in order.
type bag struct {
	keys   []string
	values []*data.Node
}

func (b *bag) put(key string, value *data.Node) *bag {
	b.keys, b.values = append(b.keys, key), append(b.values, value)
	return b
}

func (b *bag) text(key, value string) *bag { return b.put(key, data.NodeOfString(value)) }

// textIf leaves out an empty text.
func (b *bag) textIf(key, value string) *bag {
	if value == "" {
		return b
	}
	return b.text(key, value)
}

func (b *bag) count(key string, n int) *bag { return b.put(key, data.NodeOfLong(int64(n))) }

func (b *bag) real(key string, f float64) *bag { return b.put(key, data.NodeOfReal(f)) }

func (b *bag) node() *data.Node { return data.NodeOfBag(b.keys, b.values) }

// capital writes a word as Resource Graph does: high is High.
func capital(word string) string {
	if word == "" {
		return ""
	}
	return strings.ToUpper(word[:1]) + word[1:]
}
