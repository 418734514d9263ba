package cli

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/bartizan-dev/bartizan/internal/catalog"
)

func printed(t *testing.T, columns string, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	code := Run(context.Background(), Process{
		Args: args, Out: &out, Err: &errs, Now: time.Now,
		Getenv: func(name string) string { return map[string]string{"COLUMNS": columns}[name] },
	})
	if code != exitFine {
		t.Fatalf("%v: exit code %d: %s", args, code, errs.String())
	}
	return out.String()
}

func everyCommand() []*cobra.Command {
	var all []*cobra.Command
	var walk func(*cobra.Command)
	walk = func(cmd *cobra.Command) {
		all = append(all, cmd)
		for _, sub := range cmd.Commands() {
			walk(sub)
		}
	}
	walk((&app{}).root())
	return all
}

// TestNarrowHelp: prose and flags fit; examples and single words need not.
func TestNarrowHelp(t *testing.T) {
	for _, cmd := range everyCommand() {
		args := append(strings.Fields(cmd.CommandPath())[1:], "--help")
		t.Run(strings.ReplaceAll(cmd.CommandPath(), " ", "_"), func(t *testing.T) {
			section := ""
			for line := range strings.SplitSeq(printed(t, "40", args...), "\n") {
				if strings.HasSuffix(line, ":") && !strings.HasPrefix(line, " ") {
					section = line
				}
				words := len(strings.Fields(line))
				if section != "Examples:" && words > 1 && utf8.RuneCountInString(line) > 40 && !strings.HasPrefix(strings.TrimSpace(line), "-") {
					t.Errorf("%q has %d columns", line, utf8.RuneCountInString(line))
				}
			}
		})
	}
}

// TestEveryCommandStandsInTheTable: docs/commands.md lists them all.
func TestEveryCommandStandsInTheTable(t *testing.T) {
	text, err := os.ReadFile("../../docs/commands.md")
	if err != nil {
		t.Fatal(err)
	}
	table, _, _ := strings.Cut(string(text), "\n## ")
	for _, cmd := range everyCommand() {
		name, parent := cmd.Name(), cmd.Parent()
		if name != "help" && parent != nil && !parent.HasParent() && !strings.Contains(table, "`"+name+" ") && !strings.Contains(table, "`"+name+"`") {
			t.Errorf("the table of docs/commands.md lacks %s", name)
		}
	}
}

// TestHelpNamesWhatExists: ids of recommendations and standards in help and
// documents are those of the catalogue.
func TestHelpNamesWhatExists(t *testing.T) {
	c, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	standards, err := c.Standards()
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, e := range c.Entries() {
		known[e.ID] = true
	}
	for _, s := range standards {
		known[s.ID] = true
		for _, n := range s.Nodes {
			known[s.ID+":"+n.ID] = true
		}
	}
	texts := map[string]string{}
	for _, cmd := range everyCommand() {
		texts[cmd.CommandPath()] = cmd.Long + "\n" + cmd.Example
	}
	files, err := filepath.Glob("../../docs/*.md")
	if err != nil || len(files) == 0 {
		t.Fatalf("no documents: %v", err)
	}
	for _, file := range append(files, "../../README.md") {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		texts[filepath.Base(file)] = string(text)
	}
	// Where an id stands: behind explain's resource, in short exemptions and
	// attestations, behind --standard and --initiative, and any control.
	places := regexp.MustCompile(`bartizan explain \S+ ([a-z0-9]+(?:-[a-z0-9]+)+)\b|"(?:recommendation|control)": "([^"]+)"|--(?:standard|initiative|policy) ([a-z]\w*-\S+)|\b(mcsb-v1:[A-Z]+-[0-9]+)`)
	guid := regexp.MustCompile(`^[0-9a-f]{8}-`)
	found := 0
	for name, text := range texts {
		for _, match := range places.FindAllStringSubmatch(text, -1) {
			for id := range strings.SplitSeq(strings.Join(match[1:], ""), ",") {
				if guid.MatchString(id) {
					continue
				}
				if found++; !known[id] {
					t.Errorf("%s: %q in %q is not in the catalogue", name, id, match[0])
				}
			}
		}
		for _, file := range regexp.MustCompile(`\bcatalog/[a-z]+/\S+\.yaml\b`).FindAllString(text, -1) {
			if _, err := os.Stat("../../" + file); err != nil && !strings.HasSuffix(name, ".md") { // those make new ones
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	if found < 5 {
		t.Errorf("only %d ids found: the pattern is out of date", found)
	}
}
