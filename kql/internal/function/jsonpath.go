package function

import (
	"strconv"
	"strings"

	"github.com/bartizan-dev/bartizan/kql/data"
)

func jsonPathFunctions() []Scalar {
	const doc = "Finds the value at a path such as $.a.b[0] in a JSON text."
	return []Scalar{
		{
			Name: "extract_json",
			Signatures: []string{
				"(jsonPath:string{Constant}, jsonText:string) → string",
				"(jsonPath:string{Constant}, jsonText:string, type:type{Literal}) → ParameterNLiteral",
			},
			Doc: doc, Prepare: extractJSON,
		},
		{
			Name: "extractjson",
			Signatures: []string{
				"(jsonPath:string{Constant}, jsonText:string) → string",
				"(jsonPath:string{Constant}, jsonText:string, type:type{Literal}) → ParameterNLiteral",
			},
			Doc: doc, Prepare: extractJSON,
		},
	}
}

// jsonPath reads $.a.b[0]['c d']; ok is false where the text is no such path.
func jsonPath(text string) (steps []data.Step, ok bool) {
	rest, ok := strings.CutPrefix(text, "$")
	for ok && rest != "" {
		var step data.Step
		if rest[0] == '[' {
			step, rest, ok = bracketStep(rest[1:])
		} else {
			step, rest, ok = dotStep(rest)
		}
		steps = append(steps, step)
	}
	return steps, ok
}

func dotStep(rest string) (data.Step, string, bool) {
	if rest[0] != '.' {
		return data.Step{}, rest, false
	}
	rest = rest[1:]
	if strings.HasPrefix(rest, "[") {
		return bracketStep(rest[1:])
	}
	end := strings.IndexAny(rest, ".[")
	if end < 0 {
		end = len(rest)
	}
	return data.KeyStep(rest[:end]), rest[end:], end > 0
}

func bracketStep(rest string) (data.Step, string, bool) {
	if rest != "" && (rest[0] == '\'' || rest[0] == '"') {
		end := strings.Index(rest[1:], rest[:1]+"]")
		if end < 0 {
			return data.Step{}, rest, false
		}
		return data.KeyStep(rest[1 : end+1]), rest[end+3:], true
	}
	inner, after, found := strings.Cut(rest, "]")
	n, err := strconv.Atoi(strings.TrimSpace(inner))
	return data.IndexStep(n), after, found && err == nil
}

func extractJSON(known []Arg) (Eval, error) {
	to := typeArg(known, 2, data.String)
	fixed, isFixed := constText(known, 0)
	steps, good := jsonPath(fixed)
	return func(_ *Context, args []data.Value) data.Value {
		steps, good := steps, good
		if !isFixed {
			steps, good = jsonPath(args[0].String())
		}
		text := args[1].String()
		if !good || !data.ValidJSON(text) {
			return data.Null(to)
		}
		return data.Convert(data.RawJSON(text).PathValue(steps), to)
	}, nil
}
