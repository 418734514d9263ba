package inventory

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
)

// Difference is a property of which two bodies of a resource have different
// values.
type Difference struct {
	// Path is where it stands: names with dots between them, [n] for the n-th item
	// of a list, [name] where the items of a list have names or ids.
	Path string
	// Before and After are JSON, nil where there is none. Of what came or went as a
	// whole it is all of it.
	Before, After json.RawMessage
}

// BodyOf gives the body of a resource out of a record that [AppendRecord] wrote,
// and the paths in it that were not read.
func BodyOf(record []byte) (body json.RawMessage, unread []string, err error) {
	var kept struct {
		Marker string          `json:"bartizan"`
		Unread []string        `json:"unread"`
		Body   json.RawMessage `json:"body"`
	}
	if len(record) == 0 {
		return nil, nil, nil
	}
	if err := json.Unmarshal(record, &kept); err != nil {
		return nil, nil, fmt.Errorf("reading a record: %w", err)
	}
	if kept.Marker != "resource" {
		return record, nil, nil
	}
	return kept.Body, kept.Unread, nil
}

// Differences compares two bodies, nil for none, and gives what differs by path.
func Differences(before, after json.RawMessage) ([]Difference, error) {
	old, err := decode(before)
	if err != nil {
		return nil, err
	}
	now, err := decode(after)
	if err != nil {
		return nil, err
	}
	var c comparison
	c.values("", old, now)
	return c.found, nil
}

// absent stands for a value that is not there.
type absent struct{}

func decode(text json.RawMessage) (v any, err error) {
	if text == nil {
		return absent{}, nil
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber() // as they were written
	if err := d.Decode(&v); err != nil {
		return nil, fmt.Errorf("reading a body: %w", err)
	}
	return v, nil
}

type comparison struct{ found []Difference }

func (c *comparison) values(path string, before, after any) {
	switch old := before.(type) {
	case map[string]any:
		if now, ok := after.(map[string]any); ok {
			c.members(path, old, now, func(key string) string { return member(path, key) })
			return
		}
	case []any:
		if now, ok := after.([]any); ok {
			c.lists(path, old, now)
			return
		}
	}
	was, is := plainJSON(before), plainJSON(after)
	if !bytes.Equal(was, is) {
		c.found = append(c.found, Difference{path, was, is})
	}
}

func (c *comparison) members(path string, before, after map[string]any, at func(key string) string) {
	keys := slices.Collect(maps.Keys(before))
	for key := range after {
		if _, ok := before[key]; !ok {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	for _, key := range keys {
		c.values(at(key), valueOf(before, key), valueOf(after, key))
	}
}

// lists compares items by their names, where all have one, so that one that comes
// first does not move all others; else by their places.
func (c *comparison) lists(path string, before, after []any) {
	old, now := byName(before), byName(after)
	if old != nil && now != nil {
		c.members(path, old, now, func(key string) string { return path + "[" + key + "]" })
		return
	}
	for n := range max(len(before), len(after)) {
		c.values(path+"["+strconv.Itoa(n)+"]", item(before, n), item(after, n))
	}
}

// nameKeys are the members by which items of a list are told apart, the first that
// all of them have.
var nameKeys = []string{"name", "id", "Name", "Id", "Key", "Sid"}

// byName gives items by their names, nil if not all have one of their own.
func byName(items []any) map[string]any {
	for _, key := range nameKeys {
		found := map[string]any{}
		for _, item := range items {
			object, _ := item.(map[string]any)
			name, ok := object[key].(string)
			if !ok || name == "" {
				break
			}
			found[name] = item
		}
		if len(found) == len(items) {
			return found
		}
	}
	return nil
}

func member(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

func valueOf(of map[string]any, key string) any {
	if v, ok := of[key]; ok {
		return v
	}
	return absent{}
}

func item(of []any, n int) any {
	if n < len(of) {
		return of[n]
	}
	return absent{}
}

// plainJSON is a value as JSON, with the members of objects in order; nil for none.
func plainJSON(v any) json.RawMessage {
	if _, none := v.(absent); none {
		return nil
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if e.Encode(v) != nil { // of decoded values there is no error
		return nil
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}
