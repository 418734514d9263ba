package catalog

import (
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/spelling"
)

// command is one row of catalog/facts/<tool>.tsv: what a tool takes there.
type command struct {
	least, most int // positional arguments
	flags       map[string]*commandFlag
}

// commandFlag is a flag under all its names.
type commandFlag struct {
	name        string // the first
	required    bool
	least, most int // values
}

// many is more values than anybody writes.
const many = 1 << 20

// tool is what the facts say of one: its commands by name; under the tool's
// own name the flags that every command takes.
type tool struct {
	name     string
	commands map[string]*command
	used     map[string]bool
}

// readTool reads the facts about one tool.
func readTool(files fs.FS, name string) (*tool, error) {
	rows, err := readFacts(files, name+".tsv", 3)
	if err != nil {
		return nil, err
	}
	of := &tool{name, map[string]*command{}, map[string]bool{name: true}}
	for _, row := range rows {
		c, err := parseCommand(row[1], row[2])
		if err != nil {
			return nil, fmt.Errorf("%s.tsv: %s: %w", name, row[0], err)
		}
		of.commands[row[0]] = c
	}
	if of.commands[name] == nil {
		return nil, fmt.Errorf("%s.tsv has no row %s with the flags of all commands", name, name)
	}
	return of, nil
}

func parseCommand(positional, flags string) (*command, error) {
	c := &command{flags: map[string]*commandFlag{}}
	number, open := strings.CutSuffix(positional, "+")
	n, err := strconv.Atoi(number)
	if err != nil {
		return nil, fmt.Errorf("%q positional arguments, want a number, or one and +", positional)
	}
	c.least, c.most = n, n
	if open {
		c.most = many
	}
	for _, text := range strings.Fields(flags) {
		f := &commandFlag{}
		text, f.required = strings.CutPrefix(text, "!")
		names, values, takes := strings.Cut(text, "=")
		switch {
		case !takes:
		case values == "":
			f.least, f.most = 1, 1
		case values == "+":
			f.least, f.most = 1, many
		case values == "?":
			f.most = 1
		case values == "*":
			f.most = many
		default:
			return nil, fmt.Errorf("flag %q: want =, =+, =? or =* behind it, or nothing", text)
		}
		for i, name := range strings.Split(names, "|") {
			if i == 0 {
				f.name = name
			}
			c.flags[name] = f
		}
	}
	return c, nil
}

var (
	flagName   = regexp.MustCompile(`^--?[A-Za-z][\w-]*$`)
	subCommand = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)
)

// check says everything that is wrong with a command.
func (of *tool) check(words []string) []string {
	name, rest := of.name, words[1:]
	var c *command
	for n, at := 1, of.name; n < len(words) && subCommand.MatchString(words[n]); n++ {
		at += " " + words[n]
		if of.commands[at] != nil {
			name, c, rest = at, of.commands[at], words[n+1:]
		}
	}
	if c == nil {
		return []string{fmt.Sprintf("%s is no command of %s.tsv: either there is none, or the list wants a refresh, see catalog/facts/README.md", strings.Join(until(words, func(w string) bool { return !subCommand.MatchString(w) }), " "), of.name)}
	}
	of.used[name] = true
	var wrong []string
	given := map[*commandFlag]bool{}
	positional := 0
	for len(rest) > 0 && rest[0] != "--" {
		word := rest[0]
		rest = rest[1:]
		if !isFlag(word) {
			positional++
			continue
		}
		flag, _, joined := strings.Cut(word, "=")
		f := c.flags[flag]
		if f == nil {
			f = of.commands[of.name].flags[flag]
		}
		if f == nil {
			near := spelling.Nearest(flag, names(c.flags))
			wrong = append(wrong, fmt.Sprintf("%s has no flag %s%s", name, flag, meant(near)))
			rest = rest[len(until(rest, isFlag)):]
			continue
		}
		given[f] = true
		if joined && f.most == 0 {
			wrong = append(wrong, fmt.Sprintf("%s: %s takes no value", name, flag))
		}
		if joined {
			continue
		}
		values := len(until(rest, isFlag))
		if values < f.least {
			wrong = append(wrong, fmt.Sprintf("%s: %s wants a value", name, flag))
		}
		rest = rest[min(values, f.most):]
	}
	if positional < c.least || positional > c.most {
		wrong = append(wrong, fmt.Sprintf("%s: %d words that belong to no flag, want %d to %d", name, positional, c.least, c.most))
	}
	return append(wrong, of.missing(name, c, given)...)
}

// missing lists required flags that are not given. A file or ids in their
// place do as well.
func (of *tool) missing(name string, c *command, given map[*commandFlag]bool) []string {
	for _, instead := range []string{"--cli-input-json", "--ids"} {
		if f := c.flags[instead]; f != nil && given[f] {
			return nil
		}
	}
	var wrong []string
	for _, flag := range names(c.flags) {
		if f := c.flags[flag]; f.name == flag && f.required && !given[f] {
			wrong = append(wrong, fmt.Sprintf("%s wants %s", name, flag))
		}
	}
	return wrong
}

// isFlag tells a flag from a value, such as a number below zero or a lone -.
func isFlag(word string) bool {
	name, _, _ := strings.Cut(word, "=")
	return word == "--" || flagName.MatchString(name)
}

// until gives the words before the first that is so.
func until(words []string, is func(string) bool) []string {
	if at := slices.IndexFunc(words, is); at >= 0 {
		return words[:at]
	}
	return words
}

func names(flags map[string]*commandFlag) []string {
	var all []string
	for name := range flags {
		all = append(all, name)
	}
	slices.Sort(all)
	return all
}

// meant suggests a flag, if any is near.
func meant(near string) string {
	if near == "" {
		return ""
	}
	return "; did you mean " + near + "?"
}
