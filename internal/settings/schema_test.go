package settings_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"github.com/bartizan-dev/bartizan/internal/settings"
)

var update = flag.Bool("update", false, "write the committed schema")

const (
	schemaFile  = "../../docs/config.schema.json"
	exampleFile = "../../docs/examples/bartizan.yaml"
)

// TestSchema_is_committed: editors read the one under docs/.
func TestSchema_is_committed(t *testing.T) {
	if *update {
		if err := os.WriteFile(schemaFile, settings.Schema(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	committed, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(committed, settings.Schema()) {
		t.Error("docs/config.schema.json is not what config schema prints; go test ./internal/settings -update writes it")
	}
}

// TestSchema_agrees: of single values the schema and the program think alike.
func TestSchema_agrees(t *testing.T) {
	compiler := jsonschema.NewCompiler()
	var document any
	if err := json.Unmarshal(settings.Schema(), &document); err != nil {
		t.Fatal(err)
	}
	if err := compiler.AddResource("config.json", document); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("config.json")
	if err != nil {
		t.Fatal(err)
	}
	example, err := os.ReadFile(exampleFile)
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		in   string
		good bool
	}{
		"example":        {string(example), true},
		"empty_mapping":  {"{}", true},
		"secret_of_file": {"sealing-key: {file: x}", true},
		"secret_plain":   {"sealing-key: x", true},
		"unknown":        {"lisen: x", false},
		"truth":          {"behind-proxy: 'yes'", false},
		"duration":       {"retention: 400", false},
		"forever":        {"retention: forever", true},
		"never_idle":     {"session-idle: forever", false},
		"word":           {"log-level: loud", false},
		"secret_of_two":  {"sealing-key: {file: x, env: Y}", false},
		"list":           {"hosts: x", false},
		"role":           {"sign-on: {a: {issuer: 'https://i.example', client-id: x, roles: [{group: g, role: boss, scope: /}]}}", false},
		"no_issuer":      {"sign-on: {a: {client-id: x}}", false},
		"provider_name":  {"sign-on: {A: {issuer: 'https://i.example', client-id: x}}", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var value any
			if err := yaml.Unmarshal([]byte(test.in), &value); err != nil {
				t.Fatal(err)
			}
			s, problems := settings.Load(settings.Sources{File: settings.ReadFile("b.yaml", []byte(test.in))})
			if err := append(problems, s.CheckServing()...).Err(); (err == nil) != test.good {
				t.Errorf("the program says %v", err)
			}
			if err := schema.Validate(value); (err == nil) != test.good {
				t.Errorf("the schema says %v", err)
			}
		})
	}
}

// TestExample_names_all: who reads the example has seen every setting.
func TestExample_names_all(t *testing.T) {
	text, err := os.ReadFile(exampleFile)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range settings.All {
		if !bytes.Contains(text, []byte("\n"+d.Name+":")) && !bytes.Contains(text, []byte("\n# "+d.Name+":")) {
			t.Errorf("%s is not in it", d.Name)
		}
	}
}

// variableName finds names of variables in documents.
var variableName = regexp.MustCompile(`\bBARTIZAN_[A-Z_]+[A-Z]\b`)

// TestDocuments_name_variables_that_there_are: in examples and in what one reads
// to operate a server.
func TestDocuments_name_variables_that_there_are(t *testing.T) {
	known := map[string]bool{settings.FileVariable: true, "BARTIZAN_TOKEN": true, "BARTIZAN_NAME": true, "BARTIZAN_NAME_FILE": true}
	for _, d := range settings.All {
		known[d.Variable()] = true
		known[d.Variable()+"_FILE"] = d.Kind == settings.Hidden
	}
	files, err := filepath.Glob("../../docs/examples/*")
	if err != nil || len(files) < 4 {
		t.Fatal(files, err)
	}
	for _, file := range append(files, "../../docs/operating.md", "../../docs/commands.md") {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range variableName.FindAllString(string(text), -1) {
			if !known[name] {
				t.Errorf("%s: there is no %s", file, name)
			}
		}
	}
}

// TestCompose_is_good: the environment of the example is one that a server takes.
func TestCompose_is_good(t *testing.T) {
	text, err := os.ReadFile("../../docs/examples/compose.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var compose struct {
		Services map[string]struct{ Environment map[string]string }
	}
	if err := yaml.Unmarshal(text, &compose); err != nil {
		t.Fatal(err)
	}
	environment := compose.Services["bartizan"].Environment
	s, problems := settings.Load(settings.Sources{Getenv: func(name string) string { return environment[name] }})
	if problems = append(problems, s.CheckServing()...); problems != nil || !s.SealingKey.Given() || s.Database == "" {
		t.Errorf("%v, settings %+v", problems, s)
	}
}
