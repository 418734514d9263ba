package assess

import (
	"io"
	"time"

	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/internal/inventory"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

// Input is one stream of inventory. It may be opened more than once.
type Input struct {
	Name string
	Size int64 // bytes, 0 if not known
	Open func() (io.ReadCloser, error)
	// Stamp gives what is another text once the input has changed, such as the
	// time of that; nil if it cannot.
	Stamp func() string
}

// Completeness is a caller's word that something was read completely.
type Completeness struct {
	All   bool
	Scope string
	Type  string // "" for every type
}

// Filter chooses the resources that are judged. Empty lists choose everything.
type Filter struct {
	Scopes        []string
	ResourceTypes []string
}

// Options say what is assessed, by what, and how.
type Options struct {
	Inputs []Input
	// Unread are inputs that could not even be opened: what they have is lost.
	Unread    []inventory.Problem
	Hierarchy []posture.Scope
	Library   *policy.Library  // from --catalog; nil for none
	BuiltIn   *catalog.Catalog // nil for none
	// Aliases is the whole table of aliases, the catalogue's among them, which nobody
	// changes; nil for the library's with the catalogue's.
	Aliases *policy.Aliases

	// Initiatives and Policies choose by name or id; with either, nothing else
	// is judged. A policy may be a recommendation, an initiative a standard.
	Initiatives, Policies []string
	// Standards choose by id or title whose compliance is told, besides the
	// OwnStandards and OwnInitiatives: built-in standards and initiatives of the
	// library. Without any it is that of what is judged: the default standards of
	// the clouds that are met, or what Initiatives choose. "all" means every
	// built-in one.
	Standards    []string
	OwnStandards []*catalog.Standard
	// OwnInitiatives are of files that were named for their sake. The library has
	// them, unless one of them has the id of another.
	OwnInitiatives []*policy.Initiative
	// Assignments say where definitions of the library are judged; without
	// any, all are judged everywhere.
	Assignments  []*policy.Assignment
	Exemptions   []*policy.Exemption
	Attestations []*policy.Attestation
	// Parameters are values by policy (name or id) and parameter.
	// ParameterPlaces says for messages where those of a policy stand, as far as
	// that is known.
	Parameters      map[string]map[string]policy.Value
	ParameterPlaces map[string]string

	// Only says which rules are judged of those that all else chooses; nil for all.
	// Others make no checks, as if they were disabled.
	Only func(JudgedRule) bool

	Complete []Completeness
	Partial  bool // nothing is complete
	Filter   Filter
	Now      time.Time
	Workers  int // 0: one a core
	// Progress is told how many bytes of the inputs are read, unpacked; total is
	// the sum of their sizes. It may be called from several goroutines.
	Progress func(stage string, done, total int64)
	// Evidence says that the checks will be read with their evidence.
	Evidence bool
	// Bare says that the checks are read without evidence, conflicts and the
	// messages of expressions that failed, which costs less.
	Bare bool
	// ByUnit asks for the result of each unit too.
	ByUnit bool
}
