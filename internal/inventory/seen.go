package inventory

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// Seen says what one input turned out to be.
type Seen struct {
	File string
	// Format is in words: "Azure Resource Manager, JSON lines". Several
	// shapes in one input stand in the order of how often they occur.
	Format    string
	Records   int // whole records looked at
	Resources int // resources handed to the sink
	Rejected  int // places and records that were handed over as a Problem
	Deleted   int // records that say that a resource is gone
	// Unmapped counts, by type, the resources kept but not brought into a
	// schema's shape.
	Unmapped map[string]int
	// Pages are answers of list calls that say that they have only a part, and
	// what follows such ones, in no order.
	Pages []Page
	// None are types of which a record says that something it tells of has none. They
	// were read as those are that the input has resources of.
	None map[TypeIn]bool

	// Unasked are types of which a record says nothing although others of its kind do.
	Unasked map[TypeIn]bool

	shapes map[string]int
}

// TypeIn is a type of resources in a unit.
type TypeIn struct{ Unit, Type string }

// Merge adds what other saw of the same input.
func (s *Seen) Merge(other *Seen) {
	if s.File == "" {
		s.File = other.File
	}
	s.Records += other.Records
	s.Resources += other.Resources
	s.Rejected += other.Rejected
	s.Deleted += other.Deleted
	s.Pages = append(s.Pages, other.Pages...)
	for name, n := range other.Unmapped {
		s.countUnmapped(name, n)
	}
	for shape, n := range other.shapes {
		s.countShape(shape, n)
	}
	for in := range other.None {
		s.noteNone(in)
	}
	for in := range other.Unasked {
		s.noteUnasked(in)
	}
	s.describe()
}

func (s *Seen) noteUnasked(in TypeIn) {
	if s.Unasked == nil {
		s.Unasked = map[TypeIn]bool{}
	}
	s.Unasked[in] = true
}

func (s *Seen) noteNone(in TypeIn) {
	if s.None == nil {
		s.None = map[TypeIn]bool{}
	}
	s.None[in] = true
}

func (s *Seen) countUnmapped(name string, n int) {
	if s.Unmapped == nil {
		s.Unmapped = map[string]int{}
	}
	s.Unmapped[name] += n
}

func (s *Seen) countShape(shape string, n int) {
	if s.shapes == nil {
		s.shapes = map[string]int{}
	}
	s.shapes[shape] += n
}

// NothingRecognised is the format of an input out of which nothing came.
const NothingRecognised = "nothing recognised"

// describe renews Format.
func (s *Seen) describe() {
	names := slices.SortedFunc(maps.Keys(s.shapes), func(a, b string) int {
		return cmp.Or(cmp.Compare(s.shapes[b], s.shapes[a]), cmp.Compare(a, b))
	})
	s.Format = strings.Join(names, "; ")
	if s.Format == "" {
		s.Format = NothingRecognised
	}
}

// shape is what a record turned out to be.
type shape uint8

const (
	shapeARM shape = iota
	shapeGraph
	shapeAzureAccount
	shapeCloudFormation
	shapeCloudControl
	shapeConfig
	shapeOrganizations
	shapeAsset
	shapeAssetPlain
	shapeAssetSearch
	shapeMachine
	shapeRead
	shapeHierarchy
	shapeKept
	shapeCount
)

var shapeNames = [shapeCount]string{
	"Azure Resource Manager", "Azure Resource Graph", "az account list", "CloudFormation shape", "AWS Cloud Control",
	"AWS Config", "AWS Organizations", "Cloud Asset Inventory", "Cloud Asset names and data",
	"Cloud Asset search", "machines", "read records", "scope hierarchy", "Bartizan's own records",
}
