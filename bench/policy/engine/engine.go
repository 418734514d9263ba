// Package engine puts the thirty rules of bench/rules into package policy.
package engine

import (
	"errors"
	"fmt"
	"time"
	"unsafe"

	"github.com/valyala/fastjson"

	"github.com/bartizan-dev/bartizan/bench/measure"
	"github.com/bartizan-dev/bartizan/bench/rules"
	"github.com/bartizan-dev/bartizan/policy"
)

// New gives a judge that parses each line and judges it by all rules.
func New() (measure.Judge, error) {
	set, err := load()
	if err != nil {
		return nil, err
	}
	e := &engine{judge: set.Judge()}
	return e.line, nil
}

func load() (*policy.Set, error) {
	table, err := rules.Aliases()
	if err != nil {
		return nil, err
	}
	aliases := policy.NewAliases()
	if err := aliases.LoadAliasDump(table); err != nil {
		return nil, err
	}
	all, err := rules.Definitions()
	if err != nil {
		return nil, err
	}
	set := policy.NewSet(aliases, time.Unix(0, 0))
	var problems []error
	for _, d := range all {
		definition, found := policy.ParseDefinition(d.File, d.JSON)
		if definition == nil {
			problems = append(problems, found)
			continue
		}
		if why := set.Broken(set.Add(policy.Bind(definition, nil))); why != "" {
			problems = append(problems, fmt.Errorf("%s: %s", d.File, why))
		}
	}
	return set, errors.Join(problems...)
}

type engine struct {
	parser   fastjson.Parser
	judge    *policy.Judge
	resource policy.Resource
	masks    []measure.Mask // by signature
	known    []bool
}

func (e *engine) line(line []byte) (measure.Mask, error) {
	if err := e.read(line); err != nil {
		return 0, err
	}
	judged := e.judge.Resource(&e.resource)
	mask := measure.Mask(0)
	for _, s := range judged.Signatures {
		mask |= e.mask(s)
	}
	return mask, nil
}

// read makes a resource of a line, by its outline if it looks like others.
func (e *engine) read(line []byte) error {
	if r, ok := e.judge.Read(line); ok {
		e.resource = r
		return nil
	}
	body, err := e.parser.ParseBytes(line)
	if err != nil {
		return fmt.Errorf("parse: %w", err)
	}
	e.fill(body)
	return nil
}

// fill takes from the body what a Resource has beside it. The strings live as
// long as the body, which is all that judging asks for.
func (e *engine) fill(body *fastjson.Value) {
	r := &e.resource
	*r = policy.Resource{Body: body}
	r.ID = text(body, "id")
	r.Type = text(body, "type")
	r.Name = text(body, "name")
	r.FullName = r.Name
	r.Location = text(body, "location")
}

func text(v *fastjson.Value, key string) string {
	b := v.GetStringBytes(key)
	return unsafe.String(unsafe.SliceData(b), len(b)) // no copy: the parser keeps the bytes until the next line
}

// mask gives the rules that a signature calls unhealthy.
func (e *engine) mask(s *policy.Signature) measure.Mask {
	for len(e.masks) <= s.ID {
		e.masks, e.known = append(e.masks, 0), append(e.known, false)
	}
	if !e.known[s.ID] {
		for _, status := range s.Statuses {
			if status.Status == policy.StatusNonCompliant {
				e.masks[s.ID] |= 1 << status.Rule
			}
		}
		e.known[s.ID] = true
	}
	return e.masks[s.ID]
}
