package inventory

import (
	"errors"

	"github.com/valyala/fastjson"
)

// listKeys are the members whose array holds the records of an answer.
// Organizations' lists are among them: their records are scopes.
var listKeys = map[string]bool{
	"value": true, "data": true, "resources": true, "assets": true, "results": true, "Results": true,
	"configurationItems": true, "ConfigurationItems": true, "baseConfigurationItems": true, "BaseConfigurationItems": true,
	"ResourceDescriptions": true, "Accounts": true, "OrganizationalUnits": true, "Roots": true,
}

// queryKey is where AWS Config gives the rows of a query.
const queryKey = "Results"

// recordKeys are members that only a record has: an object that shows one
// before a list is a record with a list in it.
var recordKeys = map[string]bool{
	"id": true, "name": true, "type": true, "assetType": true, "asset_type": true, "arn": true, "ARN": true,
	"resourceType": true, "bartizan": true,
}

// wraps reports whether v is an object around records rather than a record,
// by the same rule as [window.object].
func wraps(v *fastjson.Value) bool {
	found, record := false, false
	v.GetObject().Visit(func(key []byte, item *fastjson.Value) {
		switch {
		case found || record:
		case recordKeys[string(key)]:
			record = true
		case !listKeys[string(key)]:
		case item.Type() == fastjson.TypeArray:
			found = true
		case item.Type() == fastjson.TypeObject:
			found = string(key) == "data" && item.Exists("rows")
		}
	})
	return found
}

// object handles the object at pos: a record, or a wrapper whose list's
// elements are records. Up to the list it is held, as it may be a record.
func (s *scan) object() {
	line := s.begin()
	before := s.found
	m := memberWalk{scan: s, held: true}
	err := m.each(m.member)
	if !m.held {
		m.page.First, m.page.Last = line, s.lineOf(min(s.pos, len(s.buf)))
		if m.page.Count == 0 {
			m.page.Count = s.found - before
		}
		s.pages.add(m.page)
	}
	switch {
	case err == nil && m.held:
		s.record(line)
	case err != nil && m.held:
		s.broken(line, err)
		return
	case err != nil && s.emitErr == nil && !s.gaveUp:
		if !errors.Is(err, errEnds) {
			s.problem(s.lineOf(min(s.pos, len(s.buf))), "the wrapper that begins on line %d is broken: %s", line, err)
		} else if !s.endTold && s.endReason() == "" {
			s.unread(s.lineOf(min(s.pos, len(s.buf))), "the input ends inside what begins on line %d", line)
			s.endTold = true
		}
		s.keep = -1
		s.resync("", s.pos)
	}
	s.keep = -1
}

// memberWalk walks the members of one object that may turn out to be a wrapper.
type memberWalk struct {
	*scan
	held     bool
	record   bool
	typeName string
	columns  []string
	page     Page
}

// each calls visit with the key of every member of the object at pos, with
// pos at the value; visit moves past it.
func (m *memberWalk) each(visit func(key string) error) error {
	m.pos++
	for m.next() {
		switch m.buf[m.pos] {
		case '}':
			m.pos++
			return nil
		case ',':
			m.pos++
			continue
		case '"':
		default:
			return errBracket
		}
		key, err := m.text()
		if err != nil {
			return err
		}
		if !m.next() {
			break
		}
		if m.buf[m.pos] != ':' {
			return errBracket
		}
		m.pos++
		if !m.next() {
			break
		}
		if err := visit(key); err != nil {
			return err
		}
	}
	return errEnds
}

// member looks at one member of a top-level object.
func (m *memberWalk) member(key string) error {
	next := m.buf[m.pos]
	switch {
	case recordKeys[key]:
		m.record = true
	case key == "TypeName" && next == '"':
		text, err := m.text()
		m.typeName = text
		return err
	case m.record:
	case isPageKey(key):
		return m.pageMember(key)
	case isUnprocessedKey(key) && next == '[':
		return m.unprocessed()
	case !listKeys[key]:
	case next == '[':
		m.page.List = key
		// A Cloud Control list says its type first, or is read as one record.
		if key != "ResourceDescriptions" || m.typeName != "" {
			return m.list(&wrapper{container: "list in " + key, typeName: m.typeName, query: key == queryKey})
		}
	case next == '{' && key == "data":
		m.page.List = key
		return m.each(m.tableMember)
	}
	return m.value()
}

// tableMember looks at one member of data, which may be a table.
func (m *memberWalk) tableMember(key string) error {
	switch {
	case key == "columns" && m.buf[m.pos] == '[':
		columns, err := m.parsed()
		if columns != nil {
			m.columns = columnNames(columns)
		}
		return err
	case key == "rows" && m.buf[m.pos] == '[' && m.columns != nil:
		return m.list(&wrapper{container: "Resource Graph table", columns: m.columns})
	}
	return m.value()
}

// parsed parses the value at pos and moves past it; nil if it cannot be parsed.
func (m *memberWalk) parsed() (*fastjson.Value, error) {
	held, at := m.keep >= 0, m.pos-max(m.keep, 0)
	if !held {
		m.keep, at = m.pos, 0
	}
	if err := m.value(); err != nil || m.dropped {
		return nil, err
	}
	v, err := fastjson.ParseBytes(m.buf[m.keep+at : m.pos])
	if !held {
		m.keep = -1
	}
	if err != nil {
		return nil, nil
	}
	return v, nil
}

// list streams the elements of the array at pos; the object is a wrapper now.
func (m *memberWalk) list(in *wrapper) error {
	m.held, m.keep = false, -1
	if !m.array(in) {
		return errEnds
	}
	return nil
}

// columnNames are the names of a Resource Graph table's columns.
func columnNames(columns *fastjson.Value) []string {
	names := []string{}
	for _, column := range columns.GetArray() {
		names = append(names, string(column.GetStringBytes("name")))
	}
	return names
}
