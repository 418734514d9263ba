package policy

import (
	"fmt"
	"slices"
	"strings"
)

// objectFunctions build objects and take them apart.
var objectFunctions = []function{
	{signature: "createObject(key, value, …)", most: -1, call: callCreateObject, summary: "An object of the keys and values given in turn."},
	{signature: "items(object)", least: 1, most: 1, call: callItems, summary: "The properties of an object as an array of key and value, by key."},
	{signature: "tryGet(value, keyOrIndex)", least: 2, most: 2, missing: true, call: callTryGet, summary: "A property of an object or an item of an array, null where it is absent."},
	{signature: "json(text)", least: 1, most: 1, call: callJSON, summary: "The value that a JSON text is."},
}

// object is an object being built; its keys keep their order.
type object struct {
	keys   []string
	values []Value
	at     map[string]int
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

func (o *object) value() Value { return ObjectValue(o.keys, o.values) }

// merge puts the properties of v over those of o, whatever case their names are
// in: objects in objects are merged in turn, everything else is replaced.
func (o *object) merge(v Value) {
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
		if i, ok := o.at[key]; ok && item.kind == Object && o.values[i].kind == Object {
			inner := newObject()
			inner.merge(o.values[i])
			inner.merge(item)
			item = inner.value()
		}
		o.set(key, item)
		return true
	})
}

// commonMembers are the properties of the first object that all others have
// with an equal value.
func commonMembers(args []Value) Value {
	common := newObject()
	args[0].each(func(key string, item Value) bool {
		for _, other := range args[1:] {
			if v, ok := other.exact(key); !ok || !strictEqual(v, item) {
				return true
			}
		}
		common.set(key, item)
		return true
	})
	return common.value()
}

func callCreateObject(args []Value) (Value, error) {
	if len(args)%2 != 0 {
		return Value{}, fmt.Errorf("got %s, want keys and values in turn", arguments(len(args)))
	}
	o := newObject()
	for i := 0; i < len(args); i += 2 {
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
	args[0].each(func(key string, item Value) bool {
		items = append(items, ObjectValue([]string{"key", "value"}, []Value{StringValue(key), item}))
		return true
	})
	slices.SortStableFunc(items, func(a, b Value) int { return strings.Compare(a.list[0].str, b.list[0].str) })
	return ArrayValue(items...), nil
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
