package function

import (
	"fmt"
	"strconv"
	"strings"
	"sync"

	"github.com/bartizan-dev/bartizan/kql/data"
)

// signatures keeps what was parsed: a function's signatures are read for every
// call of it in every query.
var signatures sync.Map // string → *Signature

// ParseSignature reads the notation of Kusto's analyser:
//
//	(number:Number, precision:long{Constant}?, arg:Scalar×1..n) → Parameter0
//
// "?" is optional, "×1..n" repeated, braces say what an argument must be. A
// result that is not a type is a rule.
func ParseSignature(text string) (*Signature, error) {
	if s, ok := signatures.Load(text); ok {
		return s.(*Signature), nil
	}
	s, err := parseSignature(text)
	if err != nil {
		return nil, fmt.Errorf("signature %q: %w", text, err)
	}
	signatures.Store(text, s)
	return s, nil
}

func parseSignature(text string) (*Signature, error) {
	params, result, ok := strings.Cut(text, ") →")
	params, open := strings.CutPrefix(params, "(")
	if !ok || !open {
		return nil, fmt.Errorf("want (parameters) → result")
	}
	s := &Signature{}
	for _, part := range splitParams(params) {
		p, err := parseParam(part)
		if err != nil {
			return nil, err
		}
		s.Params = append(s.Params, p)
	}
	s.setResult(strings.TrimSpace(result))
	return s, nil
}

func (s *Signature) setResult(result string) {
	if t, ok := data.ParseType(result); ok {
		s.Returns = t
		return
	}
	s.Rule = result
}

// splitParams splits at commas outside braces.
func splitParams(text string) []string {
	if strings.TrimSpace(text) == "" {
		return nil
	}
	var parts []string
	depth, start := 0, 0
	for i, r := range text {
		switch r {
		case '{':
			depth++
		case '}':
			depth--
		case ',':
			if depth == 0 {
				parts = append(parts, text[start:i])
				start = i + 1
			}
		}
	}
	return append(parts, text[start:])
}

func parseParam(text string) (Param, error) {
	p := Param{Min: 1, Max: 1}
	name, rest, ok := strings.Cut(strings.TrimSpace(text), ":")
	if !ok {
		return p, fmt.Errorf("parameter %q: want name:type", text)
	}
	p.Name = name
	rest, p.Optional = strings.CutSuffix(rest, "?")
	if before, times, repeated := strings.Cut(rest, "×"); repeated {
		rest = before
		if err := p.setTimes(times); err != nil {
			return p, err
		}
	}
	p.setKinds(rest)
	return p, nil
}

func (p *Param) setTimes(text string) (err error) {
	low, high, ok := strings.Cut(text, "..")
	if !ok {
		return fmt.Errorf("repetition %q: want ×low..high", text)
	}
	if p.Min, err = strconv.Atoi(low); err != nil {
		return fmt.Errorf("repetition %q: %w", text, err)
	}
	if high == "n" {
		p.Max = -1
		return nil
	}
	if p.Max, err = strconv.Atoi(high); err != nil {
		return fmt.Errorf("repetition %q: %w", text, err)
	}
	return nil
}

// setKinds splits class{kind}{one of a b}.
func (p *Param) setKinds(text string) {
	class, kinds, _ := strings.Cut(text, "{")
	p.Class = class
	for _, kind := range strings.Split(strings.TrimSuffix(kinds, "}"), "}{") {
		if words, ok := strings.CutPrefix(kind, "one of "); ok {
			p.Words = strings.Fields(words)
			continue
		}
		p.Kind = kind
	}
}

// Repeats tells a parameter written with ×.
func (p *Param) Repeats() bool { return p.Min != 1 || p.Max != 1 }
