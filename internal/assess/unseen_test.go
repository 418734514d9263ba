package assess_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// A resource that could not be read at all is told, and counts in the coverage if
// there is something that it would be judged by.
func TestUnseenResources(t *testing.T) {
	const head = groupA + "/providers/Microsoft.Storage/storageAccounts/"
	a := account(groupA, "a", secure)
	denied := func(entries ...string) string { return `,"denied":[{` + strings.Join(entries, "},{") + `}]` }
	of := func(id string) string { return `"id":"` + id + `"` }
	said := func(id, counts string) string {
		if counts != "" {
			counts = " and counts as one check that is unknown (" + counts + ")"
		}
		return "notice in.jsonl:2: read record of " + unitA + ": " + id + " (denied) is in no input" + counts + "; checks that might find it are unknown"
	}
	storage := "Microsoft.Storage/storageAccounts"
	exempted := func(o *assess.Options) {
		o.Exemptions = exemption(t, `{"recommendation":"https","scope":"`+groupA+`"}`)
	}
	tests := map[string]struct {
		lines   []string
		alter   func(*assess.Options)
		unknown int
		told    []string
	}{
		"in_the_input":       {[]string{a, read(unitA, storage, "true", denied(of(head+"a")))}, nil, 0, nil},
		"in_no_input":        {[]string{a, read(unitA, storage, "true", denied(of(head+"b")))}, nil, 1, []string{said(head+"b", "denied")}},
		"of_every_type":      {[]string{a, read(unitA, "*", "true", denied(of(head+"b")))}, nil, 1, []string{said(head+"b", "denied")}},
		"with_a_path":        {[]string{a, read(unitA, storage, "true", denied(of(head+"b")+`,"path":"properties.x"`))}, nil, 1, []string{said(head+"b", "denied")}},
		"twice":              {[]string{a, read(unitA, storage, "true", denied(of(head+"b"), of(upper(head+"b")))+`,"error":[{`+of(head+"b")+`}]`)}, nil, 1, []string{said(head+"b", "denied")}},
		"judged_by_none":     {[]string{a, read(unitA, "A.B/c", "true", denied(of(groupA+"/providers/A.B/c/d")))}, nil, 0, []string{said(groupA+"/providers/A.B/c/d", "")}},
		"a_collection":       {[]string{a, read(unitA, settings, "true", denied(of(head+"b/providers/"+settings)))}, nil, 0, nil},
		"what_belongs_to_it": {[]string{a, read(unitA, settings, "true", denied(of(head+"b")))}, nil, 0, nil},
		"of_no_known_type":   {[]string{a, read(unitA, "*", "true", denied(of("arn:aws:s3:::b")))}, nil, 1, []string{said("arn:aws:s3:::b", "denied")}},
		"gone_later":         {[]string{a, read(unitA, storage, "true", denied(of(head+"b")), earlier), read(unitA, storage, "true", later)}, nil, 0, nil},
		"exempt":             {[]string{a, read(unitA, storage, "true", denied(of(head+"b")))}, exempted, 0, []string{said(head+"b", "")}},
		"of_another_type": {
			[]string{a, read(unitA, storage, "true", denied(of(head+"b")))},
			func(o *assess.Options) { o.Filter.ResourceTypes = []string{"Microsoft.Web/sites"} }, 0,
			[]string{said(head+"b", "")},
		},
		"in_another_scope": {
			[]string{a, read(unitA, storage, "true", denied(of(head+"b")))},
			func(o *assess.Options) { o.Filter.Scopes = []string{unitB} }, 0,
			[]string{said(head+"b", "")},
		},
		"in_the_scope": {
			[]string{a, read(unitA, storage, "true", denied(of(head+"b")))},
			func(o *assess.Options) { o.Filter.Scopes = []string{groupA, "tag:a=b"} }, 1,
			[]string{said(head+"b", "denied")},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			o := options(t, []string{https}, test.lines...)
			if test.alter != nil {
				test.alter(&o)
			}
			result, _ := run(t, o)
			c := result.Coverage
			if c.UnseenCount() != test.unknown || c.Unknown != test.unknown || c.Reasons[posture.Denied] != test.unknown || c.Rejected != 0 {
				t.Errorf("%+v, want %d unseen and unknown", c, test.unknown)
			}
			if diff := cmp.Diff(test.told, told(result.Problems)); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

// What explain says of related resources that could not be read is what the list of
// checks says, and both name them.
func TestUnseenResources_are_evidence(t *testing.T) {
	id := groupA + "/providers/Microsoft.Storage/storageAccounts/a"
	one := id + "/providers/" + settings + "/log"
	condition := definition("kept", `"if": {"field": "type", "equals": "Microsoft.Storage/storageAccounts"},
		"then": {"effect": "AuditIfNotExists", "details": {"type": "Microsoft.Insights/diagnosticSettings",
		"existenceCondition": {"field": "Microsoft.Insights/diagnosticSettings/workspaceId", "exists": true}}}`, "")
	both := definition("both", `"if": {"field": "type", "equals": "Microsoft.Storage/storageAccounts"},
		"then": {"effect": "AuditIfNotExists", "details": {"type": "Microsoft.Insights/diagnosticSettings",
		"existenceCondition": {"field": "Microsoft.Insights/diagnosticSettings/workspaceId", "equals": "[field('name')]"}}}`, "")
	for gap, named := range map[string]string{`"id":"` + one + `"`: one, `"type":"` + settings + `","id":"` + id + `"`: id + "/providers/" + strings.ToLower(settings) + "/?"} {
		o := options(t, []string{logged, condition, both}, account(groupA, "a", secure), account(groupA, "b", secure), setting("b"),
			read(unitA, settings, "true", `,"denied":[{`+gap+`}]`))
		_, all := run(t, o)
		open := 0
		for _, c := range all {
			e, err := assess.Explain(t.Context(), o, c.Resource, c.Rule)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]posture.Check{*c}, e.Checks); diff != "" {
				t.Errorf("%s on %s (-checks +explain):\n%s", c.Rule, c.Name, diff)
			}
			if c.State != posture.Unknown {
				continue
			}
			if open++; len(c.Evidence) != 2 || c.Evidence[0].Found != 0.0 || c.Evidence[1].Resource != named {
				t.Errorf("%s on %s: evidence %+v, want none found and %s named", c.Rule, c.Name, c.Evidence, named)
			}
		}
		if open != 3 {
			t.Errorf("%d checks are unknown, want the three of one account: %q", open, lines(all))
		}
	}
}

// A related resource that the input has stands for itself where a part of it was not
// read: nothing else is among the candidates.
func TestUnreadPartsAddNoRelatedResource(t *testing.T) {
	id := groupA + "/providers/Microsoft.Storage/storageAccounts/a/providers/" + settings + "/log"
	sent := definition("sent", `"if": {"field": "type", "equals": "Microsoft.Storage/storageAccounts"},
		"then": {"effect": "AuditIfNotExists", "details": {"type": "Microsoft.Insights/diagnosticSettings",
		"existenceCondition": {"field": "Microsoft.Insights/diagnosticSettings/workspaceId", "equals": "x"}}}`, "")
	named := definition("named", `"if": {"field": "type", "equals": "Microsoft.Storage/storageAccounts"},
		"then": {"effect": "AuditIfNotExists", "details": {"type": "Microsoft.Insights/diagnosticSettings", "name": "other"}}`, "")
	for name, test := range map[string]struct{ kind, gap, want string }{
		"another_path":          {settings, `"id":"` + id + `","path":"properties.other"`, "sent a unhealthy"},
		"another_path_of_all":   {"*", `"id":"` + id + `","path":"properties.other"`, "sent a unhealthy"},
		"path_of_the_type":      {settings, `"path":"properties.other"`, "sent a unhealthy"},
		"path_of_the_condition": {settings, `"id":"` + id + `","path":"properties.workspaceId"`, "sent a unknown denied"},
		"all":                   {settings, `"id":"` + upper(id) + `"`, "sent a unhealthy"},
	} {
		t.Run(name, func(t *testing.T) {
			want(t, options(t, []string{sent, named}, account(groupA, "a", secure), setting("a"), read(unitA, test.kind, "true", `,"denied":[{`+test.gap+`}]`)), "named a unhealthy", test.want)
		})
	}
}

// A row of an id alone is a related resource that exists, whatever a read record
// says of its type; what it holds is not known.
func TestRelatedResourceOfWhichOnlyTheIDIsKnown(t *testing.T) {
	sent := definition("sent", `"if": {"field": "type", "equals": "Microsoft.Storage/storageAccounts"},
		"then": {"effect": "AuditIfNotExists", "details": {"type": "Microsoft.Insights/diagnosticSettings",
		"existenceCondition": {"field": "Microsoft.Insights/diagnosticSettings/workspaceId", "exists": true}}}`, "")
	a, complete := account(groupA, "a", secure), read(unitA, "*", "true")
	alone := strings.Replace(setting("a"), `,"properties":{"workspaceId":"w"}`, "", 1)
	tests := map[string]struct {
		lines []string
		want  []string
	}{
		"alone":       {[]string{a, alone, complete}, []string{"logged a healthy", "sent a unknown partial"}},
		"with_itself": {[]string{a, alone, setting("a"), complete}, []string{"logged a healthy", "sent a healthy"}},
		"of_another":  {[]string{account(groupA, "b", secure), alone, complete}, []string{"logged b unhealthy", "sent b unhealthy"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			o := options(t, []string{logged, sent}, test.lines...)
			want(t, o, test.want...)
			result, _ := run(t, o)
			if result.Coverage.Rejected != 1 {
				t.Errorf("%d rejected, want the row", result.Coverage.Rejected)
			}
			e, err := assess.Explain(t.Context(), o, groupA+"/providers/Microsoft.Storage/storageAccounts/"+string(test.want[0][len("logged ")]), "sent")
			if err != nil || verdict(&e.Checks[0]) != test.want[1] {
				t.Errorf("explained %v, %v, want %s", e, err, test.want[1])
			}
		})
	}
}
