package assess

// UsageError is something that the options say which cannot be meant: who gave them
// has to say it otherwise.
type UsageError struct{ Reason string }

// Error is what was said, and what is wanted.
func (e *UsageError) Error() string { return e.Reason }
