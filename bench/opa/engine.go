package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/util"
	"github.com/valyala/fastjson"
)

// engine is one prepared query over all rules.
type engine struct {
	name    string
	query   rego.PreparedEvalQuery
	option  func(line []byte) (rego.EvalOption, error)
	numbers map[string]int
	mask    uint32 // of the resource at hand, set while its result is turned into JSON
	rest    []rego.EvalOption
}

// ways lists how the bytes of a resource can become OPA's input.
var ways = map[string]func() func([]byte) (rego.EvalOption, error){
	// encoding/json into maps, which OPA turns into its own values.
	"map": func() func([]byte) (rego.EvalOption, error) {
		return func(line []byte) (rego.EvalOption, error) {
			var v any
			err := util.UnmarshalJSON(line, &v)
			return rego.EvalInput(v), err
		}
	},
	// The same with OPA's values made beforehand.
	"value": func() func([]byte) (rego.EvalOption, error) {
		return func(line []byte) (rego.EvalOption, error) {
			var v any
			if err := util.UnmarshalJSON(line, &v); err != nil {
				return nil, err
			}
			value, err := ast.InterfaceToValue(v)
			return rego.EvalParsedInput(value), err
		}
	},
	// The same with OPA's values made when a rule asks for them.
	"lazy": func() func([]byte) (rego.EvalOption, error) {
		return func(line []byte) (rego.EvalOption, error) {
			var v map[string]any
			err := util.UnmarshalJSON(line, &v)
			return rego.EvalParsedInput(ast.LazyObject(v)), err
		}
	},
	// fastjson, then OPA's values directly from its tree.
	"fastjson": func() func([]byte) (rego.EvalOption, error) {
		var parser fastjson.Parser
		return func(line []byte) (rego.EvalOption, error) {
			v, err := parser.ParseBytes(line)
			if err != nil {
				return nil, err
			}
			return rego.EvalParsedInput(valueOf(v)), nil
		}
	},
	// fastjson into maps, OPA's values made when a rule asks for them.
	"fastjson-lazy": func() func([]byte) (rego.EvalOption, error) {
		var parser fastjson.Parser
		return func(line []byte) (rego.EvalOption, error) {
			v, err := parser.ParseBytes(line)
			if err != nil {
				return nil, err
			}
			m, ok := plain(v).(map[string]any)
			if !ok {
				return nil, fmt.Errorf("got %s, want an object", v.Type())
			}
			return rego.EvalParsedInput(ast.LazyObject(m)), nil
		}
	},
}

func inputs() []string { return slices.Sorted(maps.Keys(ways)) }

func newEngine(file, as string, partial bool, numbers map[string]int) (*engine, error) {
	way, ok := ways[as]
	if !ok {
		return nil, fmt.Errorf("input-as %q: want one of %v", as, inputs())
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var options []rego.PrepareOption
	if partial {
		options = append(options, rego.WithPartialEval())
		as += " partial"
	}
	query, err := rego.New(rego.Query("data.bench.unhealthy"), rego.Module(file, string(text))).
		PrepareForEval(context.Background(), options...)
	if err != nil {
		return nil, fmt.Errorf("prepare query: %w", err)
	}
	e := &engine{name: as, query: query, option: way(), numbers: numbers}
	e.rest = []rego.EvalOption{rego.EvalSortSets(false), rego.EvalCopyMaps(false), rego.EvalGenerateJSON(e.take)}
	return e, nil
}

func (e *engine) judge(line []byte) (uint32, error) {
	input, err := e.option(line)
	if err != nil {
		return 0, err
	}
	e.mask = 0
	_, err = e.query.Eval(context.Background(), append(e.rest, input)...)
	return e.mask, err
}

// take reads the verdicts from the result's own values, which saves turning
// them into JSON values first.
func (e *engine) take(term *ast.Term, _ *rego.EvalContext) (any, error) {
	set, ok := term.Value.(ast.Set)
	if !ok {
		return nil, fmt.Errorf("result is %T, want a set", term.Value)
	}
	return nil, set.Iter(func(member *ast.Term) error {
		name, ok := member.Value.(ast.String)
		if !ok {
			return fmt.Errorf("member is %T, want a string", member.Value)
		}
		number, ok := e.numbers[string(name)]
		if !ok {
			return fmt.Errorf("rule %q is not among the definitions", name)
		}
		e.mask |= 1 << number
		return nil
	})
}

// valueOf makes OPA's value of a parsed JSON value, with OPA's own shared
// terms for what is frequent.
func valueOf(v *fastjson.Value) ast.Value { return termOf(v).Value }

func termOf(v *fastjson.Value) *ast.Term {
	switch v.Type() {
	case fastjson.TypeNull:
		return ast.InternedNullTerm
	case fastjson.TypeTrue:
		return ast.InternedTerm(true)
	case fastjson.TypeFalse:
		return ast.InternedTerm(false)
	case fastjson.TypeString:
		b, _ := v.StringBytes()
		return ast.InternedTerm(string(b))
	case fastjson.TypeNumber:
		return ast.NewTerm(ast.Number(v.MarshalTo(nil)))
	case fastjson.TypeArray:
		items, _ := v.Array()
		terms := make([]*ast.Term, len(items))
		for i, item := range items {
			terms[i] = termOf(item)
		}
		return ast.NewTerm(ast.NewArray(terms...))
	}
	o, _ := v.Object()
	pairs := make([][2]*ast.Term, 0, o.Len())
	o.Visit(func(key []byte, item *fastjson.Value) {
		pairs = append(pairs, [2]*ast.Term{ast.InternedTerm(string(key)), termOf(item)})
	})
	return ast.NewTerm(ast.NewObject(pairs...))
}

func plain(v *fastjson.Value) any {
	switch v.Type() {
	case fastjson.TypeNull:
		return nil
	case fastjson.TypeTrue:
		return true
	case fastjson.TypeFalse:
		return false
	case fastjson.TypeString:
		b, _ := v.StringBytes()
		return string(b)
	case fastjson.TypeNumber:
		if n, err := v.Int64(); err == nil {
			return n
		}
		return v.GetFloat64()
	case fastjson.TypeArray:
		items, _ := v.Array()
		all := make([]any, len(items))
		for i, item := range items {
			all[i] = plain(item)
		}
		return all
	}
	o, _ := v.Object()
	m := make(map[string]any, o.Len())
	o.Visit(func(key []byte, item *fastjson.Value) { m[string(key)] = plain(item) })
	return m
}
