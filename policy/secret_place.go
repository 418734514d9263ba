package policy

import (
	"regexp"
	"slices"
	"strings"
)

// environments are the places where programs get their settings, which may be
// anything: their values are not shown, only what they are called. Those in
// closedSettings are all secrets.
var (
	environments = []string{
		"environment.variables", "environmentvariables", "appsettings", ".env.", ".env[", "envvariables", "environmentvars", "envvars",
	}
	closedSettings = []string{"connectionstrings", "securestring"}
)

// listsOfEnvironment are the names of lists of texts such as NAME=value.
var listsOfEnvironment = wordSet("environment env")

// inPlainEnvironment reports whether a text is one such as NAME=value in a list
// of an environment, or in a map of one. Other things are called environment too,
// such as what a build runs in.
func inPlainEnvironment(path, name, text string) bool {
	lower := "." + strings.ToLower(path)
	for strings.HasSuffix(lower, "]") && !strings.HasSuffix(lower, "']") {
		lower = lower[:max(strings.LastIndexByte(lower, '['), 0)]
		if listsOfEnvironment[lower[strings.LastIndexByte(lower, '.')+1:]] {
			return strings.ContainsAny(text, "=: ")
		}
	}
	above, ok := strings.CutSuffix(lower, ".environment."+strings.ToLower(name))
	return ok && (variableName.MatchString(name) || strings.Contains(above[strings.LastIndexByte(above, '.')+1:], "container"))
}

var variableName = regexp.MustCompile(`^[A-Z][A-Z0-9_]+$`)

// placeOfSettings gives the path by which secrets are told of what is in a
// resource that is nothing but settings of a program: its properties are they.
func (r *Resource) placeOfSettings(at string) string {
	rest, ok := strings.CutPrefix(at, "properties")
	if !ok || !strings.HasSuffix(strings.ToLower(r.Type), "/config") || !strings.HasPrefix(strings.ToLower(r.Type), "microsoft.web/") {
		return at
	}
	switch name := strings.ToLower(r.Name[strings.LastIndexByte(r.Name, '/')+1:]); name {
	case "appsettings", "connectionstrings":
		return "properties." + name + rest
	}
	return at
}

var namesInEnvironment = map[string]bool{"name": true, "key": true, "type": true, "slotsetting": true, "valuefrom": true}

func inSettings(path, name string, places []string) bool {
	lower := strings.ToLower(path)
	for _, place := range places {
		if strings.Contains(lower, place) {
			if strings.HasSuffix(lower, strings.TrimRight(place, ".[")+"."+strings.ToLower(name)) {
				return true // a variable of that name
			}
			return !namesInEnvironment[strings.ToLower(name)]
		}
	}
	return false
}

// secretPlaces are the places of some types, in lower case, where anything may be
// kept, and things to hide are.
var secretPlaces = map[string][]string{
	"microsoft.keyvault/vaults/secrets":                 {"properties.value"},
	"microsoft.automation/automationaccounts/variables": {"properties.value"},
	"microsoft.apimanagement/service/namedvalues":       {"properties.value"},
	"aws::ssm::parameter":                               {"properties.Value"},
	"secretmanager.googleapis.com/secretversion":        {"properties.payload.data"},

	"k8s.io/secret": {"properties.data", "properties.stringData"},
}

// namesOfPairs and valuesOfPairs are the members of objects that stand for one
// named value, such as {name, value}, in lower case.
var (
	namesOfPairs  = [...]string{"key", "name", "keyname", "parametername", "parameterkey", "optionname", "variable", "id"}
	valuesOfPairs = [...]string{
		"value", "values", "stringvalue", "securevalue", "parametervalue", "defaultvalue", "textvalue", "val", "content",
	}
)

// isValueOfPair reports whether a property may be the value of such an object.
func isValueOfPair(key string) bool {
	for _, name := range valuesOfPairs {
		if len(key) == len(name) && strings.EqualFold(key, name) {
			return true
		}
	}
	return false
}

// pairOf looks for the name beside a value, and for what else says that the value
// is secret.
func pairOf(v Value) paired {
	if v.Kind() != Object {
		return unpaired
	}
	pair, variable := unpaired, false
	v.each(func(key string, label Value) bool {
		switch {
		case label.Kind() != String && label.Kind() != Unread || len(key) > len("parametername"):
		case label.Kind() == Unread:
			if slices.Contains(namesOfPairs[:], strings.ToLower(key)) {
				pair = secretPair // it may be that of a secret
			}
		case strings.EqualFold(key, "type") && (strings.EqualFold(label.Text(), "SecureString") || strings.EqualFold(label.Text(), "SecureObject")):
			pair = secretPair
		case strings.EqualFold(key, "namespace") && strings.HasSuffix(label.Text(), ":environment"): // of Elastic Beanstalk
			variable = true
		case slices.Contains(namesOfPairs[:], strings.ToLower(key)):
			pair = max(pair, openPair)
			if name := label.Text(); isSecretName(name) || isEncryptionKey(name) || isProgram(name) {
				pair = secretPair
			}
		}
		return pair != secretPair || !variable
	})
	if variable {
		return variablePair
	}
	return pair
}

// labelOf gives the name beside a value, "" if there is none.
func labelOf(v Value) (label string) {
	v.each(func(key string, name Value) bool {
		if name.Kind() == String && slices.Contains(namesOfPairs[:], strings.ToLower(key)) {
			label = name.Text()
		}
		return label == ""
	})
	return label
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

// secretLists are the ends of the paths, in lower case, of lists of named values
// that may all be secret; environmentLists of those that programs get; namedLists
// those where one is whose name is not at hand.
var (
	secretLists      = []string{".secrets"}
	environmentLists = []string{".environment", ".env"}
	namedLists       = []string{"metadata.items", ".keys"}
)

// isValueOf reports whether name is that of a value in one of some lists, or of
// something that is secret.
func isValueOf(path, name string, lists []string) bool {
	if !isValueOfPair(name) {
		return false
	}
	above := strings.TrimSuffix(strings.TrimSuffix(path, name), ".")
	return isSecretName(nameInPath(above)) || isInList(path, name, lists)
}

// isInList reports whether the object that has a property stands in one of some
// lists, or is it.
func isInList(path, name string, lists []string) bool {
	above := strings.TrimSuffix(strings.TrimSuffix(path, name), ".")
	for strings.HasSuffix(above, "]") && !strings.HasSuffix(above, "']") {
		above = above[:max(strings.LastIndexByte(above, '['), 0)]
	}
	above = "." + strings.ToLower(above)
	return slices.ContainsFunc(lists, func(list string) bool { return strings.HasSuffix(above, list) })
}
