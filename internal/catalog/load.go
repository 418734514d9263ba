package catalog

import (
	_ "embed" // the packed form
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/bartizan-dev/bartizan/policy"
)

//go:generate go test -run ^TestPacked_is_fresh$ . -update

//go:embed packed.bin
var packed string

// Catalog is the built-in content. It is made by [Load] or [Parse], never
// changes, and may be used by several goroutines.
type Catalog struct {
	entries  []Entry // by id
	controls []Control
	aliases  json.RawMessage
	always   map[string][]string
	kinds    json.RawMessage

	// From Parse: everything. From Load: nil until asked for.
	recommendations []*Recommendation // parallel to entries
	standards       []*Standard

	packed *unpacker // nil from Parse

	kindsOnce sync.Once // a unit that is judged asks for them
	kindsRead *policy.Kinds
	kindsErr  error
}

// Load opens the embedded catalogue. Its cost is that of the list of entries;
// texts, rules and standards are decoded when they are asked for.
func Load() (*Catalog, error) { return unpack(packed) }

// Entries lists all recommendations by id. The slice is shared.
func (c *Catalog) Entries() []Entry { return c.entries }

// Controls lists the secure-score controls, most points first as in
// controls.yaml. The slice is shared.
func (c *Catalog) Controls() []Control { return c.controls }

// Control finds a secure-score control by its id.
func (c *Catalog) Control(id string) (Control, bool) {
	for _, control := range c.controls {
		if control.ID == id {
			return control, true
		}
	}
	return Control{}, false
}

// Aliases gives the alias table that the Azure rules need, in the form
// {"<type>": {"<name below the type, or full name>": "<path>"}}.
func (c *Catalog) Aliases() (json.RawMessage, error) {
	if c.packed == nil {
		return c.aliases, nil
	}
	return c.packed.aliases()
}

// Always gives, by resource type, the fields that the provider always returns.
func (c *Catalog) Always() (map[string][]policy.AlwaysField, error) {
	entries, err := c.alwaysEntries()
	if err != nil {
		return nil, err
	}
	fields := make(map[string][]policy.AlwaysField, len(entries))
	for resourceType, all := range entries {
		for _, entry := range all {
			field, err := alwaysField(entry)
			if err != nil {
				return nil, err
			}
			fields[resourceType] = append(fields[resourceType], field)
		}
	}
	return fields, nil
}

func (c *Catalog) alwaysEntries() (map[string][]string, error) {
	if c.packed == nil {
		return c.always, nil
	}
	return c.packed.always()
}

// Kinds gives of what kinds the values are that providers outside Azure return.
func (c *Catalog) Kinds() (*policy.Kinds, error) {
	c.kindsOnce.Do(func() { c.kindsRead, c.kindsErr = c.readKinds() })
	return c.kindsRead, c.kindsErr
}

func (c *Catalog) readKinds() (*policy.Kinds, error) {
	if c.packed == nil {
		return newKinds(c.kinds)
	}
	text, err := c.packed.kinds()
	if err != nil {
		return nil, err
	}
	return newKinds(text)
}

// Recommendation gives one recommendation whole. An unknown id is an error,
// as is a packed form that cannot be decoded.
func (c *Catalog) Recommendation(id string) (*Recommendation, error) {
	i, found := slices.BinarySearchFunc(c.entries, id, func(e Entry, id string) int { return strings.Compare(e.ID, id) })
	if !found {
		return nil, fmt.Errorf("recommendation %q: there is none of this id", id)
	}
	if c.packed == nil {
		return c.recommendations[i], nil
	}
	return c.packed.recommendation(i)
}

// Recommendations gives all recommendations whole, by id. What it points to is
// shared and must not be changed.
func (c *Catalog) Recommendations() ([]*Recommendation, error) {
	if c.packed == nil {
		return c.recommendations, nil
	}
	return c.packed.recommendations()
}

// Standards gives all standards, by id. What it points to is shared and must
// not be changed.
func (c *Catalog) Standards() ([]*Standard, error) {
	if c.packed == nil {
		return c.standards, nil
	}
	return c.packed.standards()
}

// once decodes something a single time and keeps it or the error.
type once[T any] struct {
	do    sync.Once
	value T
	err   error
}

func (o *once[T]) get(make func() (T, error)) (T, error) {
	o.do.Do(func() { o.value, o.err = make() })
	return o.value, o.err
}
