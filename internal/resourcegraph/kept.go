package resourcegraph

import (
	"context"
	"iter"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/internal/estate"
	"github.com/bartizan-dev/bartizan/internal/govern"
	"github.com/bartizan-dev/bartizan/internal/index"
	"github.com/bartizan-dev/bartizan/internal/inventory"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/kql"
	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/policy"
)

// Store is where bodies are kept; internal/store has it.
type Store interface {
	estate.UnitStore
	RecordsOf(ctx context.Context, n ledger.Number, resources []uint32) ([][]byte, error)
}

// Kept says what of what is kept the tables are about.
type Kept struct {
	// Excerpt has the resources that are seen, as of the moment. What is told of a
	// unit as a whole is left out unless all of it is among them.
	Excerpt *index.Excerpt
	// Find gives the number of a resource by its key; see [index.Index.Find].
	Find func(key uint64) (uint32, bool)
	// Shows reports whether a scope, of which there may be no resource, is seen.
	Shows func(scope string) bool
	// Exemptions are those that are seen; asked for only if a query reads them.
	Exemptions func(ctx context.Context) ([]KeptExemption, error)
	// Standards are those whose compliance is told; asked for only if a query needs
	// them.
	Standards func() ([]KeptStandard, error)
	// Manual gives the verdict of the check that a manual control, STANDARD:CONTROL,
	// has in a unit: false where there is none.
	Manual func() (func(control, unit string) (index.Verdict, bool), error)
	// Policies are those that judged; asked for only if a query needs them.
	Policies func() (*KeptPolicies, error)

	Store   Store
	Catalog *catalog.Catalog
	Now     time.Time // the moment
	Workers int       // 0: one a core
}

// KeptExemption is an exemption as far as it is seen.
type KeptExemption struct {
	*govern.Exemption
	Active bool
	Commit ledger.Number // that wrote it
}

// KeptStandard is a standard with what it is told of.
type KeptStandard struct {
	*catalog.Standard
	Asked    bool             // it is told without being named
	Evidence map[string][]int // by control: rules, by number among the excerpt's
	Apart    []estate.Apart
	Own      estate.OwnReferences // of an initiative
	Gaps     []estate.Gap
	Parts    []index.Part // where it is told; nil for everywhere
}

// KeptPolicies are policies as of the moment, whoever sees them.
type KeptPolicies struct {
	Documents *govern.Policies
	Assigned  *assess.Assigned // what they come to
	Aliases   *policy.Aliases  // that they may use; nil for the catalogue's
}

// NewKept is the estate that is kept, as of one moment and as far as somebody sees
// it: states, scores and compliance are those of the posture index, bodies are read
// from the store as far as a query asks for them.
func NewKept(k Kept) *Estate {
	e := &Estate{
		options:  assess.Options{BuiltIn: k.Catalog, Now: k.Now, Workers: k.Workers},
		problems: map[inventory.Problem]bool{},
	}
	source := &kept{Kept: k, estate: e}
	source.scopes = sync.OnceValue(func() []posture.Scope { return estate.WithoutRoots(k.Excerpt.Scopes()) })
	source.placed = sync.OnceValue(func() *inventory.Tree {
		t := &inventory.Tree{}
		for _, s := range k.Excerpt.Scopes() {
			t.Add(s)
		}
		return t
	})
	source.words = sync.OnceValues(source.makeWords)
	source.standards, source.manual = sync.OnceValues(source.makeStandards), sync.OnceValues(k.Manual)
	source.laws, source.disabled = sync.OnceValues(source.makeLaws), sync.OnceValue(k.Excerpt.Disabled)
	source.sums, source.sizes = sync.OnceValues(source.sum), sync.OnceValue(k.Excerpt.Sizes)
	e.source = source
	return e
}

// BodiesRead is how many bodies queries have read from the store so far.
func (e *Estate) BodiesRead() int64 {
	if k, ok := e.source.(*kept); ok {
		return k.bodies.Load()
	}
	return 0
}

// kept is the source of what is kept.
type kept struct {
	Kept
	estate *Estate
	words  func() (*assessed, error)
	laws   func() (*laws, error)
	// standards are those whose compliance is told, each with what of the excerpt it
	// is told of.
	standards func() ([]toldStandard, error)
	manual    func() (func(control, unit string) (index.Verdict, bool), error)
	disabled  func() map[string][]string // scopes at which rules are
	sums      func() (*assess.Result, error)
	sizes     func() []index.UnitSize
	scopes    func() []posture.Scope
	placed    func() *inventory.Tree // where scopes stand, with our own roots
	bodies    atomic.Int64
}

func (k *kept) hierarchy() []posture.Scope { return k.scopes() }

func (k *kept) shows(scope string) bool { return k.Shows(scope) }

func (k *kept) kinds(table string) []kind {
	switch table {
	case securityTable:
		return []kind{{keptResourceType, k.resourceRows}}
	case policyTable:
		return []kind{{exemptionType, k.exemptionRows}}
	}
	return nil
}

// scan finds the wanted resources by what the index knows of them, and reads
// their bodies only if a column needs them.
func (k *kept) scan(ctx context.Context, t *inventoryTable, want kql.Request, at *places) iter.Seq2[*data.Batch, error] {
	return func(yield func(*data.Batch, error) bool) {
		if at != nil {
			k.places(at)
		}
		numbers := k.wanted(t.name, &want)
		if needsBodies(&want) {
			k.scanBodies(ctx, t, want, numbers, yield)
			return
		}
		s := newWanted(want).sink(func(b *data.Batch) bool { return yield(b, nil) })
		texts, made := newSharedTexts(), known(want.Columns)
		for _, p := range want.Where {
			made[p.Column] = true // the sink tests it
		}
		for n := range numbers {
			r := k.Excerpt.Resource(n)
			if !s.add(knownRow(&r, texts, made)) {
				return
			}
		}
		s.flush()
	}
}

// places notes where all resources stand.
func (k *kept) places(at *places) {
	for r := range k.Excerpt.Places() {
		at.of(&inventory.Resource{Unit: r.Unit, Group: r.Group, Cloud: r.Cloud})
	}
}

// knownColumns are those that the index knows.
var knownColumns = map[string]bool{"id": true, "name": true, "type": true, "location": true, "resourceGroup": true, "subscriptionId": true}

func needsBodies(want *kql.Request) bool {
	for _, c := range want.Columns {
		if !knownColumns[columns[c].name] {
			return true
		}
	}
	return false
}

// made says which columns of a row are wanted.
type made []bool

func known(wanted []int) made {
	m := make(made, len(columns))
	for _, c := range wanted {
		m[c] = true
	}
	return m
}

// knownRow is what the index knows of a resource's row, as far as it is wanted; all
// of it for nil.
func knownRow(r *index.Resource, texts *sharedTexts, of made) *row {
	known := &row{id: r.ID, name: r.Name}
	if of == nil || of[typeColumn] {
		known.typ = shared(texts.types, r.Type, strings.ToLower)
	}
	if of == nil || of[locationColumn] {
		known.location = shared(texts.locations, r.Facts.Location, spellLocation)
	}
	if of == nil || of[groupColumn] {
		known.group = shared(texts.groups, r.Group, func(s string) string { return strings.ToLower(lastSegment(s)) })
	}
	if of == nil || of[unitColumn] {
		known.subscription = shared(texts.units, r.Unit, lastSegment)
	}
	return known
}

// wanted gives the resources of a table that meet the conditions on known
// columns; if there are no others, no more of them than are wanted.
func (k *kept) wanted(table string, want *kql.Request) iter.Seq[uint32] {
	ofType := func(name string) bool { return standsIn(strings.ToLower(name), table) }
	var inUnit func(string) bool
	var tests []func(*row) bool
	exact := true
	for _, p := range want.Where {
		test := textTest(p)
		if !knownColumns[columns[p.Column].name] || test == nil {
			exact = false
			continue
		}
		exact = exact && isExact(p)
		switch columns[p.Column].name {
		case "type":
			before := ofType
			ofType = func(name string) bool { return test(strings.ToLower(name)) && before(name) }
		case "subscriptionId":
			before := inUnit
			inUnit = func(unit string) bool { return test(lastSegment(unit)) && (before == nil || before(unit)) }
		default:
			tests = append(tests, func(r *row) bool { return test(r.text(p.Column)) })
		}
	}
	numbers := k.Excerpt.Resources(ofType, inUnit)
	if named, ok := k.named(want.Where); ok {
		numbers = k.ofThese(named, ofType, inUnit)
	}
	limit := want.Limit
	if !exact {
		limit = 0
	}
	return func(yield func(uint32) bool) {
		texts, found := newSharedTexts(), 0
		for n := range numbers {
			if len(tests) > 0 && !k.meets(n, tests, texts) {
				continue
			}
			if !yield(n) {
				return
			}
			if found++; found == limit {
				return
			}
		}
	}
}

func (k *kept) meets(n uint32, tests []func(*row) bool, texts *sharedTexts) bool {
	r := k.Excerpt.Resource(n)
	known := knownRow(&r, texts, nil)
	for _, test := range tests {
		if !test(known) {
			return false
		}
	}
	return true
}

// named gives the resources that a condition on ids names, if there is one and its
// ids say all.
func (k *kept) named(where []kql.Predicate) ([]uint32, bool) {
	for _, p := range where {
		fold := p.Op == data.OpEqualFold || p.Op == data.OpInFold
		if p.Column != idColumn || !fold && p.Op != data.OpEqual && p.Op != data.OpIn {
			continue
		}
		var numbers []uint32
		ok := true
		for _, v := range p.Values {
			id := v.Text()
			ok = ok && v.Type() == data.String && posture.SaysAll(id) && (!fold || posture.IsARM(id))
			if n, there := k.Find(ledger.KeyOf(posture.IdentityOf(id, "", "", ""))); there {
				numbers = append(numbers, n)
			}
		}
		if ok {
			return numbers, true
		}
	}
	return nil, false
}

// ofThese leaves of some resources those that are seen, and of wanted types and
// units, each once.
func (k *kept) ofThese(numbers []uint32, ofType, inUnit func(string) bool) iter.Seq[uint32] {
	return func(yield func(uint32) bool) {
		told := map[uint32]bool{}
		for _, n := range numbers {
			if told[n] || !k.Excerpt.Has(n) {
				continue
			}
			told[n] = true
			r := k.Excerpt.Resource(n)
			if ofType(r.Type) && (inUnit == nil || inUnit(r.Unit)) && !yield(n) {
				return
			}
		}
	}
}

// keyText is how a resource's key stands in rows.
func keyText(r *index.Resource) string {
	return strconv.FormatUint(ledger.KeyOf(posture.IdentityOf(r.ID, r.Type, r.Unit, r.Region)), 16)
}
