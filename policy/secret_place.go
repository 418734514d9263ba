package policy

import "strings"

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
