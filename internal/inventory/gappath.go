package inventory

import (
	"regexp"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

// plainPath is the form of a path that is understood: names with dots, [*] and
// [2] behind arrays, names in brackets and quotes.
var plainPath = regexp.MustCompile(`^` + pathName + `(\.` + pathName + `|\[\*\]|\[[0-9]+\]|\['(?:[^']|'')+'\])*$`)

const pathName = `[^\s.\[\]'"*/\\$(){}?,;<>|]+`

var oneName = regexp.MustCompile(`^` + pathName + `$`)

// everyMember finds the ways in which other notations say [*], doubleQuoted
// names in brackets and double quotes, and bareTag the name of a tag in brackets.
var (
	everyMember  = regexp.MustCompile(`\[\]|\.\*(\.|\[)`)
	doubleQuoted = regexp.MustCompile(`\["([^"'\]]+)"\]`)
	bareTag      = regexp.MustCompile(`^(?i:tags)\[([^'"\[\]*]+)\]$`)
	listedTag    = regexp.MustCompile(`^(properties\.)?tags\[[*0-9]+\]|^properties\.tags\.(key|value)$`) // of a list of keys and values
)

// gapPath brings the path of a gap into plain form. The path "" is the whole
// body; ok is false for what is not understood.
func gapPath(path string, cloud posture.Cloud) (plain string, ok bool) {
	path = fromPointer(strings.TrimSpace(path))
	if rest, isRoot := strings.CutPrefix(path, "$"); isRoot && (rest == "" || rest[0] == '.' || rest[0] == '[') {
		path = strings.TrimPrefix(rest, ".")
	}
	if path == "" || path == "*" || path == "[*]" {
		return "", true
	}
	path = bareTag.ReplaceAllString(doubleQuoted.ReplaceAllString(path, "['$1']"), "tags['$1']")
	if first, rest, dotted := strings.Cut(path, "."); dotted && strings.EqualFold(first, "tags") && rest != "*" {
		return path, rest != "" // all of it is the name of a tag
	}
	if strings.HasPrefix(path, "['") {
		if name, rest, closed := strings.Cut(path[2:], "']"); closed && !strings.ContainsAny(name, ".[*") {
			path = name + rest
		}
	}
	path = everyMember.ReplaceAllString(strings.TrimSuffix(path, ".*"), "[*]$1")
	if !plainPath.MatchString(path) {
		return "", false
	}
	first, second := pathStart(path)
	switch {
	case first == "resource":
		return path, cloud == posture.GCP && slices.Contains(resourceMembers, second)
	case cloud == posture.Azure:
		return path, slices.Contains(armMembers, first)
	case cloud == posture.NoCloud:
		return path, first != "data" && !strings.HasSuffix(first, "configuration")
	}
	return path, true
}

// armMembers are what ARM bodies have at their top, those of subscriptions and
// management groups included; resourceMembers what the resource of an asset has.
var (
	armMembers = strings.Fields(`properties id name type kind location tags sku identity plan zones managedby managedbyextended
		extendedlocation etag systemdata scale placement apiversion resourcegroup subscriptionid tenantid displayname state
		subscriptionpolicies authorizationsource managedbytenants`)
	resourceMembers = []string{"data", "location"}
)

// bodyMembers are the paths that together cover all of a cloud's bodies, but for
// what names a resource.
func bodyMembers(cloud posture.Cloud) []string {
	native := []string{"properties", "tags", "location", "iamPolicy", "orgPolicy", "accessPolicy", "ancestors"}
	arm := slices.DeleteFunc(slices.Clone(armMembers), func(name string) bool { return slices.Contains(namingMembers, name) })
	switch cloud {
	case posture.Azure:
		return arm
	case posture.NoCloud:
		return append(arm, native[3:]...)
	}
	return native
}

// namingMembers say which resource it is.
var namingMembers = []string{"id", "name", "type"}

// fromPointer writes a JSON pointer, such as /properties/networkAcls/ipRules/0, as a
// path of names; what is none stays as it is.
func fromPointer(path string) string {
	if path = strings.TrimPrefix(path, "#"); !strings.HasPrefix(path, "/") {
		return path
	}
	var b strings.Builder
	for i, name := range strings.Split(path[1:], "/") {
		name = strings.NewReplacer("~1", "/", "~0", "~").Replace(name)
		switch {
		case name == "*" || name == "-":
			b.WriteString("[*]")
		case i > 0 && strings.Trim(name, "0123456789") == "" && name != "":
			b.WriteString("[" + name + "]")
		case i > 0 && !oneName.MatchString(name):
			b.WriteString("['" + strings.ReplaceAll(name, "'", "''") + "']")
		case i > 0:
			b.WriteString("." + name)
		default:
			b.WriteString(name)
		}
	}
	return b.String()
}

// pathStart gives the first two names of a path, in lower case.
func pathStart(path string) (first, second string) {
	end := func(s string) int {
		if at := strings.IndexAny(s, ".["); at >= 0 {
			return at
		}
		return len(s)
	}
	lower := strings.ToLower(path)
	first = lower[:end(lower)]
	if rest, ok := strings.CutPrefix(lower[len(first):], "."); ok {
		second = rest[:end(rest)]
	}
	return first, second
}

// GapPlaces gives the places in a body that the path of a gap may mean: with
// and without properties in front, in the words of a cloud's own shape, and tags
// wherever they are kept. "" is the whole body.
func GapPlaces(r *posture.ReadRecord, g *posture.Gap) []string {
	if g.Path == "" || g.Path == posture.AllOfBody {
		return []string{""}
	}
	var all []string
	add := func(path string) {
		if !slices.Contains(all, path) {
			all = append(all, path)
		}
	}
	cloud := cloudOfGap(r, g)
	add(g.Path)
	first, second := pathStart(g.Path)
	below := g.Path[len(first):] // what follows the first name
	if first != "properties" && first != "tags" {
		add("properties." + g.Path)
	}
	switch cloud {
	case posture.AWS:
		switch {
		case first == "configuration" && !hasConfigRules(r, g):
			add("properties" + below)
		case first == "configuration", first == "supplementaryconfiguration":
			add("properties") // the mapping gives other names
		case first == "region", first == "awsregion":
			add("location")
		}
	case posture.GCP:
		switch {
		case first == "data":
			add("properties" + below)
		case first == "resource" && second == "data":
			add("properties" + below[len(".data"):])
		case first == "resource":
			add("location")
		}
		for _, path := range slices.Clone(all) {
			add(camelCase(path))
		}
	}
	for _, path := range slices.Clone(all) {
		switch lower := strings.ToLower(path); {
		case lower == "properties" && cloud != posture.Azure: // where tags come from, and location
			add("tags")
			if cloud == posture.GCP || cloud == posture.NoCloud {
				add("location")
			}
		case listedTag.MatchString(lower) && cloud != posture.Azure:
			add("tags")
			if cloud == posture.AWS {
				add("properties.Tags")
			}
		case holdsTags(lower, "properties.tags"):
			add("tags" + path[len("properties.tags"):])
		case cloud == posture.GCP && tellsLocation(lower):
			add("location")
		case cloud == posture.GCP && tellsLabels(lower):
			add("tags")
		case cloud == posture.AWS && holdsTags(lower, "tags"):
			add("properties.Tags")
		case cloud == posture.GCP && holdsTags(lower, "tags"):
			add("properties.labels")
		}
	}
	return all
}

// tellsLocation reports whether a path is one from which [locationOf] takes the
// location of an asset.
func tellsLocation(path string) bool {
	rest, ok := strings.CutPrefix(path, "properties.")
	return ok && slices.Contains(locationKeys[:], rest)
}

// tellsLabels reports whether a path is one in which [labelsOf] finds the labels of
// an asset, or is below one.
func tellsLabels(path string) bool {
	rest, ok := strings.CutPrefix(path, "properties.")
	if !ok {
		return false
	}
	above := func(path []string) bool { return len(path) > 1 && strings.EqualFold(path[0], rest) }
	return strings.Contains(rest, "labels") || slices.ContainsFunc(labelPaths[:], above)
}

// holdsTags reports whether a path is one of tags or of one of them.
func holdsTags(path, tags string) bool {
	rest, ok := strings.CutPrefix(path, tags)
	return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
}

// hasConfigRules reports whether a gap is about a type that AWS Config gives
// other names than CloudFormation; where it does not say the type it may be.
func hasConfigRules(r *posture.ReadRecord, g *posture.Gap) bool {
	name := orElse(g.Type, r.Type)
	if name == "*" || configTypes[name].rules != nil {
		return true
	}
	for known := range configTypes {
		if strings.EqualFold(orElse(configTypes[known].kind, known), name) || strings.EqualFold(known, name) {
			return true
		}
	}
	return false
}

// camelCase writes the names of a path as Google's JSON has them: iam_policy as
// iamPolicy.
func camelCase(path string) string {
	parts := strings.Split(path, "_")
	for i := 1; i < len(parts); i++ {
		if parts[i-1] != "" && parts[i] != "" {
			parts[i] = strings.ToUpper(parts[i][:1]) + parts[i][1:]
		}
	}
	return strings.Join(parts, "")
}

// cloudOfGap tells whose bodies a gap is about, by id, scope or type.
func cloudOfGap(r *posture.ReadRecord, g *posture.Gap) posture.Cloud {
	for _, id := range [...]string{g.ID, r.Scope} {
		switch cloud := cloudOf(id); {
		case strings.HasPrefix(id, "//"):
			return posture.GCP
		case strings.HasPrefix(id, "arn:"):
			return posture.AWS
		case cloud != posture.NoCloud:
			return cloud
		}
	}
	for _, name := range [...]string{g.Type, r.Type} {
		folded := strings.ToLower(name)
		switch {
		case strings.Contains(name, "::"):
			return posture.AWS
		case folded == machineType:
			return posture.Machine
		case strings.Contains(folded, ".googleapis.com/"), strings.Contains(folded, "k8s.io/"):
			return posture.GCP
		case strings.Contains(name, "/"):
			return posture.Azure
		}
	}
	return posture.NoCloud
}
