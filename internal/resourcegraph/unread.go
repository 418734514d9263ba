package resourcegraph

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/kql/data"
)

// unreadColumn lists the paths of a resource's body that were not read, or cannot
// be believed: ["properties.SecurityGroupIngress"], null where there are none, and
// in rows that are computed. For queries that name it.
var unreadColumn = columnNamed("unread")

// isNamedOnly tells a column that only those get who name it.
func isNamedOnly(column int) bool { return column >= listed }

// unreadPaths knows what was not read of bodies, by the records of the source. Assessments
// read the same options, so none begins meanwhile.
func (e *Estate) unreadPaths(ctx context.Context) (*assess.UnreadPaths, error) {
	reads, err := e.source.reads(ctx)
	if err != nil {
		return nil, err
	}
	e.verdicts.mu.Lock()
	defer e.verdicts.mu.Unlock()
	if e.gaps.paths == nil {
		e.gaps.paths, err = assess.NewUnreadPaths(&e.options, reads)
	}
	return e.gaps.paths, err
}

// unreadOf is the value of the column. The whole body is told as its members.
func (s *scan) unreadOf(d *decoded) *data.Node {
	if s.unread == nil {
		return nil
	}
	var paths []string
	add := func(path string) {
		if !slices.Contains(paths, path) {
			paths = append(paths, path)
		}
	}
	told := s.unread.Of(d.Resource)
	for _, path := range told {
		if path != "" {
			add(pathInColumns(path))
		}
	}
	if slices.Contains(told, "") {
		for _, member := range wholeBody {
			add(member)
		}
	}
	paths = withoutGuesses(paths)
	if len(paths) == 0 {
		return nil
	}
	return data.NodeOfStrings(paths)
}

// wholeBody is how the column tells a body that was not wholly read.
var wholeBody = []string{"properties", "tags", "sku", "identity"}

// inBrackets is a name of a path in brackets that needs none.
var inBrackets = regexp.MustCompile(`\[(?:'([A-Za-z0-9_$-]+)'|"([A-Za-z0-9_$-]+)")\]`)

// pathInColumns is a path of a body as it leads through the columns: what stands in
// none of them, such as a Google asset's iamPolicy, is looked up below properties.
// Names have dots before them but for those of tags, which may hold any.
func pathInColumns(path string) string {
	if !strings.HasPrefix(strings.ToLower(path), "tags") {
		path = strings.TrimPrefix(inBrackets.ReplaceAllString(path, ".$1$2"), ".")
	}
	first := path
	if end := strings.IndexAny(path, ".["); end >= 0 {
		first = path[:end]
	}
	for i := range columns[:listed] {
		if strings.EqualFold(columns[i].name, first) {
			return columns[i].name + path[len(first):]
		}
	}
	return "properties." + path
}

// withoutGuesses leaves out what a read record's path might have meant and does not:
// one of data.x is told as properties.x alone.
func withoutGuesses(paths []string) []string {
	return slices.DeleteFunc(paths, func(path string) bool {
		for _, outer := range []string{"properties.data", "properties.resource.data", "properties.configuration"} {
			if rest, ok := strings.CutPrefix(path, outer); ok && slices.Contains(paths, "properties"+rest) {
				return true
			}
		}
		return false
	})
}
