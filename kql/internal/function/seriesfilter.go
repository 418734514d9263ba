package function

import (
	"math"
	"math/bits"
	"math/cmplx"

	"github.com/bartizan-dev/bartizan/kql/data"
)

func seriesFilterScalars() []Scalar {
	const two = "series:DynamicArray, series_imaginary:DynamicArray?"
	fields := []field{{"real", data.Dynamic}, {"imag", data.Dynamic}}
	return []Scalar{
		{
			Name: "series_fir", Signatures: []string{"(series:DynamicArray, filter:DynamicArray, normalize:bool?, center:bool?) → dynamic"},
			Column: "FirstArgument", Doc: "Filters a series: each result is a weighted sum of it and what is before it.", Eval: evalFIR,
		},
		{
			Name: "series_iir", Signatures: []string{"(series:DynamicArray, numerators:DynamicArray, denominators:DynamicArray) → dynamic"},
			Column: "FirstArgument", Doc: "Filters a series, with results before taken in.", Eval: evalIIR,
		},
		several("series_fft", two, "Gives the Fourier transform of a series.", fields, fourierNodes(fft)),
		several("series_ifft", two, "Gives the inverse Fourier transform of a series.", fields, fourierNodes(inverseFFT)),
	}
}

func evalFIR(c *Context, args []data.Value) data.Value {
	s, ok := readSeries(args[0])
	filter, ok2 := finiteSeries(args[1])
	if !ok || !ok2 {
		return nullDynamic()
	}
	negative := false
	for _, f := range filter {
		negative = negative || f < 0
	}
	normalize, sum := optionalBool(args, 2, !negative), 1.0
	if normalize {
		if sum = sumOf(filter); negative || sum == 0 {
			return nullDynamic()
		}
	}
	ahead := 0
	if optionalBool(args, 3, false) {
		ahead = len(filter) / 2
	}
	return series{x: convolve(c, s.x, filter, ahead, sum)}.value()
}

// convolve takes what lies outside of the series as 0.
func convolve(c *Context, x, filter []float64, ahead int, sum float64) []float64 {
	out, work := make([]float64, len(x)), c.work()
	for i := range out {
		work.Add(len(filter))
		for j, f := range filter {
			if at := i + ahead - j; at >= 0 && at < len(x) {
				out[i] += f * x[at]
			}
		}
		out[i] /= sum
	}
	return out
}

func evalIIR(c *Context, args []data.Value) data.Value {
	s, ok := readSeries(args[0])
	above, ok2 := finiteSeries(args[1])
	below, ok3 := finiteSeries(args[2])
	if !ok || !ok2 || !ok3 || below[0] == 0 {
		return nullDynamic()
	}
	out, work := make([]float64, len(s.x)), c.work()
	for i := range out {
		work.Add(min(i, len(above)+len(below)))
		for j := 0; j < len(above) && j <= i; j++ {
			out[i] += above[j] * s.x[i-j]
		}
		for j := 1; j < len(below) && j <= i; j++ {
			out[i] -= below[j] * out[i-j]
		}
		out[i] /= below[0]
	}
	return series{x: out}.value()
}

func fourierNodes(transform func([]complex128) []complex128) func(args []data.Value) []*data.Node {
	return func(args []data.Value) []*data.Node {
		x, ok := finiteSeries(args[0])
		if !ok {
			return nil
		}
		imag := make([]float64, len(x))
		if len(args) > 1 && !args[1].IsNull() {
			if imag, ok = finiteSeries(args[1]); !ok || len(imag) != len(x) {
				return nil
			}
		}
		in := make([]complex128, len(x))
		for i := range in {
			in[i] = complex(x[i], imag[i])
		}
		re, im := make([]float64, len(x)), make([]float64, len(x))
		for i, c := range transform(in) {
			re[i], im[i] = real(c), imagOf(c)
		}
		return []*data.Node{realsNode(re), realsNode(im)}
	}
}

func imagOf(c complex128) float64 { return imag(c) }

// fft is the Fourier transform of a series of any length: those that are no
// power of two go by Bluestein's convolution.
func fft(x []complex128) []complex128 {
	n := len(x)
	if n&(n-1) == 0 {
		return powerFFT(x)
	}
	room := 1 << bits.Len(uint(2*n-1))
	a, b, chirp := make([]complex128, room), make([]complex128, room), make([]complex128, n)
	for i := range n {
		angle := math.Pi * float64(i*i%(2*n)) / float64(n)
		chirp[i] = cmplx.Rect(1, -angle)
		a[i] = x[i] * chirp[i]
		b[i] = cmplx.Conj(chirp[i])
		b[(room-i)%room] = b[i]
	}
	a, b = powerFFT(a), powerFFT(b)
	for i := range a {
		a[i] *= b[i]
	}
	a = inverseFFT(a)
	for i := range chirp {
		chirp[i] *= a[i]
	}
	return chirp
}

// powerFFT is the transform of a series whose length is a power of two, which
// stays as it is: pairs of short transforms are joined to longer ones.
func powerFFT(x []complex128) []complex128 {
	n := len(x)
	out, turns := make([]complex128, n), make([]complex128, n/2)
	shift := 64 - uint(bits.Len(uint(n-1)))
	for i, v := range x {
		out[bits.Reverse64(uint64(i))>>shift] = v
	}
	for k := range turns {
		turns[k] = cmplx.Rect(1, -2*math.Pi*float64(k)/float64(n))
	}
	for half := 1; half < n; half *= 2 {
		step := n / (2 * half)
		for start := 0; start < n; start += 2 * half {
			even, odd := out[start:start+half], out[start+half:start+2*half]
			for i := range even {
				o := turns[i*step] * odd[i]
				even[i], odd[i] = even[i]+o, even[i]-o
			}
		}
	}
	return out
}

func inverseFFT(x []complex128) []complex128 {
	turned := make([]complex128, len(x))
	for i, c := range x {
		turned[i] = cmplx.Conj(c)
	}
	out := fft(turned)
	for i, c := range out {
		out[i] = cmplx.Conj(c) / complex(float64(len(x)), 0)
	}
	return out
}
