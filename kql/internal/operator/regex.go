package operator

import (
	"fmt"

	"github.com/bartizan-dev/bartizan/kql/data"
)

// regex is matches regex. A constant pattern must be good; one from the data
// that is not matches nothing.
func regex(rightConst *data.Value, ask func()) (Kernel, error) {
	if rightConst == nil {
		return changingRegex(ask), nil
	}
	pattern, err := CompilePattern(textOf(*rightConst))
	if err != nil {
		return nil, fmt.Errorf("matches regex: %w", err)
	}
	match := matcher(func(text string) bool { return pattern.Matches(text, ask) })
	return func(n int, l, _ *data.Vector) *data.Vector {
		return matchAll(asTexts(l, n), n, false, func(int) matcher { return match }, ask)
	}, nil
}

func changingRegex(ask func()) Kernel {
	return func(n int, left, right *data.Vector) *data.Vector {
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
				if pattern, err := CompilePattern(patterns.Texts[i]); err == nil {
					match = func(text string) bool { return pattern.Matches(text, ask) }
				}
				made[patterns.Texts[i]] = match
			}
			return match
		}, ask)
	}
}
