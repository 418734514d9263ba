package data

// A Step is one step of a path into a dynamic value: a key of a bag, or an
// index of an array (negative: from the end).
type Step struct {
	Key     string
	Index   int
	IsIndex bool
}
