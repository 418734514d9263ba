// Package baseline compares an assessment with an earlier one, of which it
// keeps the unhealthy checks: what is new, what is fixed, and what of the old
// got no answer this time, which is not the same as fixed.
//
// Start with [Read], which reads an earlier assessment as JSON lines, and
// [Baseline.Compare]. A check is known again by its rule, parameters and
// resource; of these a hash is kept, so that a million unhealthy checks take
// some 40 MB, twice that while they are compared.
package baseline

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/cespare/xxhash/v2"
	"github.com/valyala/fastjson"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

// Baseline holds the unhealthy checks of an earlier assessment.
type Baseline struct {
	name   string
	checks map[uint64]int32 // by key; the place of its rule in rules
	rules  []Rule
	at     map[Rule]int32
}

// Rule is a recommendation, or a policy with one set of parameters.
type Rule struct {
	ID             string
	ParametersHash string
}

// definitions is what stands before the name in the id of a policy.
const definitions = "/providers/microsoft.authorization/policydefinitions/"

// ruleOf folds, because assignments, exports and servers spell the ids of policies
// in their own ways, and whatever their form those that differ in case only are one.
// The scope of one that a server keeps at a node of its own stays: that is no id of
// Azure.
func ruleOf(id, parametersHash string) Rule {
	id = posture.Fold(id)
	name := strings.LastIndexByte(id, '/') + 1
	if at := name - len(definitions); at > 0 && !strings.HasPrefix(id, "/") && strings.EqualFold(id[at:name], definitions) {
		return Rule{id[:at] + strings.ToLower(id[at:]), parametersHash}
	}
	return Rule{strings.ToLower(id), parametersHash}
}

// keyOf hashes what a check is known again by. That two of a million keys are
// the same is as likely as one in forty million.
func keyOf(rule Rule, recommendation bool, resource posture.Identity) uint64 {
	var h xxhash.Digest
	h.Reset()
	kind := "policy"
	if recommendation {
		kind = "recommendation"
	}
	for _, part := range []string{kind, rule.ID, rule.ParametersHash, resource.ID, resource.Unit, resource.Region, resource.Type} {
		h.WriteString(part)
		h.Write([]byte{0})
	}
	return h.Sum64()
}

// longest is the longest line that is read; a check with all its evidence is
// some kilobytes.
const longest = 64 << 20

// Read reads what --format jsonl wrote, in UTF-8 or, as PowerShell redirects
// it, UTF-16. A line that is no check is an error with its place: a baseline
// that is read in part makes old findings look new, or gone. So does a file
// without a check, which is what a run that failed leaves behind.
func Read(r io.Reader, name string) (*Baseline, error) {
	b := &Baseline{name: name, checks: map[uint64]int32{}, at: map[Rule]int32{}}
	lines := bufio.NewScanner(transform.NewReader(r, unicode.BOMOverride(transform.Nop)))
	lines.Buffer(make([]byte, 1<<16), longest)
	var parser fastjson.Parser
	checks := 0
	for n := 1; lines.Scan(); n++ {
		line := bytes.TrimSpace(lines.Bytes())
		if len(line) == 0 {
			continue
		}
		checks++
		if err := b.add(&parser, line); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, n, wrongLine{err})
		}
	}
	if err := lines.Err(); err != nil {
		if errors.Is(err, bufio.ErrTooLong) {
			return nil, fmt.Errorf("%s: a line is longer than %d MB: %w", name, longest>>20, wrongLine{err})
		}
		return nil, err
	}
	if checks == 0 {
		return nil, fmt.Errorf("%s: %w", name, wrongLine{errors.New("no check in it: want a whole assessment as --format jsonl writes it")})
	}
	return b, nil
}

// wrongLine marks what stands in the file, not what hinders reading it.
type wrongLine struct{ error }

// Wrong says that an error of [Read] is the content's: the file is no
// baseline, or a broken one.
func Wrong(err error) bool {
	var w wrongLine
	return errors.As(err, &w)
}

func (b *Baseline) add(parser *fastjson.Parser, line []byte) error {
	value, err := parser.ParseBytes(line)
	if err != nil || value.Type() != fastjson.TypeObject {
		return errors.New("no JSON object: want an assessment as --format jsonl writes it, one check a line")
	}
	recommendation := true
	id := value.GetStringBytes("recommendation")
	if id == nil {
		id, recommendation = value.GetStringBytes("policy"), false
	}
	resource, word := value.GetStringBytes("resource"), value.GetStringBytes("state")
	if len(id) == 0 || resource == nil || word == nil {
		return errors.New("no check: want recommendation or policy, resource and state, as --format jsonl writes them")
	}
	state, err := posture.ParseState(string(word))
	if err != nil || state != posture.Unhealthy {
		return err
	}
	rule := ruleOf(string(id), string(value.GetStringBytes("parametersHash")))
	at, ok := b.at[rule]
	if !ok {
		at = int32(len(b.rules))
		b.rules = append(b.rules, rule)
		b.at[rule] = at
	}
	b.checks[keyOf(rule, recommendation, identityIn(value))] = at
	return nil
}

// identityIn is the identity of a line's resource.
func identityIn(line *fastjson.Value) posture.Identity {
	text := func(key string) string { return string(line.GetStringBytes(key)) }
	return posture.IdentityOf(text("resource"), text("type"), text("scope"), text("region"))
}

// Len gives the number of unhealthy checks.
func (b *Baseline) Len() int { return len(b.checks) }
