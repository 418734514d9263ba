package policy

import (
	"testing"

	"pgregory.net/rapid"
)

func fromText(t testing.TB, text string) Value {
	t.Helper()
	if text == "missing" {
		return Value{}
	}
	v, err := FromJSON([]byte(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v
}

// TestOperators holds one row for every sentence of the operator table. Each
// positive operator is checked together with its negation, applied and
// compiled.
func TestOperators(t *testing.T) {
	tests := map[string]struct {
		left  string
		op    Operator
		right string
		want  bool
	}{
		"equals_null_null":            {`null`, Equals, `null`, true},
		"equals_missing_empty":        {`missing`, Equals, `""`, true},
		"equals_empty_null":           {`""`, Equals, `null`, true},
		"equals_null_false":           {`null`, Equals, `false`, false},
		"equals_null_zero":            {`null`, Equals, `0`, false},
		"equals_folded":               {`"Straße"`, Equals, `"STRASSE"`, true},
		"equals_sigma":                {`"ΣΑΣ"`, Equals, `"σας"`, true},
		"equals_ligature":             {`"ﬃ"`, Equals, `"FFI"`, true},
		"equals_kelvin":               {`"K"`, Equals, `"k"`, true},
		"equals_accent":               {`"é"`, Equals, `"e"`, false},
		"equals_prefix":               {`"ab"`, Equals, `"abc"`, false},
		"equals_number_text":          {`10`, Equals, `" 10 "`, true},
		"equals_number_float_text":    {`10`, Equals, `"10.0"`, true},
		"equals_number_exponent":      {`1000`, Equals, `"1e3"`, true},
		"equals_number_no_text":       {`10`, Equals, `"ten"`, false},
		"equals_number_hex":           {`16`, Equals, `"0x10"`, false},
		"equals_number_underscore":    {`10`, Equals, `"1_0"`, false},
		"equals_texts_not_numbers":    {`"10"`, Equals, `"10.0"`, false},
		"equals_int_float":            {`1`, Equals, `1.0`, true},
		"equals_big":                  {`9007199254740993`, Equals, `9007199254740992.0`, false},
		"equals_bool_text":            {`true`, Equals, `"TRUE"`, true},
		"equals_bool_one_capital":     {`false`, Equals, `"False"`, true},
		"equals_bool_odd_case":        {`true`, Equals, `"tRuE"`, false},
		"equals_text_in_odd_case":     {`"tRuE"`, Equals, `true`, false},
		"in_bool_odd_case":            {`"fALSE"`, In, `[false]`, false},
		"not_equals_bool_odd_case":    {`"tRuE"`, NotEquals, `true`, true},
		"equals_bool_spaced":          {`true`, Equals, `" true"`, false},
		"equals_bool_number":          {`true`, Equals, `1`, false},
		"equals_arrays_strict":        {`["a"]`, Equals, `["A"]`, false},
		"equals_arrays":               {`["a",1]`, Equals, `["a",1.0]`, true},
		"equals_objects_any_order":    {`{"a":1,"b":null}`, Equals, `{"b":null,"a":1}`, true},
		"equals_objects_key_case":     {`{"a":1}`, Equals, `{"A":1}`, false},
		"equals_array_scalar":         {`["a"]`, Equals, `"a"`, false},
		"in_element":                  {`"A"`, In, `["b","a"]`, true},
		"in_number_text":              {`"42"`, In, `[42]`, true},
		"in_number":                   {`42`, In, `["042"]`, true},
		"in_bool":                     {`false`, In, `["False"]`, true},
		"in_null_null":                {`null`, In, `[null]`, false},
		"in_null_empty":               {`missing`, In, `[""]`, false},
		"in_empty_null":               {`""`, In, `[null]`, false},
		"in_empty_empty":              {`""`, In, `[""]`, true},
		"in_scalar":                   {`"a"`, In, `"A"`, true},
		"in_scalar_null":              {`""`, In, `null`, false},
		"in_null_scalar":              {`null`, In, `""`, false},
		"in_folded":                   {`"Straße"`, In, `["x","STRASSE"]`, true},
		"in_array_of_arrays":          {`[1]`, In, `[[1]]`, true},
		"in_object":                   {`"a"`, In, `{"a":1}`, false},
		"contains_text":               {`"Hello"`, Contains, `"ELL"`, true},
		"contains_empty":              {`"Hello"`, Contains, `""`, true},
		"contains_number_in_text":     {`"port 22"`, Contains, `22`, true},
		"contains_bool_in_text":       {`"it is True"`, Contains, `true`, true},
		"contains_null_in_text":       {`"x"`, Contains, `null`, false},
		"contains_folded":             {`"The OFFICE"`, Contains, `"ﬃce"`, true},
		"contains_item":               {`["a","B"]`, Contains, `"b"`, true},
		"contains_part_of_item":       {`["abc"]`, Contains, `"b"`, false},
		"contains_key":                {`{"Key":1}`, Contains, `"KEY"`, true},
		"contains_text_of_number":     {`42`, Contains, `"4"`, true},
		"contains_number_number":      {`42`, Contains, `4`, false},
		"contains_text_of_bool":       {`true`, Contains, `"RU"`, true},
		"contains_null":               {`null`, Contains, `""`, false},
		"contains_key_folded":         {`{"straße":1}`, ContainsKey, `"STRASSE"`, true},
		"contains_key_of_array":       {`["a"]`, ContainsKey, `"a"`, false},
		"contains_key_null":           {`missing`, ContainsKey, `"a"`, false},
		"like_star":                   {`""`, Like, `"*"`, true},
		"like_null":                   {`null`, Like, `"*"`, false},
		"like_anchored":               {`"xabc"`, Like, `"abc*"`, false},
		"like_middle":                 {`"aXXbYYc"`, Like, `"A*b*C"`, true},
		"like_no_overlap":             {`"aba"`, Like, `"ab*ba"`, false},
		"like_backtracks":             {`"abcabd"`, Like, `"*ab?"`, true},
		"like_question_is_one":        {`"ab"`, Like, `"a?b"`, false},
		"like_question_unicode":       {`"café"`, Like, `"CAF?"`, true},
		"like_brackets":               {`"a[b]"`, Like, `"a[b]"`, true},
		"like_number":                 {`1234`, Like, `"12*"`, true},
		"like_number_pattern":         {`"5"`, Like, `5`, true},
		"like_array":                  {`["a"]`, Like, `"*"`, false},
		"like_folded":                 {`"Die Straße"`, Like, `"die strasse*"`, true},
		"match_digits":                {`"12-AB"`, Match, `"##-??"`, true},
		"match_case":                  {`"abc"`, Match, `"Abc"`, false},
		"match_any":                   {`"a-é"`, Match, `"a.."`, true},
		"match_star_literal":          {`"ab"`, Match, `"*"`, false},
		"match_star":                  {`"*"`, Match, `"*"`, true},
		"match_letter_ascii":          {`"é"`, Match, `"?"`, false},
		"match_digit_ascii":           {`"٣"`, Match, `"#"`, false},
		"match_length":                {`"12"`, Match, `"#"`, false},
		"match_number":                {`12`, Match, `"##"`, true},
		"match_null":                  {`null`, Match, `""`, false},
		"match_insensitively":         {`"ABC1"`, MatchInsensitively, `"aBc#"`, true},
		"match_insensitively_sharp_s": {`"ß"`, MatchInsensitively, `"SS"`, true},
		"match_insensitively_null":    {`missing`, MatchInsensitively, `""`, false},
		"less_texts":                  {`"10"`, Less, `"9"`, true},
		"less_texts_fold":             {`"A"`, Less, `"b"`, true},
		"less_number_text":            {`"9"`, Less, `10`, true},
		"less_fraction":               {`2`, Less, `2.5`, true},
		"greater_negative_fraction":   {`-2`, Greater, `-2.5`, true},
		"less_no_number":              {`"nine"`, Less, `10`, false},
		"less_booleans":               {`false`, Less, `true`, true},
		"less_bool_text":              {`false`, Less, `"true"`, false},
		"less_null":                   {`null`, Less, `1`, false},
		"less_than_null":              {`1`, Less, `null`, false},
		"less_or_equals_null_null":    {`null`, LessOrEquals, `null`, false},
		"less_or_equals_fraction":     {`2`, LessOrEquals, `"2.0"`, true},
		"greater_dates":               {`"2024-02-01"`, Greater, `"2024-01-31"`, true},
		"greater_longer":              {`"ab"`, Greater, `"A"`, true},
		"greater_or_equals_null":      {`missing`, GreaterOrEquals, `""`, false},
		"greater_or_equals_same":      {`"ß"`, GreaterOrEquals, `"SS"`, true},
		"greater_arrays":              {`[2]`, Greater, `[1]`, false},
		"exists_text":                 {`""`, Exists, `"True"`, true},
		"exists_text_in_odd_case":     {`""`, Exists, `"tRuE"`, true},
		"exists_zero":                 {`0`, Exists, `true`, true},
		"exists_false":                {`false`, Exists, `false`, false},
		"exists_empty_array":          {`[]`, Exists, `true`, true},
		"exists_null":                 {`null`, Exists, `true`, false},
		"exists_not_missing":          {`missing`, Exists, `"false"`, true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			left, right := fromText(t, test.left), fromText(t, test.right)
			if got := test.op.apply(left, right); got != test.want {
				t.Errorf("%s %s %s: got %t", test.left, test.op, test.right, got)
			}
			if got := test.op.compile(right)(left); got != test.want {
				t.Errorf("compiled %s %s %s: got %t", test.left, test.op, test.right, got)
			}
			negation, ok := test.op.Negation()
			if ok && negation.apply(left, right) == test.want {
				t.Errorf("%s %s %s: want the negation", test.left, negation, test.right)
			}
		})
	}
}

func TestOperatorNames(t *testing.T) {
	for op := Equals; op <= Exists; op++ {
		for _, text := range []string{op.String(), fold(op.String())} {
			if got, ok := ParseOperator(text); !ok || got != op {
				t.Errorf("%s: got %v, %t", text, got, ok)
			}
		}
		if back, ok := op.opposite(); ok {
			if again, _ := back.opposite(); again != op {
				t.Errorf("%s: the opposite's opposite is %s", op, again)
			}
		} else if op != Exists {
			t.Errorf("%s: no opposite", op)
		}
	}
	if op, ok := ParseOperator("greaterThan"); ok {
		t.Errorf("greaterThan: got %s", op)
	}
}

// anyText draws texts that are rich in what operators look at.
func anyText() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.StringMatching(`[aAbBß*?#.1٣éςΣ]{0,6}`),
		rapid.SampledFrom([]string{"", "true", "False", "1", " 1", "1.0", "1e0", "-0", "+1", "٣", "SS", "ß", "ss", "ﬃ", "ffi", "null", "\xff", "İ", "i̇"}),
	)
}

func anyScalar() *rapid.Generator[Value] {
	return rapid.OneOf(
		rapid.Just(Value{}), rapid.Just(NullValue()), rapid.Just(blank),
		rapid.Map(rapid.Bool(), BoolValue),
		rapid.Map(rapid.Int64Range(-2, 12), IntValue),
		rapid.Map(rapid.SampledFrom([]float64{0.5, 1, -2, 1e300, 9007199254740993}), FloatValue),
		rapid.Map(anyText(), StringValue),
	)
}

func anyValue() *rapid.Generator[Value] {
	items := rapid.SliceOfN(anyScalar(), 0, 4)
	return rapid.OneOf(
		anyScalar(), anyScalar(), anyScalar(),
		rapid.Map(items, func(items []Value) Value { return ArrayValue(items...) }),
		rapid.Map(items, func(items []Value) Value {
			return ArrayValue(ArrayValue(items...), ObjectValue([]string{"a"}, items), NullValue())
		}),
		rapid.Custom(func(t *rapid.T) Value {
			o := newObject()
			for range rapid.IntRange(0, 3).Draw(t, "members") {
				o.set(anyText().Draw(t, "key"), anyScalar().Draw(t, "value"))
			}
			return o.value()
		}),
	)
}

func TestCompiledOperatorsDoWhatTheyDoApplied(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		op := Operator(rapid.IntRange(int(Equals), int(Exists)).Draw(t, "operator"))
		left, right := anyValue().Draw(t, "left"), anyValue().Draw(t, "right")
		want := op.apply(left, right)
		if got := op.compile(right)(left); got != want {
			t.Fatalf("%s %s %s: compiled %t, applied %t", left, op, right, got, want)
		}
		if negation, ok := op.Negation(); ok && negation.apply(left, right) == want {
			t.Fatalf("%s %s %s is the same as %s", left, negation, right, op)
		}
	})
}

func TestEqualityIsSymmetricAndAgreesWithOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l, r := anyValue().Draw(t, "left"), anyValue().Draw(t, "right")
		if equal(l, r) != equal(r, l) {
			t.Fatalf("%s and %s: equal one way only", l, r)
		}
		if strictEqual(l, r) != strictEqual(r, l) || strictEqual(l, r) != (l.strictKey() == r.strictKey()) {
			t.Fatalf("%s and %s: strict equality and keys disagree", l, r)
		}
		order, ok := compare(l, r)
		back, okBack := compare(r, l)
		if ok != okBack || order != -back {
			t.Fatalf("%s and %s: %d one way, %d the other", l, r, order, back)
		}
		if ok && (order == 0) != equal(l, r) {
			t.Fatalf("%s and %s: order %d, equal %t", l, r, order, equal(l, r))
		}
	})
}

func TestScalarComparisonsDoNotAllocate(t *testing.T) {
	left := StringValue("Microsoft.Storage/storageAccounts")
	rights := map[Operator]Value{
		Equals:   StringValue("microsoft.storage/StorageAccounts"),
		In:       ArrayValue(StringValue("a"), StringValue("MICROSOFT.storage/storageAccounts")),
		Contains: StringValue("STORAGE"),
		Like:     StringValue("microsoft.*/*accounts"),
		Match:    StringValue("Microsoft.Storage/storageAccounts"),
		Less:     StringValue("n"),
		Exists:   BoolValue(true),
	}
	for op, right := range rights {
		holds := op.compile(right)
		if n := testing.AllocsPerRun(100, func() {
			if !holds(left) {
				t.Errorf("%s %s: want true", op, right)
			}
		}); n != 0 {
			t.Errorf("%s: %.0f allocations, want none", op, n)
		}
	}
}
