package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// assess gives the command line of a whole assessment of one estate.
func (b *bench) assess(resources int) []string {
	return []string{
		"assess", b.estate(resources),
		"--catalog", b.file("definitions.jsonl"), "--catalog", filepath.Join(b.policies, "aliases.json.gz"),
		"--parameters", b.file("parameters.json"), "--format", "json", "--quiet",
	}
}

// whole measures assessments of growing estates against parsing alone, on two
// cores, in turns.
func (b *bench) whole() error {
	if err := b.build("baseline", "bartizan"); err != nil {
		return err
	}
	warmUp, err := b.repeat(1)
	if err != nil {
		return err
	}
	b.table.figure("assess 1 resource (start-up)", amount(warmUp.assess))
	var each []float64 // microseconds a resource, start-up apart
	for _, n := range b.sizes() {
		t, err := b.repeat(n)
		if err != nil {
			return err
		}
		beyond := t.assess.wall - warmUp.assess.wall
		each = append(each, float64(beyond.Microseconds())/float64(n))
		b.table.ratio(fmt.Sprintf("assess %s ÷ fastjson alone, two cores", count(n)), times(quotient(t.assess.wall, t.parse.wall)), wanted(n))
		b.table.ratio("the same, start-up apart", times(quotient(beyond, t.parse.wall)), "")
		b.table.figure("fastjson alone, "+count(n), amount(t.parse))
		b.table.figure("assess, "+count(n), amount(t.assess)+t.coverage)
	}
	if err := b.checks(); err != nil {
		return err
	}
	for i := 1; i < len(each); i++ {
		b.table.ratio(fmt.Sprintf("time a resource, start-up apart: %s ÷ %s", count(b.sizes()[i]), count(b.sizes()[i-1])),
			times(each[i]/each[i-1]), "0.9 to 1.1×")
	}
	return nil
}

// checks measures what it takes to tell every check with its evidence, beyond the
// summary of the same file.
func (b *bench) checks() error {
	const resources = 10_000
	summary := b.assess(resources)
	all := slices.Clone(summary)
	all[slices.Index(all, "json")] = "jsonl"
	var plain, told []usage
	lines := 0
	for round := range b.rounds {
		b.say("checks of %s resources, round %d", count(resources), round+1)
		p, err := start(2, b.file("bartizan"), summary...)
		if err != nil {
			return err
		}
		t, err := start(2, b.file("bartizan"), all...)
		if err != nil {
			return err
		}
		lines = bytes.Count(t.stdout, []byte{'\n'})
		t.stdout = nil
		plain, told = append(plain, p), append(told, t)
	}
	p, t := median(plain), median(told)
	b.table.ratio(fmt.Sprintf("jsonl ÷ summary, %s resources, CPU", count(resources)), times(quotient(t.cpu, p.cpu)), "")
	b.table.ratio("the same, wall", times(quotient(t.wall, p.wall)), "")
	b.table.figure(fmt.Sprintf("jsonl, %s resources", count(resources)), fmt.Sprintf("%s, %s checks, %.1f µs CPU a check beyond the summary",
		amount(t), count(lines), float64((t.cpu-p.cpu).Microseconds())/float64(lines)))
	return nil
}

func wanted(resources int) string {
	if resources == 1_000_000 {
		return "≤ 2×, aim for 1.5×; peak ≤ 1.5 GiB"
	}
	return ""
}

// turn is one size's medians.
type turn struct {
	parse, assess usage
	coverage      string
}

func (b *bench) repeat(resources int) (turn, error) {
	var parse, assess []usage
	var t turn
	for round := range b.rounds {
		b.say("%s resources, round %d", count(resources), round+1)
		p, err := start(2, b.file("baseline"), b.estate(resources))
		if err != nil {
			return t, err
		}
		a, err := start(2, b.file("bartizan"), b.assess(resources)...)
		if err != nil {
			return t, err
		}
		parse, assess = append(parse, p), append(assess, a)
		if t.coverage, err = coverage(a.stdout); err != nil {
			return t, err
		}
	}
	t.parse, t.assess = median(parse), median(assess)
	return t, nil
}

// coverage says how many checks an answer has, so that a fast answer that
// judged nothing does not pass for one.
func coverage(report []byte) (string, error) {
	var r struct {
		Coverage struct{ Judged, Unknown int } `json:"coverage"`
	}
	if err := json.Unmarshal(report, &r); err != nil {
		return "", fmt.Errorf("read report: %w: %.80q", err, report)
	}
	return fmt.Sprintf(", %s checks judged, %s unknown", count(r.Coverage.Judged), count(r.Coverage.Unknown)), nil
}

// start measures how long the command that lists recommendations takes to
// come up, beside the command that only prints its version; and the same, with
// the assessment of a single resource, of a program with twenty times the
// content.
func (b *bench) start() error {
	if err := errors.Join(b.build("bartizan"), b.buildMany()); err != nil {
		return err
	}
	commands := [][]string{{"version"}, {"list", "recommendations"}, {"assess", b.estate(1), "--quiet"}}
	taken := map[string][]usage{}
	for range 4 * b.rounds {
		for _, program := range []string{"bartizan", many} {
			for _, args := range commands {
				u, err := start(2, b.file(program), args...)
				if err != nil {
					return err
				}
				if len(u.stdout) == 0 {
					return fmt.Errorf("%s %s: no output", program, strings.Join(args, " "))
				}
				key := program + " " + args[0]
				taken[key] = append(taken[key], u)
			}
		}
	}
	of := func(program, command string) usage { return median(taken[program+" "+command]) }
	b.table.ratio("list recommendations ÷ version", times(quotient(of("bartizan", "list").wall, of("bartizan", "version").wall)), "")
	for _, command := range []string{"version", "list", "assess"} {
		b.table.ratio("start with twenty times the content: "+command, times(quotient(of(many, command).wall, of("bartizan", command).wall)), "")
	}
	b.table.figure("list recommendations", amount(of("bartizan", "list")))
	b.table.figure("version", amount(of("bartizan", "version")))
	b.table.figure("assess 1 resource, built-in recommendations", amount(of("bartizan", "assess")))
	b.table.figure("the same, twenty times the content", amount(of(many, "assess")))
	return nil
}

func quotient(a, b time.Duration) float64 { return a.Seconds() / b.Seconds() }

func amount(u usage) string {
	return fmt.Sprintf("%.3f s, %.3f s CPU, %.0f MiB", u.wall.Seconds(), u.cpu.Seconds(), float64(u.peak)/(1<<20))
}
