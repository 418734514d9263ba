package function

import "math"

// statisticScalars are the functions of probability.
func statisticScalars() []Scalar {
	beta := func(name, first, doc string, f func(x, a, b float64) (float64, bool)) Scalar {
		return Scalar{
			Name: name, Signatures: []string{"(" + first + ":Number, alpha:Number, beta:Number) → real"}, Column: "None",
			Doc: doc, Eval: realsEval(func(x []float64) (float64, bool) {
				if !betaParameter(x[1]) || !betaParameter(x[2]) {
					return math.NaN(), true
				}
				return f(x[0], x[1], x[2])
			}),
		}
	}
	return []Scalar{
		beta("beta_cdf", "x", "Gives the beta distribution's cumulative function.", func(x, a, b float64) (float64, bool) {
			return inUnit(x, func() float64 { return betaCDF(x, a, b) }), true
		}),
		beta("beta_pdf", "x", "Gives the beta distribution's density.", func(x, a, b float64) (float64, bool) {
			return inUnit(x, func() float64 { return betaPDF(x, a, b) }), true
		}),
		beta("beta_inv", "probability", "Gives the value below which a beta distribution lies with a probability.",
			func(p, a, b float64) (float64, bool) { return betaInverse(p, a, b), p > 0 && p < 1 }),
		{
			Name: "welch_test", Signatures: []string{"(mean1:Number, variance1:Number, count1:Number, mean2:Number, variance2:Number, count2:Number) → real"},
			Column: "None", Doc: "Gives the p-value of Welch's test whether two samples have one mean.", Eval: realsEval(welch),
		},
	}
}

func betaParameter(x float64) bool { return x > 0 && x <= 10000 }

func inUnit(x float64, f func() float64) float64 {
	if x < 0 || x > 1 || x != x {
		return math.NaN()
	}
	return f()
}

// logBeta is the logarithm of x^a (1-x)^b / B(a, b).
func logBeta(x, a, b float64) float64 {
	return a*math.Log(x) + b*math.Log1p(-x) + logGamma(a+b) - logGamma(a) - logGamma(b)
}

func betaPDF(x, a, b float64) float64 {
	switch {
	case x == 0 && a == 1:
		return b
	case x == 1 && b == 1:
		return a
	}
	return math.Exp((a-1)*math.Log(x) + (b-1)*math.Log1p(-x) + logGamma(a+b) - logGamma(a) - logGamma(b))
}

// betaCDF is the regularised incomplete beta function.
func betaCDF(x, a, b float64) float64 {
	switch {
	case x <= 0:
		return 0
	case x >= 1:
		return 1
	case x > (a+1)/(a+b+2):
		return 1 - betaCDF(1-x, b, a)
	}
	return math.Exp(logBeta(x, a, b)) / a * betaFraction(x, a, b)
}

// betaFraction is the continued fraction of the incomplete beta function, by
// Lentz's method.
func betaFraction(x, a, b float64) float64 {
	const tiny = 1e-300
	c, d := 1.0, 1/away(1-(a+b)*x/(a+1), tiny)
	h := d
	for m := 1.0; m < 10000; m++ {
		even := m * (b - m) * x / ((a + 2*m - 1) * (a + 2*m))
		d, c = 1/away(1+even*d, tiny), away(1+even/c, tiny)
		h *= d * c
		odd := -(a + m) * (a + b + m) * x / ((a + 2*m) * (a + 2*m + 1))
		d, c = 1/away(1+odd*d, tiny), away(1+odd/c, tiny)
		h *= d * c
		if math.Abs(d*c-1) < 1e-16 {
			break
		}
	}
	return h
}

func away(x, tiny float64) float64 {
	if math.Abs(x) < tiny {
		return tiny
	}
	return x
}

// betaInverse halves the interval until floats end: it converges for all parameters.
func betaInverse(p, a, b float64) float64 {
	low, high := 0.0, 1.0
	for range 200 {
		middle := (low + high) / 2
		if middle <= low || middle >= high {
			break
		}
		if betaCDF(middle, a, b) < p {
			low = middle
		} else {
			high = middle
		}
	}
	return (low + high) / 2
}

// welch takes mean, variance and count of both samples.
func welch(x []float64) (float64, bool) {
	e1, e2 := x[1]/x[2], x[4]/x[5]
	t := (x[0] - x[3]) / math.Sqrt(e1+e2)
	freedom := (e1 + e2) * (e1 + e2) / (e1*e1/(x[2]-1) + e2*e2/(x[5]-1))
	p := betaCDF(freedom/(freedom+t*t), freedom/2, 0.5)
	return p, !math.IsNaN(p)
}
