package settings

import (
	"bytes"
	"encoding/json"

	"github.com/bartizan-dev/bartizan/internal/access"
)

// object is an object of JSON Schema; encoding/json sorts its keys.
type object map[string]any

// Schema gives the JSON Schema of the configuration file, for editors.
func Schema() []byte {
	secret := object{"description": "Where the secret is. A text is the secret itself, which others may read then.", "oneOf": []object{
		{"type": "object", "properties": object{"file": object{"type": "string", "minLength": 1}}, "required": []string{"file"}, "additionalProperties": false},
		{"type": "object", "properties": object{"env": object{"type": "string", "minLength": 1}}, "required": []string{"env"}, "additionalProperties": false},
		{"type": "string", "minLength": 1},
	}}
	properties := object{}
	for _, d := range All {
		properties[d.Name] = d.schema()
	}
	properties[signOnKey] = object{
		"description": "sign-ins elsewhere (OpenID Connect), by the name that stands in addresses", "type": "object",
		"propertyNames": object{"pattern": "^[a-z0-9][a-z0-9-]{0,62}$"}, "additionalProperties": object{"$ref": "#/$defs/provider"},
	}
	text := func(description string) object {
		return object{"type": "string", "minLength": 1, "description": description}
	}
	provider := object{
		"title":         text("what people read on the button"),
		"issuer":        text("the provider's address, as its discovery document has it"),
		"client-id":     text("the id that the provider gave this server"),
		"client-secret": object{"$ref": "#/$defs/secret"},
		"scopes":        object{"type": "array", "items": text("a scope"), "description": "asked for beside openid; default profile, email"},
		"groups-claim":  text("the claim that holds the groups; default groups"),
		"name-claim":    text("the claim that holds what a user is called; default preferred_username"),
		"roles":         object{"type": "array", "items": object{"$ref": "#/$defs/role"}, "description": "which groups give which roles"},
	}
	role := object{
		"group": text("as the claim has it, to the letter"),
		"role":  object{"enum": access.RoleNames()},
		"scope": text("the id of a scope, / for everything"),
	}
	closed := func(properties object, required ...string) object {
		return object{"type": "object", "properties": properties, "required": required, "additionalProperties": false}
	}
	schema := object{
		"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Configuration of bartizan serve",
		"type": "object", "properties": properties, "additionalProperties": false,
		"$defs": object{"secret": secret, "provider": closed(provider, "issuer", "client-id"), "role": closed(role, roleKeys...)},
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	_ = encoder.Encode(schema) // texts and lists always encode
	return b.Bytes()
}

// schema is that of one setting.
func (d Setting) schema() object {
	o := object{"description": d.Help + "; as a variable " + d.Variable()}
	switch d.Kind {
	case Hidden:
		return object{"$ref": "#/$defs/secret", "description": o["description"].(string) + " or " + d.Variable() + "_FILE"}
	case Truth:
		o["type"], o["default"] = "boolean", d.Default == "true"
		return o
	case List:
		o["type"], o["items"] = "array", object{"type": "string", "minLength": 1}
		return o
	case Word:
		o["enum"] = d.Words
	case Duration:
		o["type"], o["pattern"] = "string", "^[0-9]+[smhd]$"
		if len(d.Words) > 0 {
			o["pattern"] = "^([0-9]+[smhd]|" + d.Words[0] + ")$"
		}
	default:
		o["type"], o["minLength"] = "string", 1
	}
	if d.Default != "" {
		o["default"] = d.Default
	}
	return o
}
