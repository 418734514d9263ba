package contoso

import (
	"fmt"
	"io"
)

// readAt is when every read of the demo estate began: the estate knows no
// clock.
const readAt = "2026-11-22T02:00:00Z"

// placeholder stands wherever a real body would hold a secret.
const placeholder = "not-a-secret-placeholder"

// estate is everything there is at Contoso, in the order in which it is written.
type estate struct {
	scopes   []object // {id, parent, kind, name}
	reads    []object
	azure    []object // as Azure Resource Manager answers
	aws      []awsResource
	gcp      []asset
	machines []object
}

// build makes the whole estate. It is small enough to be made anew for each
// writer, so that nothing is shared and nothing can change.
func build() *estate {
	e := &estate{}
	e.addAzure()
	e.addAWS()
	e.addGCP()
	e.addMachines()
	e.addReads()
	return e
}

// scope adds one node of the tree.
func (e *estate) scope(id, parent, kind, name string) {
	e.scopes = append(e.scopes, object{
		{"id", id},
		{"parent", when(parent != "", parent)},
		{"kind", kind},
		{"name", name},
	})
}

// lines gives every line of the estate: scopes, read records, resources.
func (e *estate) lines() []object {
	out := append([]object{}, e.scopes...)
	out = append(out, e.reads...)
	out = append(out, e.azure...)
	for _, r := range e.aws {
		out = append(out, r.line())
	}
	for _, a := range e.gcp {
		out = append(out, a.line())
	}
	return append(out, e.machines...)
}

// writeLines writes one JSON object a line.
func writeLines(w io.Writer, lines []object) error {
	var b []byte
	var err error
	for i, line := range lines {
		if b, err = appendJSON(b[:0], line); err != nil {
			return fmt.Errorf("record %d: %w", i+1, err)
		}
		if _, err = w.Write(append(b, '\n')); err != nil {
			return fmt.Errorf("write record %d: %w", i+1, err)
		}
	}
	return nil
}

// writeValue writes one JSON value and a line end.
func writeValue(w io.Writer, v any) error {
	b, err := appendJSON(nil, v)
	if err != nil {
		return err
	}
	_, err = w.Write(append(b, '\n'))
	return err
}
