package run

import (
	"github.com/bartizan-dev/bartizan/kql/data"
)

// A load is what a function called row by row has done and made: it ends the
// run that was cancelled, and what makes too much.
type load struct {
	env   *env
	sized bool // the results have contents
	most  int
	bytes *int // made so far, by others too
	work  int
}

// workUntilAsked is about how many rows go by before a load asks whether the
// run goes on; values that take long count more.
const workUntilAsked = 256

func newLoad(e *env, of data.Type) load {
	return load{env: e, sized: of == data.String || of == data.Dynamic, most: e.most(), bytes: new(int)}
}

// before counts the arguments of a row.
func (l *load) before(row []data.Value) {
	l.work++
	for i := range row {
		switch row[i].Type() {
		case data.String:
			l.work += len(row[i].Text()) >> 8
		case data.Dynamic:
			l.work = workUntilAsked // may be a long series
		}
	}
	l.ask()
}

// text counts a text that is read.
func (l *load) text(s string) {
	l.work += 1 + len(s)>>8
	l.ask()
}

func (l *load) ask() {
	if l.work >= workUntilAsked {
		l.work = 0
		l.env.call.Ask()
	}
}

// after counts the result of a row.
func (l *load) after(v data.Value) {
	if !l.sized {
		return
	}
	bytes := 0
	if v.Type() == data.String {
		bytes = len(v.Text())
	} else {
		bytes = v.Node().Size(l.most - *l.bytes)
	}
	l.work += bytes >> 8
	l.add(bytes)
}

func (l *load) add(bytes int) {
	if *l.bytes += bytes; *l.bytes > l.most {
		l.env.tooMuch(*l.bytes)
	}
}

// vector counts a column of results.
func (l *load) vector(v *data.Vector) {
	if v.Type != data.String && v.Type != data.Dynamic {
		return
	}
	for _, text := range v.Texts {
		*l.bytes += len(text)
	}
	l.add(0)
	for _, node := range v.Nodes {
		l.add(node.Size(l.most - *l.bytes))
	}
}
