package operator

import (
	"fmt"
	"regexp"

	"github.com/bartizan-dev/bartizan/kql/data"
)

// MaxPattern is the longest regular expression that is compiled.
const MaxPattern = 16 << 10

// regex is matches regex. A constant pattern must be good; one from the data
// that is not matches nothing.
func regex(left, right data.Type, rightConst *data.Value) (Kernel, error) {
	if rightConst == nil {
		return changingRegex, nil
	}
	compiled, err := compileRegex(textOf(*rightConst))
	if err != nil {
		return nil, err
	}
	match := matcher(compiled.MatchString)
	return func(n int, l, _ *data.Vector) *data.Vector {
		return matchAll(asTexts(l, n), n, false, func(int) matcher { return match })
	}, nil
}

func compileRegex(pattern string) (*regexp.Regexp, error) {
	if len(pattern) > MaxPattern {
		return nil, fmt.Errorf("matches regex: the pattern has %d characters; at most %d are read", len(pattern), MaxPattern)
	}
	compiled, err := regexp.Compile(pattern)
	if err != nil {
		return nil, fmt.Errorf("matches regex: %w", err)
	}
	return compiled, nil
}

func changingRegex(n int, left, right *data.Vector) *data.Vector {
	patterns := asTexts(right, n)
	never := func(string) bool { return false }
	made := map[string]matcher{}
	return matchAll(asTexts(left, n), n, false, func(i int) matcher {
		if patterns.Const {
			i = 0
		}
		match, ok := made[patterns.Texts[i]]
		if !ok {
			match = never
			if compiled, err := compileRegex(patterns.Texts[i]); err == nil {
				match = compiled.MatchString
			}
			made[patterns.Texts[i]] = match
		}
		return match
	})
}
