package policy

import "strings"

// masked stands for a text that must not be shown.
const masked = "(secret)"

// WithoutSecrets masks what is secret at or below a path: texts whose names,
// place or look say so, and everything in places that are closed as a whole.
func WithoutSecrets(path string, v Value) Value {
	return hiding{path: path, closed: isClosed(path)}.value(v)
}

// hasSecrets reports whether WithoutSecrets masks anything.
func hasSecrets(path string, v Value) (found bool) {
	hiding{path: path, closed: isClosed(path), found: &found}.value(v)
	return found
}

// hiding is a place in a body that is being copied without secrets.
type hiding struct {
	path   string
	closed bool   // nothing below may be shown
	pair   paired // what stands beside the value says about it
	masks  []mask // what is secret here and below by its alias
	found  *bool  // set where something is masked, if not nil
	seals  bool   // of variables only secrets are hidden; see isSecretVariable
	label  string // the name beside a value of a pair, where it is sealed
}

// paired tells a value of a pair such as {name, value} by its name.
type paired uint8

const (
	unpaired     paired = iota
	openPair            // the name beside it is no secret's
	variablePair        // it is a variable of a program
	secretPair
)

func (h hiding) value(v Value) Value {
	if reached(h.masks) && v.Kind() != Missing && v.Kind() != Null && v.Kind() != Unread {
		return h.mask()
	}
	switch v.Kind() {
	case String:
		if h.hides(v.Text()) {
			return h.mask()
		}
	case Array:
		items := make([]Value, 0, v.Len())
		h.masks = below(h.masks, "*")
		before := Value{}
		v.each(func(_ string, item Value) bool {
			items = append(items, h.after(before).value(item))
			before = item
			return true
		})
		return arrayOf(items...).opened(v.open(), v.str)
	case Object:
		keys, values := make([]string, 0, v.Len()), make([]Value, 0, v.Len())
		v.each(func(key string, item Value) bool {
			keys, values = append(keys, key), append(values, h.member(key, v).value(item))
			return true
		})
		return objectOf(keys, values).opened(v.open(), v.str)
	case Missing, Null, Unread:
	case Int, Float: // as it would be as a text: a password may be all digits
		if h.hides(string(v.AppendJSON(nil))) {
			return h.mask()
		}
	default:
		if h.closed {
			return h.mask()
		}
	}
	return v
}

func (h hiding) mask() Value {
	if h.found != nil {
		*h.found = true
	}
	return StringValue(masked)
}

// after goes on to an item of an array, given the one before it: that may be an
// option of a command line such as --password.
func (h hiding) after(before Value) hiding {
	h.path += "[*]"
	if option, ok := strings.CutPrefix(before.Text(), "-"); ok && isSecretName(strings.TrimLeft(option, "-")) {
		h.pair = secretPair
	}
	return h
}

// member goes on to a property of an object.
func (h hiding) member(key string, of Value) hiding {
	h.path += "." + key
	h.closed, h.masks = h.closed || mayClose(key) && isClosed(h.path), below(h.masks, key)
	if isValueOfPair(key) {
		h.pair = max(pairOf(of), h.pair)
		if h.seals {
			h.label = labelOf(of)
		}
	}
	return h
}

func (h hiding) hides(text string) bool {
	if text == "" || h.closed {
		return text != ""
	}
	name := nameInPath(h.path)
	switch {
	case strings.HasPrefix(text, SealedPrefix):
		return true
	case h.seals && h.isVariable(name, text):
		return h.isSecretVariable(name, text)
	case isSecretName(name) && !isPermission(h.path):
		return !isSetting(text) && !isReference(text) && !(isAmbiguous(name) && isWord(text))
	case isEncryptionKey(name):
		return !isSetting(text) && !isReference(text) && !isKeyID(text)
	case h.pair >= variablePair || isValueOf(h.path, name, secretLists) || h.pair == unpaired && isValueOf(h.path, name, namedLists):
		return !isSetting(text)
	}
	return inSettings(h.path, name, closedSettings) || !h.seals && h.isVariable(name, text) || isSecretText(text)
}

// isVariable reports whether a text is that of a program's variable, or sets one.
func (h hiding) isVariable(name, text string) bool {
	return h.pair == variablePair || inSettings(h.path, name, environments) || inPlainEnvironment(h.path, name, text) ||
		isValueOfPair(name) && isInList(h.path, name, environmentLists)
}

func (h hiding) isSecretVariable(name, text string) bool {
	switch {
	case h.label != "":
		return isSecretVariable(h.label, text)
	case strings.HasSuffix(h.path, "[*]") && !isValueOfPair(name):
		return isSecretAssignment(text)
	}
	return isSecretVariable(name, text)
}

// closedPlaces are the places below which nothing is shown.
var closedPlaces = [...]string{".protectedsettings.", ".osprofile.secrets."}

func isClosed(path string) bool {
	lower := "." + strings.ReplaceAll(strings.ToLower(path), "[", ".") + "."
	return strings.Contains(lower, closedPlaces[0]) || strings.Contains(lower, closedPlaces[1])
}

// mayClose reports whether a place may be closed where its last property has a
// name: none is that does not name one of the closed ones.
func mayClose(key string) bool {
	return hasSuffixFold(key, "settings") || hasSuffixFold(key, "secrets") || strings.ContainsAny(key, ".[")
}

func hasSuffixFold(text, end string) bool {
	return len(text) >= len(end) && strings.EqualFold(text[len(text)-len(end):], end)
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
