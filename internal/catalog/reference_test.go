package catalog

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

// TestRules_that_differ_from_the_references: what a condition of the reference says of
// a property, our rule reads, and it has the value that the reference wants there. A
// rule that does otherwise, or judges otherwise in what only words tell, says why in a
// row of allowed.tsv, which is about a check that both have.
func TestRules_that_differ_from_the_references(t *testing.T) {
	c := parseContent(t)
	rows := readChecks(t, all(t, c.Standards))
	facts := contentFacts(t)
	pass := facts.pass[ofRule]
	var paths map[string]map[string]string
	if err := json.Unmarshal(c.aliases, &paths); err != nil {
		t.Fatal(err)
	}
	told := 0
	for _, r := range all(t, c.Recommendations) {
		row, known := rows[r.Cloud.String()+" "+r.ID]
		if !known {
			continue
		}
		allowed := pass.has(r.ID)
		found, err := readsOf(r)
		if err != nil {
			t.Fatal(err)
		}
		text := strings.ToLower(string(r.Definition) + string(r.Applies))
		for _, clause := range clausesOf(row.condition) {
			if !strings.HasPrefix(clause.path, "properties.") && (r.Cloud == posture.Azure || !hasField(facts.provider, facts.own, map[string]bool{row.of: true}, row.of+"/"+clause.path)) {
				continue // words, and no property
			}
			told++
			if !allowed && !found.place(clause.path, paths) {
				t.Errorf("catalog/%s: the reference asks for %s, which the rule does not read", r.File, clause.path)
			}
			for _, value := range clause.values {
				if !allowed && !strings.Contains(text, strings.ToLower(value)) {
					t.Errorf("catalog/%s: the reference compares %s with %s, which the rule does not have", r.File, clause.path, value)
				}
			}
		}
	}
	if told < 100 {
		t.Errorf("%d properties compared, want many", told)
	}
	pass.close(t)
}

// clause is what a condition of the reference says of a property.
type clause struct {
	path   string
	values []string // that it should have; not booleans, of which a rule may ask for the other one
}

var (
	inCondition = regexp.MustCompile(`([A-Za-z]\w*(?:\.\w+|\[[^\]]*\])*) (exists|equals|notEquals|in|notIn|contains|notContains|like|notLike|greaterOrEquals|greater|lessOrEquals|less|not empty)\b ?(\[[^\]]*\]|\([^)]*\)|'[^']*'|[^\s,()]+)?`)
	ago         = regexp.MustCompile(`^now[+-](\d+)d$`)
	itemOf      = regexp.MustCompile(`\[([\w ]+)=([^\]]+)\]`)
)

// clausesOf takes a condition apart as far as it is written by path, operator and value.
func clausesOf(condition string) (all []clause) {
	for _, m := range inCondition.FindAllStringSubmatch(condition, -1) {
		one := clause{path: itemOf.ReplaceAllString(m[1], "[*]")}
		for _, item := range itemOf.FindAllStringSubmatch(m[1], -1) {
			one.values = append(one.values, item[2])
		}
		if m[2] != "exists" && !strings.HasPrefix(m[2], "not") {
			for value := range strings.SplitSeq(strings.Trim(m[3], "[]()'"), ",") {
				if days := ago.FindStringSubmatch(value); days != nil {
					value = days[1]
				}
				if value = strings.TrimSpace(value); value != "" && value != "true" && value != "false" {
					one.values = append(one.values, value)
				}
			}
		}
		all = append(all, one)
	}
	return all
}

// place reports whether a property is read, one above it or one below it, or one of
// that name of what is related. Paths are those of aliases, by type and name.
func (f reads) place(path string, paths map[string]map[string]string) bool {
	bare := func(path string) string {
		path, _ = strings.CutPrefix(strings.ToLower(path), "properties.")
		return strings.ReplaceAll(path, "[*]", "")
	}
	path = bare(path)
	for field := range f.fields {
		for name := range f.types {
			below, ok := strings.CutPrefix(strings.ToLower(field), strings.ToLower(name)+"/")
			if !ok {
				continue
			}
			for alias, leads := range paths[name] {
				if strings.EqualFold(alias, below) {
					below = leads
				}
			}
			if below = bare(below); within(below, path) || within(path, below) || strings.HasSuffix(below, "."+path) {
				return true
			}
		}
	}
	return false
}

func TestClausesOf(t *testing.T) {
	tests := map[string]struct {
		condition string
		want      []clause
	}{
		"of_words":  {"VNet with public IPs", nil},
		"of_values": {"properties.a.b in [X, Y z] AND c[*].d equals true", []clause{{"properties.a.b", []string{"X", "Y z"}}, {path: "c[*].d"}}},
		"of_items":  {"metadata.items[key=serial port].value in [1, true]", []clause{{"metadata.items[*].value", []string{"serial port", "1"}}}},
		"unwanted":  {"a notIn [X] AND b less now-90d", []clause{{path: "a"}, {"b", []string{"90"}}}},
		"presence":  {"(a exists true) OR b not empty", []clause{{path: "a"}, {path: "b"}}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, clausesOf(test.condition), cmp.AllowUnexported(clause{})); diff != "" {
				t.Errorf("clauses (-want +got):\n%s", diff)
			}
		})
	}
}
