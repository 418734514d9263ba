package policy

import (
	"strings"
	"testing"
)

// TestChangeFaults holds that what cannot be computed is told, and only that.
func TestChangeFaults(t *testing.T) {
	tests := map[string]struct {
		operations string
		computes   bool
		want       string // the beginning of the only fault
	}{
		"literal":      {`{"operation": "add", "field": "tags.one", "value": "1"}`, false, ""},
		"computed":     {`{"operation": "add", "field": "tags.one", "value": "[field('name')]"}`, true, ""},
		"fails":        {`{"operation": "add", "field": "tags.bad", "value": "[int(field('name'))]"}`, true, `value of tags.bad: int: argument 1: got "st1"`},
		"missing":      {`{"operation": "add", "field": "tags.bad", "value": "[resourceGroup().tags.owner]"}`, true, "value of tags.bad: "},
		"field_fails":  {`{"operation": "add", "field": "[concat('tags.', int(field('name')))]", "value": "1"}`, true, `field of add: `},
		"remove_fails": {`{"operation": "remove", "field": "[concat('tags.', int(field('name')))]"}`, true, `field of remove: `},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c := judgedCase{
				cond: leafOn("type", `"equals": "Contoso.Shop/stores"`),
				then: `{"effect": "modify", "details": {"roleDefinitionIds": ["x"], "operations": [` + test.operations + `]}}`,
			}
			b, env := c.bound(t), c.environment(t)
			faults := NewChangeFaults(env.Aliases, env.Now).Of(b, c.subject(t))
			if b.ComputesChanges() != test.computes {
				t.Errorf("computes changes: %v", b.ComputesChanges())
			}
			if test.want == "" && len(faults) > 0 || test.want != "" && (len(faults) != 1 || !strings.HasPrefix(faults[0], test.want)) {
				t.Errorf("got %q, want %q", faults, test.want)
			}
		})
	}
}
