package policy

import (
	"slices"
	"strings"
)

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

// namesOfPairs and valuesOfPairs are the members of objects that stand for one
// named value, such as {name, value}, in lower case.
var (
	namesOfPairs  = [...]string{"key", "name", "keyname", "parametername", "parameterkey", "variable", "id"}
	valuesOfPairs = wordSet("value values stringvalue securevalue parametervalue defaultvalue textvalue val content")
)

// pairOf looks for the name beside a value.
func pairOf(keys []string, v Value) paired {
	pair := unpaired
	for _, key := range keys {
		lower := strings.ToLower(key)
		for _, name := range namesOfPairs {
			if lower != name || v.Lookup(key).Kind() != String {
				continue
			}
			if label := v.Lookup(key).Text(); isSecretName(label) || isProgram(label) {
				return secretPair
			}
			pair = openPair
		}
	}
	return pair
}

// hidePairs masks values that were read by themselves, where the name beside
// them was read too and says that they are secret.
func hidePairs(found []Evidence) {
	for i := range found {
		e := &found[i]
		name := nameInPath(e.Path)
		if e.Found.Kind() != String || !valuesOfPairs[strings.ToLower(name)] || isSetting(e.Found.Text()) {
			continue
		}
		above, ok := strings.CutSuffix(e.Path, "."+name)
		if ok && slices.ContainsFunc(found, func(label Evidence) bool { return label.Resource == e.Resource && label.namesSecret(above) }) {
			e.Found = StringValue(masked)
		}
	}
}

// namesSecret reports whether e is the name of a pair at a path and says that
// its value is secret.
func (e Evidence) namesSecret(above string) bool {
	name := nameInPath(e.Path)
	return e.Path == above+"."+name && slices.Contains(namesOfPairs[:], strings.ToLower(name)) &&
		(isSecretName(e.Found.Text()) || isProgram(e.Found.Text()))
}

// programs are the beginnings of names under which Google Compute keeps what a
// machine is to run or to be, with all the secrets in it.
var programs = []string{
	"startup-script", "shutdown-script", "windows-startup-script", "windows-shutdown-script", "sysprep-specialize-script",
	"user-data", "cloud-init", "kube-env", "kubeconfig", "configure-sh", "gce-container-declaration", "google-container-manifest",
}

func isProgram(name string) bool {
	lower := strings.ToLower(name)
	if strings.HasSuffix(lower, "-url") {
		return false
	}
	for _, program := range programs {
		if strings.HasPrefix(lower, program) {
			return true
		}
	}
	return false
}

// namedValues are the lists of named values, in lower case, where a value whose
// name is not at hand may be a secret.
var namedValues = []string{"metadata.items", "secrets", "keys", "environment", "env"}

// isSecretValue reports whether name is that of a value at a place that says
// that it is secret, or may be.
func isSecretValue(path, name string) bool {
	if !valuesOfPairs[strings.ToLower(name)] {
		return false
	}
	above := strings.TrimSuffix(strings.TrimSuffix(path, name), ".")
	if isSecretName(nameInPath(above)) {
		return true
	}
	for strings.HasSuffix(above, "]") && !strings.HasSuffix(above, "']") {
		above = above[:max(strings.LastIndexByte(above, '['), 0)]
	}
	above = "." + strings.ToLower(above)
	for _, list := range namedValues {
		if strings.HasSuffix(above, "."+list) {
			return true
		}
	}
	return false
}
