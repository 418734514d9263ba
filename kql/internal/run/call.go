package run

import (
	"fmt"

	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/kql/internal/function"
	"github.com/bartizan-dev/bartizan/kql/internal/plan"
)

// call compiles a function: its kernel where it has one, else row by row.
func (c *exprCompiler) call(e *plan.Call) (evaluator, error) {
	args, err := c.exprs(e.Args...)
	if err != nil {
		return nil, err
	}
	known, err := c.known(e.Known, e.Args)
	if err != nil {
		return nil, err
	}
	if e.Function.Kernel != nil {
		if kernel := e.Function.Kernel(known); kernel != nil {
			return kernelCall(kernel, args, e.Of), nil
		}
	}
	eval := e.Function.Eval
	if e.Function.Prepare != nil {
		if eval, err = e.Function.Prepare(known); err != nil {
			return nil, fmt.Errorf("%s(): %w", e.Function.Name, err)
		}
	}
	if eval == nil {
		return nil, fmt.Errorf("%s(): %s", e.Function.Name, refusal(e.Function.Refused))
	}
	return rowCall(eval, e.Of, args, e.Function.Volatile), nil
}

func refusal(reason string) string {
	if reason == "" {
		return "not available"
	}
	return reason
}

// known fills in the constants that only a run knows: toscalar().
func (c *exprCompiler) known(known []function.Arg, args []plan.Expr) ([]function.Arg, error) {
	out := append([]function.Arg{}, known...)
	for i := range out {
		if out[i].Const != nil || i >= len(args) || args[i] == nil {
			continue
		}
		value, err := c.constantOf(args[i])
		if err != nil {
			return nil, err
		}
		out[i].Const = value
	}
	return out, nil
}

// kernelCall calls a kernel for all rows at once, or for some after the other
// where the texts that it reads are long.
func kernelCall(kernel function.Kernel, args []evaluator, of data.Type) evaluator {
	sized := of == data.String || of == data.Dynamic
	return func(f *frame) *data.Vector {
		vectors := make([]*data.Vector, len(args))
		for i, arg := range args {
			vectors[i] = arg(f)
		}
		if bytes := textBytes(vectors, f.n, sized); bytes > pieceBytes && f.n > 1 {
			return inPieces(f, kernel, vectors, max(1, f.n/(bytes/pieceBytes+1)))
		}
		v, load := kernel(f.env.call, f.n, vectors), f.load(of)
		load.vector(v)
		return v
	}
}

// pieceBytes is how much text a kernel gets at once: the run may be cancelled
// between pieces.
const pieceBytes = 1 << 20

// textBytes are those that a kernel reads for n rows. Constants count for each
// row where the result may hold them.
func textBytes(vectors []*data.Vector, n int, repeated bool) (bytes int) {
	varies := false
	for _, v := range vectors {
		varies = varies || !v.Const
	}
	for _, v := range vectors {
		switch {
		case !v.Const:
			for _, text := range v.Texts {
				bytes += len(text)
			}
		case repeated && varies:
			for _, text := range v.Texts {
				bytes += len(text) * n
			}
		}
	}
	return bytes
}

// inPieces runs a kernel for some rows after the other.
func inPieces(f *frame, kernel function.Kernel, vectors []*data.Vector, rows int) *data.Vector {
	var made []*data.Vector
	load := f.load(data.String)
	for from := 0; from < f.n; from += rows {
		f.env.call.Ask()
		to := min(from+rows, f.n)
		piece := make([]*data.Vector, len(vectors))
		for i, v := range vectors {
			piece[i] = v.Slice(from, to)
		}
		v := kernel(f.env.call, to-from, piece)
		load.vector(v)
		made = append(made, v)
	}
	return data.Concat(made[0].Type, made...)
}

// rowCall calls a function for every row; once where all arguments are constant.
func rowCall(eval function.Eval, of data.Type, args []evaluator, volatile bool) evaluator {
	return func(f *frame) *data.Vector {
		vectors := make([]*data.Vector, len(args))
		same := !volatile
		for i, arg := range args {
			vectors[i] = arg(f)
			same = same && vectors[i].Const
		}
		row := make([]data.Value, len(args))
		if same && f.n > 0 {
			for i, v := range vectors {
				row[i] = v.Value(0)
			}
			load, value := f.load(of), ofType(eval(f.env.call, row), of)
			load.after(value)
			return data.Constant(value, f.n)
		}
		out := data.NewVector(of, f.n)
		load := f.load(of)
		for r := range f.n {
			for i, v := range vectors {
				row[i] = v.Value(r)
			}
			load.before(row)
			value := ofType(eval(f.env.call, row), of)
			load.after(value)
			out.Put(r, value)
		}
		return out
	}
}

// ofType makes sure that a result fits its column.
func ofType(v data.Value, t data.Type) data.Value {
	if v.Type() != t {
		return data.Convert(v, t)
	}
	return v
}
