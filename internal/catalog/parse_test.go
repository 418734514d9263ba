package catalog

import (
	"errors"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

// small is a whole catalogue with one recommendation and nothing wrong.
var small = map[string]string{
	"controls.yaml": `# yaml-language-server: $schema=schema/controls.schema.json
controls:
- {id: lock-doors, name: Lock doors, guid: 34a42fb3-e6db-409c-b56b-7b1db6b8aee0, max: 10, description: Nobody walks in unasked.}
`,
	"aliases.yaml": `# yaml-language-server: $schema=schema/aliases.schema.json
aliases:
  Microsoft.House/doors:
    lock: properties.lock
`,
	"standards/house-1.0.yaml": `# yaml-language-server: $schema=../schema/standard.schema.json
title: House rules
authority: Landlord
version: "1.0"
clouds: [azure]
controls:
- id: D
  title: Doors
  controls:
  - {id: D-1, title: Locks}
`,
	"azure/house/door-locked.yaml": `# yaml-language-server: $schema=../../schema/recommendation.schema.json
title: Doors of the house have a lock
severity: high
control: Lock doors
why: Whoever tries the handle at night walks straight in and takes what he finds, unseen by anybody.
userImpact: low
effort: low
attack: [T1190]
standards: [house-1.0:D-1]
remediation:
  steps: Buy a lock, mount it and turn the key.
  cli: locksmith mount --door {name}
  breaks: Guests have to ring.
  fix: {operation: addOrReplace, field: Microsoft.House/doors/lock, value: true}
policyRule:
  if:
    allOf:
    - {field: type, equals: Microsoft.House/doors}
    - {field: Microsoft.House/doors/lock, notEquals: true}
  then: {effect: audit}
cases:
- {name: locked, resource: {properties: {lock: true}}, want: healthy}
- {name: open, resource: {properties: {lock: false}}, want: unhealthy}
- {name: unseen, collected: false, want: unknown}
`,
}

const door = "azure/house/door-locked.yaml"

// edited is small with the first old in file replaced by new, pairs of them.
func edited(t *testing.T, file string, oldNew ...string) fstest.MapFS {
	t.Helper()
	files := fstest.MapFS{}
	for name, text := range small {
		files[name] = &fstest.MapFile{Data: []byte(text)}
	}
	for i := 0; i+1 < len(oldNew); i += 2 {
		text := string(files[file].Data)
		if !strings.Contains(text, oldNew[i]) {
			t.Fatalf("%s has no %q", file, oldNew[i])
		}
		files[file] = &fstest.MapFile{Data: []byte(strings.Replace(text, oldNew[i], oldNew[i+1], 1))}
	}
	return files
}

func lines(ps Problems) []string {
	var all []string
	for _, p := range ps {
		all = append(all, p.Error())
	}
	return all
}

func TestParse_accepts_what_is_right(t *testing.T) {
	c, problems := Parse(edited(t, door))
	if diff := cmp.Diff([]string(nil), lines(problems)); diff != "" {
		t.Fatalf("problems (-want +got):\n%s", diff)
	}
	got, err := c.Recommendation("door-locked")
	if err != nil {
		t.Fatal(err)
	}
	want := `{"name":"door-locked","properties":{"displayName":"Doors of the house have a lock","policyType":"BuiltIn","mode":"All",` +
		`"metadata":{"category":"house","severity":"high"},"policyRule":{"if":{"allOf":[{"field":"type","equals":"Microsoft.House/doors"},` +
		`{"field":"Microsoft.House/doors/lock","notEquals":true}]},"then":{"effect":"audit"}}}}`
	if diff := cmp.Diff(want, string(got.Definition)); diff != "" {
		t.Errorf("definition (-want +got):\n%s", diff)
	}
	resource := `{"id":"/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/example/providers/Microsoft.House/doors/example",` +
		`"type":"Microsoft.House/doors","name":"example","properties":{"lock":true}}`
	if diff := cmp.Diff(resource, string(got.Cases[0].Resource)); diff != "" {
		t.Errorf("resource of a case (-want +got):\n%s", diff)
	}
	if got, want := c.Controls()[0].Max, 10.0; got != want {
		t.Errorf("points: got %v, want %v", got, want)
	}
	if got, want := string(all(t, c.Aliases)), `{"Microsoft.House/doors":{"lock":"properties.lock"}}`; got != want {
		t.Errorf("aliases: got %s, want %s", got, want)
	}
}

func TestParse_refuses(t *testing.T) {
	tests := map[string]struct {
		file string
		edit []string
		want []string
	}{
		"an_unknown_property": {door, []string{"severity:", "severty:"}, []string{
			door + `:2:1: recommendation: property "severity" is missing`,
			door + `:3:1: recommendation: unknown property "severty"; did you mean "severity"?`,
		}},
		"a_property_twice": {door, []string{"effort: low", "effort: low\neffort: high"}, []string{
			door + `:8:1: recommendation: property "effort" is there twice`,
		}},
		"one_command_for_two_types": {door, []string{"- {field: type, equals: Microsoft.House/doors}", "- {field: type, in: [Microsoft.House/doors, Microsoft.House/gates]}"}, []string{
			door + `:12:8: cli: the rule judges Microsoft.House/doors, Microsoft.House/gates; want a list with a command for each, such as {for: a bucket, types: [Microsoft.House/doors], command: …}`,
		}},
		"a_type_without_a_command": {door, []string{
			"- {field: type, equals: Microsoft.House/doors}", "- {field: type, in: [Microsoft.House/doors, Microsoft.House/gates]}",
			"  cli: locksmith mount --door {name}", "  cli: [{for: a door, types: [Microsoft.House/door], command: lock}]",
		}, []string{
			door + `:12:8: cli: no command is for Microsoft.House/doors`,
			door + `:12:8: cli: no command is for Microsoft.House/gates`,
			door + `:12:30: cli: the rule does not judge Microsoft.House/door; did you mean "Microsoft.House/doors"?`,
		}},
		"a_command_for_no_type": {door, []string{"  cli: locksmith mount --door {name}", "  cli: [{for: a door, types: [], command: lock}]"}, []string{
			door + `:12:30: types: is an empty list; want something in it`,
		}},
		"empty_lists": {door, []string{"cli: locksmith mount --door {name}", "cli: []", "attack: [T1190]", "attack: []"}, []string{
			door + `:8:9: attack: is an empty list; want something in it`,
			door + `:12:8: cli: is an empty list; want something in it`,
		}},
		"evidence_for_a_control_twice": {door, []string{"[house-1.0:D-1]", "[house-1.0:D-1, house-1.0:D-1]"}, []string{
			door + `:9:28: standards: "house-1.0:D-1" is there twice`,
		}},
		"a_standard_of_another_cloud": {"standards/house-1.0.yaml", []string{"clouds: [azure]", "clouds: [aws]"}, []string{
			door + `:9:13: standards: house-1.0 is not about azure`,
		}},
		"a_wrong_word": {door, []string{"severity: high", "severity: hig", "userImpact: low", "userImpact: none"}, []string{
			door + `:3:11: severity: "hig" is not one of critical, high, medium, low; did you mean "high"?`,
			door + `:6:13: userImpact: "none" is not one of low, moderate, high`,
		}},
		"a_control_that_is_not_there": {door, []string{"control: Lock doors", "control: Lock door"}, []string{
			door + `:4:10: control "Lock door": no control of controls.yaml has this name; did you mean "Lock doors"?`,
		}},
		"a_standard_that_is_not_there": {door, []string{"house-1.0:D-1", "house-1.0:D-2, cellar"}, []string{
			door + `:9:13: standards: no control "house-1.0:D-2" in standards/; did you mean "house-1.0:D-1"?`,
			door + `:9:28: standards: got "cellar", want STANDARD:CONTROL`,
		}},
		"no_yaml_and_so_no_aliases": {door, []string{"severity: high", "severity: high: low"}, []string{
			door + `:3: no YAML: mapping values are not allowed in this context`,
		}},
		"an_unknown_operator": {door, []string{"notEquals: true}", "notEqals: true}"}, []string{
			door + `:19:43: unknown operator "notEqals"; did you mean "notEquals"?`,
		}},
		"an_unknown_effect_told_once": {door, []string{"effect: audit}", "effect: audid}"}, []string{
			door + `:20:18: effect: "audid" is not one of audit, auditIfNotExists, manual; did you mean "audit"?`,
		}},
		"a_wrong_default_told_once": {door, []string{
			"policyRule:", "parameters:\n  n: {type: Integer, defaultValue: two, description: How many locks there are to be.}\napplies: {field: location, equals: here}\npolicyRule:",
			"notEquals: true}", "notEquals: \"[parameters('n')]\"}",
			"want: healthy}", "parameters: {n: 1}, want: healthy}\n- {name: elsewhere, resource: {location: there}, want: notApplicable}",
		}, []string{
			door + `:16:36: default of parameter "n" is "two"; want type Integer`,
		}},
		"a_want_that_is_none": {door, []string{"want: healthy", "want: helthy"}, []string{
			door + `:22:62: want: "helthy" is not one of healthy, unhealthy, unknown, manual, notApplicable; did you mean "healthy"?`,
		}},
		"an_attack_that_is_none": {door, []string{"T1190", "burglary"}, []string{
			door + `:8:10: attack: got "burglary", want an ATT&CK technique such as T1530 or T1078.004`,
		}},
		"an_alias_that_is_not_there": {door, []string{"doors/lock, notEquals", "doors/bolt, notEquals"}, []string{
			door + `:19:15: field "Microsoft.House/doors/bolt": not in aliases.yaml; add there, under Microsoft.House/doors, a line "bolt: properties.bolt" with the path in the resource's body; did you mean "Microsoft.House/doors/lock"?`,
		}},
		"a_type_with_a_slip": {door, []string{"equals: Microsoft.House/doors}", "equals: Microsoft.House/door}"}, []string{
			door + `:18:29: type "Microsoft.House/door": not in aliases.yaml; if it is spelled so, add it there with {}; did you mean "Microsoft.House/doors"?`,
		}},
		"an_expression_without_its_bracket": {door, []string{"notEquals: true", `notEquals: "[concat('a', 'b')"`}, []string{
			door + `:19:54: "[concat('a', 'b')" begins as an expression does and is not closed, so that it is a text; want ] at its end`,
		}},
		"an_alias_out_of_order": {"aliases.yaml", []string{"lock: properties.lock", "lock: properties.lock\n    bell: properties.bell"}, []string{
			`aliases.yaml:5:5: alias "bell": stands after "lock"; want them in alphabetical order`,
			`aliases.yaml:5:5: alias "bell": no recommendation uses it`,
		}},
		"an_alias_that_nobody_uses": {"aliases.yaml", []string{"lock: properties.lock", "bell: properties.bell\n    lock: properties.lock"}, []string{
			`aliases.yaml:4:5: alias "bell": no recommendation uses it`,
		}},
		"a_rule_without_type": {door, []string{"{field: type, equals: Microsoft.House/doors}", "{field: name, like: door*}"}, []string{
			door + `:17:5: if: names no resource type; want {field: type, equals: …} joined by allOf`,
		}},
		"a_type_of_another_cloud": {door, []string{"equals: Microsoft.House/doors", "in: [Microsoft.House/doors, AWS::House::Door]"}, []string{
			door + `:12:8: cli: the rule judges Microsoft.House/doors, AWS::House::Door; want a list with a command for each, such as {for: a bucket, types: [Microsoft.House/doors], command: …}`,
			door + `:17:5: if: AWS::House::Door is no type of the cloud azure that the folder says`,
		}},
		"an_effect_that_changes_things": {door, []string{"effect: audit", "effect: deny"}, []string{
			door + `:20:18: effect: "deny" is not one of audit, auditIfNotExists, manual`,
		}},
		"a_parameter_that_is_not_declared": {door, []string{"notEquals: true", `notEquals: "[parameters('wanted')]"`}, []string{
			door + `:19:54: parameters: "wanted" is not declared`,
		}},
		"a_parameter_that_nobody_uses_or_sets": {door, []string{"policyRule:", "parameters:\n  wanted: {type: Boolean, defaultValue: true, description: What the lock is to be.}\npolicyRule:"}, []string{
			door + `:16:3: parameters: "wanted" is not used`,
			door + `:24:1: cases: no case that sets a parameter`,
		}},
		"an_existence_check_without_its_cases": {
			door,
			[]string{"then: {effect: audit}", "then: {effect: auditIfNotExists, details: {type: Microsoft.House/doors/keys, existenceCondition: {field: name, equals: main}}}"},
			[]string{
				door + `:22:1: cases: no case with two related resources or more`,
				door + `:22:1: cases: no case that wants unhealthy without any related resource (say complete: [type])`,
				door + `:22:1: cases: no case that wants unknown because the related type was not read`,
			},
		},
		"a_property_of_a_body_twice": {door, []string{"{lock: true}", "{lock: true, Lock: false}"}, []string{
			door + `:22:54: properties: property "Lock" is there twice`,
		}},
		"a_missing_case": {door, []string{"- {name: unseen, collected: false, want: unknown}\n", ""}, []string{
			door + `:22:1: cases: no case that wants unknown`,
		}},
		"applies_without_a_case": {door, []string{"policyRule:", "applies: {field: kind, equals: front}\npolicyRule:"}, []string{
			door + `:23:1: cases: no case that wants notApplicable: the file has applies`,
		}},
		"a_case_twice": {door, []string{"name: open", "name: locked"}, []string{
			door + `:23:3: case "locked": is there twice`,
		}},
		"a_reason_of_nothing": {door, []string{"want: healthy", "want: healthy, reason: denied"}, []string{
			door + `:22:79: reason: only an unknown case has one`,
		}},
		"a_why_that_says_the_title": {door, []string{"Whoever tries", "The doors of this house need a lock. Whoever tries"}, []string{
			door + `:5:6: why: "The doors of this house need a lock" repeats the title; say who can do what`,
		}},
		"a_why_that_says_it_in_other_forms": {door, []string{"Whoever tries", "Think of it; each door needs locks, and all houses have them. Whoever tries"}, []string{
			door + `:5:6: why: "each door needs locks, and all houses have them" repeats the title; say who can do what`,
		}},
		"a_title_that_commands": {door, []string{"Doors of the house have a lock", "ensure doors have a lock."}, []string{
			door + `:2:8: title: want one line that begins with a capital and ends without a full stop`,
			door + `:2:8: title: says "ensure"; state the wanted world, such as "S3 buckets block public access"`,
		}},
		"half_a_sentence": {door, []string{"Guests have to ring.", "Guests ring"}, []string{
			door + `:13:11: breaks: 11 characters, want 15 to 400`,
			door + `:13:11: breaks: want whole sentences, a full stop at the end`,
		}},
		"no_command": {door, []string{"  cli: locksmith mount --door {name}\n", ""}, []string{
			door + `:11:3: remediation: property "cli" is missing: give a command that runs as it stands, with {placeholders}`,
		}},
		"a_fix_without_value": {door, []string{", value: true}", "}"}, []string{
			door + `:14:8: fix: add and addOrReplace take a value, remove takes none`,
		}},
		"no_schema_line": {door, []string{"# yaml-language-server: $schema=../../schema/recommendation.schema.json", "# a door"}, []string{
			door + `:1:1: first line: want "# yaml-language-server: $schema=../../schema/recommendation.schema.json", so that editors know the schema`,
		}},
		"an_anchor": {door, []string{"resource: {properties: {lock: true}}", "resource: &x {properties: {lock: true}}"}, []string{
			door + `:22:28: resource: got a YAML anchor, want a mapping`,
		}},
		"a_date_without_quotes": {door, []string{"properties: {lock: true}", "properties: {lock: true, made: 2026-01-01}"}, []string{
			door + `:22:60: properties: "2026-01-01" is not a JSON value; put text in quotes`,
		}},
		"a_number_for_a_text": {"standards/house-1.0.yaml", []string{`version: "1.0"`, "version: 1.0"}, []string{
			`standards/house-1.0.yaml:4:10: version: got float "1.0", want text; put it in quotes`,
		}},
		"a_long_label": {"standards/house-1.0.yaml", []string{"title: Locks}", "title: Locks on each and every door of an old wooden house}"}, []string{
			`standards/house-1.0.yaml:10:22: title: 11 words, want a label of at most 10`,
		}},
		"a_control_of_a_standard_twice": {"standards/house-1.0.yaml", []string{"{id: D-1, title: Locks}", "{id: D-1, title: Locks}\n  - {id: D-1, title: Keys}"}, []string{
			`standards/house-1.0.yaml:11:5: control "D-1": is there twice`,
		}},
		"a_control_twice": {"controls.yaml", []string{"controls:\n", "controls:\n- {id: lock-doors, name: Close doors, guid: 34a42fb3-e6db-409c-b56b-7b1db6b8aee0, max: 1, description: Nobody looks in unasked.}\n"}, []string{
			`controls.yaml:4:3: control "lock-doors": its id or name is there twice`,
		}},
		"points_beyond_reason": {"controls.yaml", []string{"max: 10", "max: -1"}, []string{
			`controls.yaml:3:87: max: got int "-1", want points from 0 to 100`,
		}},
		"a_second_document": {door, []string{"want: unknown}\n", "want: unknown}\n---\ntitle: Windows\n"}, []string{
			door + `:25:1: a second document begins here; want one in a file`,
		}},
		"yaml_that_does_not_parse": {door, []string{"severity: high", "severity: [high"}, nil},
		"an_empty_file":            {"aliases.yaml", []string{small["aliases.yaml"], "# yaml-language-server: $schema=schema/aliases.schema.json\n"}, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c, problems := Parse(edited(t, test.file, test.edit...))
			if c != nil || len(problems) == 0 {
				t.Fatalf("got a catalogue and %d problems, want problems only", len(problems))
			}
			if test.want == nil {
				return
			}
			if diff := cmp.Diff(test.want, lines(problems)); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

func TestParse_marks_previews_in_the_definition(t *testing.T) {
	c, problems := Parse(edited(t, door, "why:", "preview: true\nwhy:"))
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	r := all(t, c.Recommendations)[0]
	if want := `"metadata":{"category":"house","severity":"high","preview":true}`; !r.Preview || !strings.Contains(string(r.Definition), want) {
		t.Errorf("got preview %v and %s, want %s in it", r.Preview, r.Definition, want)
	}
}

// The engine's words are its own; the line has to be the YAML's.
func TestParse_says_at_which_line_the_engine_refuses(t *testing.T) {
	tests := map[string]struct {
		edit []string
		line int
	}{
		"operator":   {[]string{"notEquals: true", "notEqual: true"}, 19},
		"function":   {[]string{"notEquals: true", `notEquals: "[lock('front')]"`}, 19},
		"expression": {[]string{"notEquals: true", `notEquals: "[concat('a']"`}, 19},
		"parameter": {[]string{
			"policyRule:", "parameters:\n  wanted: {type: Integer, defaultValue: two, description: What the lock is to be.}\npolicyRule:",
			"notEquals: true", `notEquals: "[parameters('wanted')]"`,
			"want: unhealthy}", "want: unhealthy, parameters: {wanted: 1}}",
		}, 16},
		"applies": {[]string{
			"policyRule:", "applies:\n  allOf:\n  - {field: kind, equal: front}\npolicyRule:",
			"- {name: open", "- {name: back, resource: {kind: back}, want: notApplicable}\n- {name: open",
		}, 17},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, problems := Parse(edited(t, door, test.edit...))
			if len(problems) == 0 {
				t.Fatal("got no problem")
			}
			for _, p := range problems {
				if p.Line != test.line || p.File != door {
					t.Errorf("got %v, want it at line %d", p, test.line)
				}
			}
		})
	}
}

func TestParse_looks_at_the_whole(t *testing.T) {
	files := edited(t, door)
	files["azure/garden/door-locked.yaml"] = files[door]
	files["azure/door-locked.yaml"] = files[door]
	files["azure/house/Door_2.yml"] = &fstest.MapFile{Data: []byte("# yaml-language-server: $schema=../../schema/recommendation.schema.json\n{}\n")}
	_, problems := Parse(files)
	const stray = `: stray file: want <cloud>/<service>/<id>.yaml with the cloud azure, aws, gcp or machine, or standards/<id>.yaml`
	want := []string{
		`azure/door-locked.yaml` + stray,
		`azure/house/Door_2.yml: file name: want lower-case words joined by hyphens, and .yaml`,
		`azure/house/Door_2.yml` + stray,
		door + `: the id "door-locked" is taken by azure/garden/door-locked.yaml: file names are unique over all clouds`,
		door + `:5:6: why: shares "whoever tries the handle at night walks straight in" with azure/garden/door-locked.yaml; say it in words of its own`,
		door + `:11:10: steps: shares "buy a lock mount it and turn the key" with azure/garden/door-locked.yaml; say it in words of its own`,
	}
	var got []string
	for _, line := range lines(problems) {
		if !strings.Contains(line, "is missing") {
			got = append(got, line)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
	if err := problems.Err(); !errors.As(err, &Problems{}) {
		t.Errorf("Err: got %v, want the problems", err)
	}
}

func TestParse_of_nothing_names_what_is_missing(t *testing.T) {
	_, problems := Parse(fstest.MapFS{})
	want := []string{
		"aliases.yaml: read: open aliases.yaml: file does not exist",
		"controls.yaml: read: open controls.yaml: file does not exist",
	}
	if diff := cmp.Diff(want, lines(problems)); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}

// FuzzParse: whatever a file holds, there is a catalogue or a problem, and
// what there is can be packed and opened again.
func FuzzParse(f *testing.F) {
	f.Add(small[door])
	f.Add("a: &x [*x, {<<: *x}]\n---\n? [b]\n: !!binary c")
	f.Fuzz(func(t *testing.T, text string) {
		files := fstest.MapFS{}
		for name, content := range small {
			files[name] = &fstest.MapFile{Data: []byte(content)}
		}
		files[door] = &fstest.MapFile{Data: []byte(text)}
		c, problems := Parse(files)
		if (c == nil) != (len(problems) > 0) {
			t.Fatalf("got %v and %d problems, want one of them", c, len(problems))
		}
		if c == nil {
			return
		}
		data, err := pack(c)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := unpack(string(data)); err != nil {
			t.Fatal(err)
		}
	})
}
