package policy

import (
	"fmt"
	"slices"
	"strings"
)

// objectFunctions build objects and take them apart.
var objectFunctions = []function{
	{signature: "createObject(key, value, …)", most: -1, partly: true, anything: true, call: callCreateObject, summary: "An object of the keys and values given in turn."},
	{signature: "items(object)", least: 1, most: 1, partly: true, call: callItems, summary: "The properties of an object as an array of key and value, by key."},
	{signature: "objectKeys(object)", least: 1, most: 1, call: callObjectKeys, summary: "The names of an object's properties."},
	{signature: "shallowMerge(objects)", least: 1, most: 1, call: callShallowMerge, summary: "One object of the properties of an array of objects, later ones winning whole."},
	{signature: "tryGet(value, keyOrIndex)", least: 2, most: 2, missing: true, partly: true, call: callTryGet, summary: "A property of an object or an item of an array, null where it is absent."},
	{signature: "json(text)", least: 1, most: 1, call: callJSON, summary: "The value that a JSON text is."},
}

// object is an object being built; its keys keep their order.
type object struct {
	keys   []string
	values []Value
	at     map[string]int
	open   Outcome // why it may have other keys, 0 if it has not
}

func newObject() *object { return &object{at: map[string]int{}} }

func (o *object) set(key string, v Value) {
	if i, ok := o.at[key]; ok {
		o.values[i] = v
		return
	}
	o.at[key] = len(o.keys)
	o.keys = append(o.keys, key)
	o.values = append(o.values, v)
}

// spelling is how the object spells a key that it has, else the key.
func (o *object) spelling(key string) string {
	for _, known := range o.keys {
		if strings.EqualFold(known, key) {
			return known
		}
	}
	return key
}

func (o *object) value() Value { return objectOf(o.keys, o.values).opened(o.open, "") }

// merge puts the properties of v over those of o, whatever case their names are
// in: objects in objects are merged in turn, everything else is replaced.
func (o *object) merge(v Value) {
	if reason := v.open(); reason != 0 { // it may have any of the keys
		for i := range o.values {
			o.values[i] = unreadValue(reason|o.values[i].unread(), "")
		}
		o.open |= reason
	}
	spelt := make(map[string]string, len(o.keys)+v.Len())
	for _, key := range o.keys {
		spelt[strings.ToLower(key)] = key
	}
	v.each(func(key string, item Value) bool {
		lower := strings.ToLower(key)
		if known, ok := spelt[lower]; ok {
			key = known
		}
		spelt[lower] = key
		i, ok := o.at[key]
		switch {
		case item.kind == Object && ok && o.values[i].kind == Object:
			inner := newObject()
			inner.merge(o.values[i])
			inner.merge(item)
			item = inner.value()
		case item.kind == Object && ok && o.values[i].kind == Unread:
			item = mergedInto(o.values[i].unread(), item)
		case item.kind == Object && !ok && o.open != 0:
			item = mergedInto(o.open, item)
		}
		o.set(key, item)
		return true
	})
}

// mergedInto is an object merged into one that was not read, and may be none.
func mergedInto(reason Outcome, v Value) Value {
	o := newObject()
	o.open = reason
	o.merge(v)
	return o.value()
}

// commonMembers are the properties of the first object that all others have
// with an equal value.
func commonMembers(args []Value) Value {
	common := newObject()
	args[0].each(func(key string, item Value) bool {
		same := Outcome(isTrue)
		for _, other := range args[1:] {
			v, ok := other.exact(key)
			switch {
			case ok:
				same = same.and(mayBeSame(v, item))
			case other.open() != 0:
				same = same.and(unsure(false, other.open()))
			default:
				same = isFalse
			}
		}
		switch {
		case same.True():
			common.set(key, item)
		case !same.False():
			common.set(key, unreadValue(same, ""))
		}
		return true
	})
	// What the first may have beside counts only where all others may have it.
	common.open = args[0].open()
	return common.value()
}

func callCreateObject(args []Value) (Value, error) {
	if len(args)%2 != 0 {
		return Value{}, fmt.Errorf("got %s, want keys and values in turn", arguments(len(args)))
	}
	o := newObject()
	for i := 0; i < len(args); i += 2 {
		if args[i].kind == Unread {
			return args[i], nil
		}
		key, err := textArg(args, i)
		if err != nil {
			return Value{}, err
		}
		o.set(key, args[i+1])
	}
	return o.value(), nil
}

func callItems(args []Value) (Value, error) {
	if args[0].kind != Object {
		return Value{}, unfit(0, args[0], "an object")
	}
	var items []Value
	reason := args[0].open()
	args[0].each(func(key string, item Value) bool {
		if item.kind == Unread { // it need not be there
			reason |= item.unread()
			return true
		}
		items = append(items, objectOf([]string{"key", "value"}, []Value{StringValue(key), item}))
		return true
	})
	slices.SortStableFunc(items, func(a, b Value) int { return strings.Compare(a.list[0].str, b.list[0].str) })
	return arrayOf(items...).opened(reason, ""), nil
}

func callObjectKeys(args []Value) (Value, error) {
	if args[0].kind != Object {
		return Value{}, unfit(0, args[0], "an object")
	}
	var keys []Value
	for _, key := range args[0].Keys() {
		keys = append(keys, StringValue(key))
	}
	return ArrayValue(keys...), nil
}

func callShallowMerge(args []Value) (Value, error) {
	if args[0].kind != Array {
		return Value{}, unfit(0, args[0], "an array of objects")
	}
	merged := newObject()
	for i, item := range args[0].unfolded() {
		if item.kind != Object {
			return Value{}, fmt.Errorf("argument 1: item %d is %s, want an object", i, item.kind)
		}
		item.each(func(key string, v Value) bool {
			merged.set(merged.spelling(key), v)
			return true
		})
	}
	return merged.value(), nil
}

func callTryGet(args []Value) (Value, error) {
	v, key := args[0], args[1]
	if v.kind == Array && key.kind == Float {
		key = IntValue(key.Int())
	}
	return element(v, key).written(), nil
}

func callJSON(args []Value) (Value, error) {
	text, err := textArg(args, 0)
	if err != nil {
		return Value{}, err
	}
	return FromJSON([]byte(text))
}
