package operator

// Work counts the steps of what may take long, and calls Ask after many of
// them. Ask ends the work by a panic; nil: nobody ends it.
type Work struct {
	Ask   func()
	steps int
}

// stepsUntilAsked are so few that they are done at once, and so many that the
// asking costs nothing beside them.
const stepsUntilAsked = 1 << 16

// Add counts steps that were done: bytes of text, numbers, rows.
func (w *Work) Add(steps int) {
	if w.steps += steps; w.steps > stepsUntilAsked {
		w.ask()
	}
}

func (w *Work) ask() {
	w.steps = 0
	if w.Ask != nil {
		w.Ask()
	}
}
