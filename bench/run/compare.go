package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/bench/measure"
)

// contender is one engine that is compared on the thirty rules.
type contender struct {
	name, program string
	args          []string
}

// OPA is measured in two set-ups, each the fastest of its kind here: with
// nothing but OPA's own means, and with fastjson in front of it.
var contenders = []contender{
	{"by hand", "handwritten", nil},
	{"bartizan", "policy", nil},
	{"OPA", "opa", []string{"--rules", "bench/rules", "--input-as", "lazy", "--partial"}},
	{"OPA behind fastjson", "opa", []string{"--rules", "bench/rules", "--input-as", "fastjson-lazy", "--partial"}},
}

// rules compares engines on thirty rules, one core each, in turns.
func (b *bench) rules() error {
	if err := b.build("handwritten", "policy", "opa"); err != nil {
		return err
	}
	took := make([][]measure.Result, len(contenders))
	for round := range b.rounds {
		b.say("thirty rules, round %d", round+1)
		for i, c := range contenders {
			r, err := b.contend(c)
			if err != nil {
				return err
			}
			took[i] = append(took[i], r)
		}
	}
	micros := make([]float64, len(contenders))
	for i, c := range contenders {
		micros[i] = perResource(took[i])
		b.table.figure("thirty rules, "+c.name, fmt.Sprintf("%.2f µs CPU a resource of %d bytes", micros[i], took[i][0].Bytes/took[i][0].Resources))
	}
	b.table.figure("resources with equal verdicts", fmt.Sprintf("%s, %s unhealthy", count(took[0][0].Resources), count(took[0][0].Unhealthy)))
	b.table.ratio("thirty rules, one core: OPA ÷ bartizan", times(micros[2]/micros[1]), "≥ 30×, aim for 40×")
	b.table.ratio("the same, fastjson in front of OPA: ÷ bartizan", times(micros[3]/micros[1]), "")
	b.table.ratio("thirty rules, one core: bartizan ÷ by hand", times(micros[1]/micros[0]), "near 1×")
	b.table.ratio("thirty rules, one core: OPA ÷ by hand", times(micros[2]/micros[0]), "what could be had at most")
	var differ []error
	for _, c := range contenders[1:] {
		differ = append(differ, sameText(b.verdicts(contenders[0]), b.verdicts(c)))
	}
	return errors.Join(differ...)
}

func (b *bench) verdicts(c contender) string {
	return b.file("verdicts-" + strings.ReplaceAll(c.name, " ", "-") + ".txt")
}

func (b *bench) contend(c contender) (measure.Result, error) {
	args := append([]string{"--input", b.file("six-types.jsonl"), "--verdicts", b.verdicts(c)}, c.args...)
	var r measure.Result
	u, err := start(1, b.file(c.program), args...)
	if err != nil {
		return r, err
	}
	if err := json.Unmarshal(u.stdout, &r); err != nil {
		return r, fmt.Errorf("%s: read its result: %w", c.name, err)
	}
	return r, nil
}

// perResource gives the median CPU time in microseconds.
func perResource(all []measure.Result) float64 {
	var micros []float64
	for _, r := range all {
		micros = append(micros, r.CPUSeconds*1e6/float64(r.Resources))
	}
	slices.Sort(micros)
	return micros[len(micros)/2]
}

func times(x float64) string { return fmt.Sprintf("%.2f×", x) }
