package inventory

import (
	"fmt"
	"strings"

	"github.com/valyala/fastjson"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

// IsWhole reports whether a single body, in the shape that rules are judged on, was
// read wholly, so that what it lacks is absent: whether it has properties, or is a
// subscription, group or management group that says anything but its identity.
func IsWhole(typeName string, body *fastjson.Value) bool {
	if isObject(body.Get("properties")) {
		return true
	}
	if !isContainer(typeName) {
		return false
	}
	whole := false
	body.GetObject().Visit(func(key []byte, v *fastjson.Value) {
		switch string(key) {
		case "id", "name", "type":
		default:
			whole = whole || present(v)
		}
	})
	return whole
}

// Flattened says that an ARM resource has its properties beside its id, under names
// of their own, as the commands of az for single services print them; "" for any
// other.
func Flattened(typeName string, body *fastjson.Value) string {
	if !posture.IsARM(textAt(body, "id")) || isObject(body.Get("properties")) || isContainer(typeName) {
		return ""
	}
	if present(body.Get("subscriptionId")) {
		return "" // a row of Resource Graph has the columns that were asked for
	}
	var names []string
	body.GetObject().Visit(func(key []byte, v *fastjson.Value) {
		if present(v) && !beside[strings.ToLower(string(key))] {
			names = append(names, string(key))
		}
	})
	if len(names) == 0 {
		return ""
	}
	if len(names) > 3 {
		names = append(names[:3], "…")
	}
	return fmt.Sprintf("resource %q has no properties, but %s beside its id, as az <service> show prints it: its properties are taken as not read; want what az resource show --ids prints",
		textAt(body, "id"), strings.Join(names, ", "))
}

// beside are the members, in lower case, that ARM and az themselves put beside
// properties.
var beside = func() map[string]bool {
	names := map[string]bool{}
	for _, name := range strings.Fields(`id name type location tags sku kind identity plan zones managedBy extendedLocation etag
		systemData resourceGroup apiVersion properties changedTime createdTime provisioningState scope displayName
		fullName iamPolicy orgPolicy accessPolicy resources instanceId`) {
		names[strings.ToLower(name)] = true
	}
	return names
}()
