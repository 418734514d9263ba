package policy

// testClasses numbers the outcome vectors of existence tests, and of what
// several candidates come to together.
type testClasses struct {
	vectors  [][]byte
	byVector map[string]int32
	joined   map[[2]int32]int32
}

func newTestClasses() *testClasses {
	c := &testClasses{byVector: map[string]int32{}, joined: map[[2]int32]int32{}}
	c.vectors = append(c.vectors, nil) // 0 is no class
	return c
}

func (c *testClasses) number(vector []byte) int32 {
	if n, ok := c.byVector[string(vector)]; ok {
		return n
	}
	n := int32(len(c.vectors))
	c.vectors = append(c.vectors, vector)
	c.byVector[string(vector)] = n
	return n
}

// or gives the class of two candidates together: a test passes if it does on
// either.
func (c *testClasses) or(a, b int32) int32 {
	if a == b || b == 0 {
		return a
	}
	if a == 0 {
		return b
	}
	if a > b {
		a, b = b, a
	}
	if n, ok := c.joined[[2]int32{a, b}]; ok {
		return n
	}
	vector := make([]byte, max(len(c.vectors[a]), len(c.vectors[b])))
	for i := range vector {
		vector[i] = byte(c.outcome(a, i).or(c.outcome(b, i)))
	}
	n := c.number(vector)
	c.joined[[2]int32{a, b}] = n
	return n
}

// outcome is what a class's candidates come to in a test; without candidates
// it is false.
func (c *testClasses) outcome(class int32, test int) Outcome {
	if v := c.vectors[class]; test < len(v) {
		return Outcome(v[test])
	}
	return isFalse
}
