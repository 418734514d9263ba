package resourcegraph

import (
	"context"
	"slices"
	"sync"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/kql"
	"github.com/bartizan-dev/bartizan/kql/data"
)

// unreadColumn lists the paths of a resource's body that were not read, or cannot
// be believed: ["properties.SecurityGroupIngress"], null where there are none. Of
// the table of resources, for queries that name it.
var unreadColumn = columnNamed("unread")

// isNamedOnly tells a column that only those get who name it.
func isNamedOnly(column int) bool { return column >= listed }

// gaps are what was not read, once somebody asked for it.
type gaps struct {
	mu    sync.Mutex
	paths *assess.UnreadPaths
}

// unreadPaths reads the inputs for what their read records say, which may stand
// behind the resources that they are about; once for all queries.
func (e *Estate) unreadPaths(ctx context.Context) (*assess.UnreadPaths, error) {
	e.gaps.mu.Lock()
	defer e.gaps.mu.Unlock()
	if e.gaps.paths != nil {
		return e.gaps.paths, nil
	}
	paths := assess.NewUnreadPaths()
	for _, scope := range e.source.hierarchy() {
		paths.Scope(scope)
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	s := newScan(&inventoryTable{estate: e}, kql.Request{}) // of no table: it has no rows
	s.learns = paths
	ended := make(chan error, 1)
	go func() { ended <- s.read(ctx) }()
	s.inOrder(func(*data.Batch) bool { return true })
	if err := <-ended; err != nil {
		return nil, err
	}
	e.gaps.paths = paths
	return paths, nil
}

// unreadPaths takes the read records that are kept.
func (k *kept) unreadPaths(ctx context.Context) (*assess.UnreadPaths, error) {
	reads, err := k.Store.Reads(ctx, k.Excerpt.Commit())
	if err != nil {
		return nil, err
	}
	paths := assess.NewUnreadPaths()
	for _, scope := range k.scopes() {
		paths.Scope(scope)
	}
	for i := range reads {
		paths.Read(reads[i].Record)
	}
	return paths, nil
}

// unreadOf is the value of the column. The whole body is told as its members.
func (s *scan) unreadOf(d *decoded) *data.Node {
	if s.unread == nil {
		return nil
	}
	paths := s.unread.Of(d.Resource)
	if len(paths) == 0 {
		return nil
	}
	if i := slices.Index(paths, ""); i >= 0 {
		paths = slices.Delete(paths, i, i+1)
		for _, member := range []string{"properties", "tags", "sku", "identity"} {
			if !slices.Contains(paths, member) {
				paths = append(paths, member)
			}
		}
	}
	return data.NodeOfStrings(paths)
}
