package catalog

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// unlistedProperties are what questions read of types that no list of facts has,
// or that an API tells beside the provider's schema; each with its reason.
var unlistedProperties = map[string]string{
	"aws::elasticloadbalancingv2::listener/Protocol":  "no recommendation reads the type; CloudFormation has it",
	"aws::elasticloadbalancingv2::listener/SslPolicy": "as for Protocol",
	"aws::ec2::volume/State":                          "DescribeVolumes has it, CloudFormation has not",
}

var (
	awsType     = regexp.MustCompile(`'(aws::[a-z0-9:]+)'`)
	awsProperty = regexp.MustCompile(`\bproperties\.([A-Z]\w*)`)
)

// TestQuestionProperties: what questions read of AWS, and what their cases write of
// AWS and Google Cloud, are properties that the providers have. A question that
// reads another name finds nothing, and says so of every estate.
func TestQuestionProperties(t *testing.T) {
	questions, err := Questions()
	if err != nil {
		t.Fatal(err)
	}
	f := contentFacts(t)
	spelt := map[string]string{} // types by their name in lower case
	for _, paths := range []propertyPaths{f.provider, f.own} {
		for name := range paths {
			spelt[strings.ToLower(name)] = name
		}
	}
	has := func(typeName, path string) bool {
		name := spelt[typeName]
		return unlistedProperties[typeName+"/"+path] != "" || hasField(f.provider, f.own, map[string]bool{name: true}, name+"/"+path)
	}
	for _, q := range questions {
		var types []string
		for _, m := range awsType.FindAllStringSubmatch(q.Text, -1) {
			types = append(types, m[1])
		}
		for _, m := range awsProperty.FindAllStringSubmatch(q.Text, -1) {
			if !slices.ContainsFunc(types, func(of string) bool { return has(of, m[1]) }) {
				t.Errorf("%s: none of %v has a property %s", q.Name, types, m[1])
			}
		}
		for _, c := range questionCases(t, q) {
			for _, row := range c.Tables["resources"] {
				typeName, _ := row["type"].(string)
				if !strings.HasPrefix(typeName, "aws::") && !strings.Contains(typeName, ".googleapis.com/") || spelt[typeName] == "" {
					continue
				}
				for _, path := range leaves("", row["properties"]) {
					if !has(typeName, path) {
						t.Errorf("%s/%s: %s has no property %s", q.Name, c.Name, typeName, path)
					}
				}
			}
		}
	}
}

// leaves are the paths of what stands in a body, as facts write them.
func leaves(path string, value any) []string {
	var all []string
	switch value := value.(type) {
	case map[string]any:
		for name, inner := range value {
			all = append(all, leaves(strings.TrimPrefix(fmt.Sprintf("%s.%s", path, name), "."), inner)...)
		}
	case []any:
		for _, inner := range value {
			all = append(all, leaves(path+"[*]", inner)...)
		}
	case nil:
	default:
		all = append(all, path)
	}
	return all
}
