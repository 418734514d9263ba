package policy

import (
	"regexp"
	"strings"
)

// masked stands for a text that must not be shown.
const masked = "(secret)"

// secretWords end or are the names of properties whose texts are not shown.
var secretWords = []string{
	"password", "passwd", "pwd", "secret", "secretvalue", "connectionstring", "accesskey", "accountkey", "primarykey",
	"secondarykey", "sharedkey", "privatekey", "apikey", "api_key", "sastoken", "accesstoken", "refreshtoken", "token",
	"clientsecret", "userdata", "user_data", "customdata", "credential", "credentials", "passphrase", "secretstring",
	"adminpassword", "instrumentationkey",
}

func isSecretName(name string) bool {
	lower := strings.ToLower(name)
	for _, word := range secretWords {
		if strings.HasSuffix(lower, word) {
			return true
		}
	}
	return false
}

// environments are the places where programs get their settings, which may be
// anything: their values are not shown, only what they are called.
var environments = []string{
	"environment.variables", "environmentvariables", "appsettings", ".env.", ".env[", "connectionstrings", "securestring",
}

var namesInEnvironment = map[string]bool{"name": true, "key": true, "type": true, "slotsetting": true, "valuefrom": true}

func inEnvironment(path, name string) bool {
	lower := strings.ToLower(path)
	for _, place := range environments {
		if strings.Contains(lower, place) {
			return !namesInEnvironment[strings.ToLower(name)]
		}
	}
	return false
}

// secretText finds texts that are secret whatever they are called: keys and
// passwords in connection strings and addresses, tokens of well-known issuers,
// signed links, private keys.
var secretText = regexp.MustCompile(`(?i:(accountkey|sharedaccesskey|sharedaccesssignature|password|pwd|secret|token)\s*=\s*[^;\s]{4,})` +
	`|-----BEGIN [A-Z ]*PRIVATE KEY` +
	`|\b(ghp|gho|ghu|ghs|ghr)_[A-Za-z0-9]{16,}|\bgithub_pat_[A-Za-z0-9_]{20,}|\bglpat-[A-Za-z0-9_-]{16,}` +
	`|\bxox[abeoprs]-[A-Za-z0-9-]{8,}|\bsk_live_[A-Za-z0-9]{8,}|\bAIza[0-9A-Za-z_-]{30,}` +
	`|[?&]sig=[^&\s]{8,}|\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.` +
	`|://[^/\s:@]+:[^/\s@]+@`)

// WithoutSecrets masks texts at or below a path whose names, place or look say
// that they are secret.
func WithoutSecrets(path string, v Value) Value {
	name := nameInPath(path)
	switch v.Kind() {
	case String:
		if text := v.Text(); text != "" && (isSecretName(name) || inEnvironment(path, name) || secretText.MatchString(text)) {
			return StringValue(masked)
		}
	case Array:
		items := make([]Value, v.Len())
		for i := range items {
			items[i] = WithoutSecrets(path, v.Index(i))
		}
		return ArrayValue(items...)
	case Object:
		keys := v.Keys()
		values := make([]Value, len(keys))
		for i, key := range keys {
			values[i] = WithoutSecrets(path+"."+key, v.Lookup(key))
		}
		return ObjectValue(keys, values)
	}
	return v
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
