package catalog

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/internal/spelling"
)

// Command is a command line that mends, with {placeholders}. Where a
// recommendation has several, each says what it is for.
type Command struct {
	For   string   // in words; "" for the only one
	Types []string // that it is for; none: all
	Text  string
}

// Fits reports whether the command is for a resource of this type.
func (c *Command) Fits(resourceType string) bool {
	return len(c.Types) == 0 || slices.ContainsFunc(c.Types, func(t string) bool { return strings.EqualFold(t, resourceType) })
}

// CLI gives all commands, a line each, below a comment each where it takes one
// to choose.
func (r *Remediation) CLI() string { return joined(r.Commands) }

// CLIOf gives the commands for a resource of a type.
func (r *Remediation) CLIOf(resourceType string) string {
	var fitting []Command
	for _, c := range r.Commands {
		if c.Fits(resourceType) {
			fitting = append(fitting, c)
		}
	}
	return joined(fitting)
}

func joined(commands []Command) string {
	if len(commands) == 1 {
		return commands[0].Text
	}
	lines := make([]string, len(commands))
	for i, c := range commands {
		lines[i] = "# " + c.For + "\n" + c.Text
	}
	return strings.Join(lines, "\n")
}

var commandKeys = []string{"!for", "types", "!command"}

// commands reads one command, or a list of those for different resources: a
// rule about several types has one for each.
func (r *parsed) commands(n *yaml.Node) []Command {
	d := r.doc
	if n == nil {
		return nil
	}
	if n.Kind != yaml.SequenceNode {
		if len(r.Types) > 1 {
			d.report(n, "cli: the rule judges %s; want a list with a command for each, such as {for: a bucket, types: [%s], command: …}", strings.Join(r.Types, ", "), r.Types[0])
		}
		return []Command{{Text: d.text(n, "cli")}}
	}
	var all []Command
	for _, item := range d.some(n, "cli") {
		m := d.object(item, "cli", commandKeys...)
		d.some(m["types"].value, "types")
		c := Command{For: d.text(m["for"].value, "for"), Types: d.texts(m["types"].value, "types"), Text: d.text(m["command"].value, "command")}
		for _, name := range c.Types {
			if !slices.Contains(r.Types, name) {
				d.suggest(m["types"].value, spelling.Nearest(name, r.Types), "cli: the rule does not judge %s", name)
			}
		}
		if strings.ContainsRune(c.For, '\n') {
			d.report(m["for"].value, "for: want one line")
		}
		all = append(all, c)
	}
	for _, t := range r.Types {
		if len(all) > 0 && !slices.ContainsFunc(all, func(c Command) bool { return c.Fits(t) }) {
			d.report(n, "cli: no command is for %s", t)
		}
	}
	return all
}

func (p *parser) remediation(r *parsed, n *yaml.Node) {
	d := r.doc
	if n == nil {
		return
	}
	m := d.object(n, "remediation", remediationKeys...)
	r.nodes["steps"], r.nodes["breaks"] = m["steps"].value, m["breaks"].value
	r.Remediation = Remediation{
		Steps:          d.sentence(m["steps"].value, "steps", 20, 900),
		Commands:       r.commands(m["cli"].value),
		Terraform:      d.text(m["terraform"].value, "terraform"),
		Bicep:          d.text(m["bicep"].value, "bicep"),
		CloudFormation: d.text(m["cloudformation"].value, "cloudformation"),
		Breaks:         d.sentence(m["breaks"].value, "breaks", 15, 400),
	}
	if m["cli"].value == nil && r.Cloud != posture.Machine && !isManual(&r.Recommendation) {
		d.report(n, "remediation: property \"cli\" is missing: give a command that runs as it stands, with {placeholders}")
	}
	if fix := m["fix"].value; fix != nil {
		p.fix(r, fix)
	}
}
