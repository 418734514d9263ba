package syntax

// A Problem is one thing wrong with a query, found by parser or binder.
type Problem struct {
	Span Span
	// Code is stable and in Resource Graph's manner: "ParserFailure", "UnknownColumn", ….
	Code string
	// Message says what is wrong and what was wanted, in lower case: `unknown operator "whre"; did you mean "where"?`.
	Message string
}
