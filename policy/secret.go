package policy

import "strings"

// masked stands for a text that must not be shown.
const masked = "(secret)"

// WithoutSecrets masks what is secret at or below a path: texts whose names,
// place or look say so, and everything in places that are closed as a whole.
func WithoutSecrets(path string, v Value) Value {
	return hiding{path: path, closed: isClosed(path)}.value(v)
}

// hiding is a place in a body that is being copied without secrets.
type hiding struct {
	path   string
	closed bool   // nothing below may be shown
	pair   paired // what stands beside the value says about it
	masks  []mask // what is secret here and below by its alias
}

// paired tells a value of a pair such as {name, value} by its name.
type paired uint8

const (
	unpaired paired = iota
	openPair        // the name beside it is no secret's
	secretPair
)

func (h hiding) value(v Value) Value {
	if reached(h.masks) && v.Kind() != Missing && v.Kind() != Null && v.Kind() != Unread {
		return StringValue(masked)
	}
	switch v.Kind() {
	case String:
		if h.hides(v.Text()) {
			return StringValue(masked)
		}
	case Array:
		items := make([]Value, v.Len())
		h.masks = below(h.masks, "*")
		for i := range items {
			items[i] = h.value(v.Index(i))
		}
		return arrayOf(items...).opened(v.open(), v.str)
	case Object:
		return h.members(v)
	case Missing, Null, Unread:
	default:
		if h.closed {
			return StringValue(masked)
		}
	}
	return v
}

func (h hiding) members(v Value) Value {
	keys := v.Keys()
	pair := pairOf(keys, v)
	values := make([]Value, len(keys))
	for i, key := range keys {
		below := hiding{path: h.path + "." + key, closed: h.closed, pair: h.pair, masks: below(h.masks, key)}
		below.closed = below.closed || isClosed(below.path)
		if valuesOfPairs[strings.ToLower(key)] {
			below.pair = max(pair, h.pair)
		}
		values[i] = below.value(v.Lookup(key))
	}
	return objectOf(keys, values).opened(v.open(), v.str)
}

func (h hiding) hides(text string) bool {
	if text == "" || h.closed {
		return text != ""
	}
	name := nameInPath(h.path)
	switch {
	case isSecretName(name) && !isPermission(h.path):
		return !isSetting(text) && !isReference(text)
	case h.pair == secretPair:
		return !isSetting(text)
	case h.pair == unpaired && isSecretValue(h.path, name):
		return !isSetting(text)
	}
	return inEnvironment(h.path, name) || isSecretText(text)
}

// closedPlaces are the places below which nothing is shown.
var closedPlaces = [...]string{".protectedsettings.", ".osprofile.secrets."}

func isClosed(path string) bool {
	lower := "." + strings.ReplaceAll(strings.ToLower(path), "[", ".") + "."
	return strings.Contains(lower, closedPlaces[0]) || strings.Contains(lower, closedPlaces[1])
}

// isPermission reports whether path is that of a list of what may be done with
// secrets, as a vault's access policies have it.
func isPermission(path string) bool {
	return strings.Contains(strings.ToLower(path), "permissions.")
}

// nameInPath gives the name of the last property of a path, without indexes,
// brackets and quotes.
func nameInPath(path string) string {
	for strings.HasSuffix(path, "]") && !strings.HasSuffix(path, "']") {
		path = path[:max(strings.LastIndexByte(path, '['), 0)]
	}
	if strings.HasSuffix(path, "']") {
		path = strings.TrimSuffix(path, "']")
		return path[strings.LastIndex(path, "['")+2:]
	}
	return path[strings.LastIndexByte(path, '.')+1:]
}
