package estate

import (
	"context"
	"fmt"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/govern"
	"github.com/bartizan-dev/bartizan/internal/index"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// fewNames is how many of several resources of one name are told.
const fewNames = 10

// TheOne finds the resource among some that is meant by less than tells it from all
// others: nil if there is none; if there are several, what is wanted instead.
func TheOne(among *index.Selection, named *govern.Resource) (r *index.Resource, problem string) {
	found := among.Called(named.ID, named.Type, named.Unit, named.Region, fewNames+1)
	switch len(found) {
	case 0:
		return nil, ""
	case 1:
		return &found[0], ""
	}
	names := make([]string, min(len(found), fewNames))
	for i := range names {
		names[i] = posture.Qualified(found[i].ID, found[i].Type, found[i].Unit, found[i].Region)
	}
	if len(found) > fewNames {
		names = append(names, "…")
	}
	return nil, fmt.Sprintf("several resources are called %s; give type, unit and region too, or one of %s", named.ID, strings.Join(names, ", "))
}

// NameWholly completes the names of a document's resources, where each is the only
// one of its name among some. One that is not there stays as it is.
func NameWholly(among *index.Selection, d govern.Document) error {
	var wrong govern.Problems
	place := d.Where()
	for i := range place.Resources {
		named := &place.Resources[i]
		if among.Has(named.Key()) {
			continue
		}
		r, problem := TheOne(among, named)
		switch {
		case problem != "":
			wrong = append(wrong, govern.Problem{Path: fmt.Sprintf("resources[%d]", i), Want: problem})
		case r != nil:
			*named = govern.Resource{ID: r.ID, Type: r.Type, Unit: r.Unit, Region: r.Region}
		}
	}
	if len(wrong) > 0 {
		return wrong
	}
	return nil
}

// NameWholly completes the names of a document's resources among all that there are.
func (e *Estate) NameWholly(ctx context.Context, d govern.Document) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	x, err := e.posture(ctx)
	if err != nil {
		return err
	}
	return NameWholly(x.Select(index.Filter{}), d)
}
