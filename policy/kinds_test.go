package policy

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// testKinds has a document of each form.
func testKinds(t testing.TB) *Kinds {
	t.Helper()
	documents := map[string][]PlaceKinds{
		"policy": {
			{Path: ".", Kinds: []string{"object"}},
			{Path: "Rules", Kinds: []string{"array", "rule"}},
			{Path: "Rules[*]", Kinds: []string{"rule"}},
		},
		"rule":  {{Path: ".", Kinds: []string{"record"}}, {Path: "Who", Kinds: []string{"words"}}, {Path: "Does", Kinds: []string{"array", "term"}}, {Path: "Does[*]", Kinds: []string{"term"}}, {Path: "Called", Kinds: []string{"=Ann", "=Bob"}}, {Path: "When.*.*", Kinds: []string{"words", "number"}}},
		"words": {{Path: ".", Kinds: []string{"array", "word"}}, {Path: "[*]", Kinds: []string{"word"}}},
	}
	k, err := NewKinds(map[string][]PlaceKinds{
		"AWS::A::B": {
			{Path: "Count", Kinds: []string{"number", "string"}},
			{Path: "On", Kinds: []string{"boolean"}},
			{Path: "Size", Kinds: []string{"number"}},
			{Path: "Document", Kinds: []string{"policy"}},
			{Path: "Text", Kinds: []string{"policy", "json policy"}},
			{Path: "Of[*].Document", Kinds: []string{"policy"}},
			{Path: "Of[*]", Members: []string{"Label"}},
			{Path: "Around", Members: []string{"Colour", "Size"}},
		},
		"A.B/d": {
			{Path: "properties.rules[*].properties.ports[*]", Kinds: []string{"string"}},
			{Path: "properties.on", Kinds: []string{"boolean"}},
			{Path: "sku.name", Kinds: []string{"string"}},
			{Path: "properties", Members: []string{"off"}},
			{Path: "identity", Kinds: []string{"record"}},
			{Path: "identity.type", Kinds: []string{"=System", "=User"}},
		},
		"*": {{Path: "iamPolicy.bindings[*].members[*]", Kinds: []string{"string"}}},
	}, documents)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestKinds_Misshapes(t *testing.T) {
	kinds := testKinds(t)
	tests := map[string]struct {
		body string
		want []string
	}{
		"as_it_should_be":     {`{"Count":1,"On":false,"Document":{"Rules":[{"Who":"x"},{"Who":["x"],"When":{"is":{"a.b":1,"c":["x"]}}}]}}`, nil},
		"in_the_other_form":   {`{"Count":"1","Document":{"Rules":{"Who":"x"}}}`, nil},
		"absent_or_null":      {`{"Document":{},"On":null,"Of":[{}],"Around":null}`, nil},
		"null_of_a_record":    {`{"Document":{"Rules":null}}`, []string{"properties.Document.Rules is null, want array or object"}},
		"null_in_a_list":      {`{"Document":{"Rules":[null,{"Who":["x",null]}]},"Of":[{},null]}`, []string{"properties.Document.Rules[0] is null, want object", "properties.Document.Rules[1].Who[1] is null, want string", "properties.Of[1] is null, want object"}},
		"a_text":              {`{"Document":{"Rules":[{"Called":"ann"},{"Called":""},{"Called":"Eve"},{"Called":5}]}}`, []string{`properties.Document.Rules[1].Called is another string, want "Ann" or "Bob"`, `properties.Document.Rules[2].Called is another string, want "Ann" or "Bob"`, `properties.Document.Rules[3].Called is number, want "Ann" or "Bob"`}},
		"null_of_a_word":      {`{"Document":{"Rules":[{"Who":null,"Called":null,"When":{"is":{"a":null}}}]}}`, []string{"properties.Document.Rules[0].Who is null, want array or string", `properties.Document.Rules[0].Called is null, want "Ann" or "Bob"`, "properties.Document.Rules[0].When.is.a is null, want array, string or number"}},
		"text_of_a_document":  {`{"Document":"{}"}`, []string{"properties.Document is string, want object"}},
		"text_of_a_list":      {`{"Document":{"Rules":"[{}]"}}`, []string{"properties.Document.Rules is string, want array or object"}},
		"list_of_texts":       {`{"Document":{"Rules":[{},"{}"]}}`, []string{"properties.Document.Rules[1] is string, want object"}},
		"number":              {`{"Document":{"Rules":5}}`, []string{"properties.Document.Rules is number, want array or object"}},
		"below_another_form":  {`{"Document":{"Rules":{"Who":7}}}`, []string{"properties.Document.Rules.Who is number, want array or string"}},
		"text_with_json":      {`{"Document":{"Rules":[{"Who":" [\"*\"]"}]}}`, []string{"properties.Document.Rules[0].Who is a string with JSON, want array or string"}},
		"text_like_json":      {`{"Document":{"Rules":[{"Who":"[*]"},{"Who":["7"]},{"Who":"{"}]}}`, nil},
		"in_any_case":         {`{"document":{"rules":5}}`, []string{"properties.Document.Rules is number, want array or object"}},
		"any_member":          {`{"Document":{"Rules":[{"When":{"is":{"a.b":true}}}]}}`, []string{"properties.Document.Rules[0].When.is['a.b'] is true, want array, string or number"}},
		"without_a_name":      {`{"Document":{"Rules":[{"When":{"is":{"":true}}}]}}`, []string{"properties.Document.Rules[0].When.is is true, want array, string or number"}},
		"cut_short":           {`{"Document":{"Rules":[{"Who":"@{AWS=*}"},{"Who":["System.Object[]"]},{"Who":"System.x y"},{"Who":"@{"}]}}`, []string{"properties.Document.Rules[0].Who is what a tool wrote that cut it short, want array or string", "properties.Document.Rules[1].Who[0] is what a tool wrote that cut it short, want string"}},
		"terms":               {`{"Document":{"Rules":[{"Does":"a:b"},{"Does":["a:*",""]},{"Does":"a:b c:d"},{"Does":"[1]"}]}}`, []string{"properties.Document.Rules[1].Does[1] is another string, want string", "properties.Document.Rules[2].Does is another string, want array or string", "properties.Document.Rules[3].Does is a string with JSON, want array or string"}},
		"of_an_implied_one":   {`{"Document":{"Rules":[{"When":[]}]}}`, []string{"properties.Document.Rules[0].When is array, want object"}},
		"an_implied_list":     {`{"Of":{"Document":{}}}`, []string{"properties.Of is object, want array"}},
		"not_what_is_below":   {`{"Of":"x"}`, []string{"properties.Of is string, want array"}},
		"several":             {`{"On":"yes","Of":[{"Document":1},{"Document":{}},2]}`, []string{"properties.On is string, want boolean", "properties.Of[0].Document is number, want object", "properties.Of[2] is number, want object"}},
		"text":                {`{"Text":"{\"Rules\":[{\"Who\":[\"x\"]}]}"}`, nil},
		"text_of_nothing":     {`{"Text":""}`, nil},
		"text_and_none":       {`{"Text":"none"}`, []string{"properties.Text is a string without JSON, want object or string"}},
		"text_of_another":     {`{"Text":"{\"Rules\":[\"{}\"]}"}`, []string{"properties.Text: Rules[0] is string, want object"}},
		"text_of_a_text":      {`{"Text":"\"{}\""}`, []string{"properties.Text: what it holds is string, want object"}},
		"instead_of_a_text":   {`{"Text":[]}`, []string{"properties.Text is array, want object or string"}},
		"text_of_a_value":     {`{"On":"false","Size":"-1.5e3"}`, nil},
		"text_of_another_one": {`{"On":"1","Size":"true"}`, []string{"properties.On is string, want boolean", "properties.Size is string, want number"}},
		"of_other_members":    {`{"Document":{"Rules":[{},{"Value":{"Who":"*"}},{"Value":1,"Who":"x"}]}}`, []string{"properties.Document.Rules[1] is an object of other members, want object"}},
		"of_known_members":    {`{"Around":{"Depth":1,"si_ze":2},"Of":[{"Label":"x"},{}]}`, nil},
		"of_unknown_members":  {`{"Around":{"value":{"Size":2}},"Of":[{"value":{"Document":{}}},{"Document":{}}]}`, []string{"properties.Of[0] is an object of other members, want object", "properties.Around is an object of other members, want object"}},
		"implied_by_members":  {`{"Around":[{"Size":2}]}`, []string{"properties.Around is array, want object"}},
		"spelt_otherwise":     {`{"o-n":true,"Of":[{"_Document":null}],"document_":{"rules":[{"w_h_o":"*"}]}}`, []string{"properties.On is spelt o-n", "properties.Document is spelt document_"}},
		"spelt_below":         {`{"Document":{"Rules":[{"w_h_o":"*"},{"wh":"*"}]}}`, []string{"properties.Document.Rules[0].Who is spelt w_h_o", "properties.Document.Rules[1] is an object of other members, want object"}},
		"a_number_is_no_text": {`{"On":1,"Count":true}`, []string{"properties.Count is true, want string or number", "properties.On is number, want boolean"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			r := parsed(t, `{"id":"b","type":"AWS::A::B","properties":`+test.body+`}`)
			r.Native = true
			var got []string
			for _, m := range kinds.Misshapes(r) {
				if m.Is != Missing || strings.Contains(m.Path, "When.") {
					t.Errorf("%s: Is %v, want a plain gap above members of any name", m.Path, m.Is)
				}
				got = append(got, m.Words)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// Of every type, of another one, and in Azure.
func TestKinds_Misshapes_of_types(t *testing.T) {
	kinds := testKinds(t)
	for body, want := range map[string]int{
		`{"type":"storage.googleapis.com/Bucket","iamPolicy":{"bindings":[{"members":"x"},{"members":[["x"]]}]}}`: 2,
		`{"type":"aws::a::b","iamPolicy":{"bindings":{}},"properties":{"On":1}}`:                                  2,
		`{"type":"AWS::C::D","properties":{"On":1}}`:                                                              0,
		`{"type":"A.B/c","iamPolicy":{"bindings":{}}}`:                                                            0,
		`{"type":"a.b/D","sku":"S1","properties":{"on":"yes","rules":[{},{"properties":{"ports":"22"}}]}}`:        3,
		`{"type":"A.B/d","sku":{},"properties":{"on":null,"rules":["@{name=a}",null,{"properties":null}]}}`:       2,
		`{"type":"A.B/d","properties":{"value":{"On":true}}}`:                                                     1,
		`{"type":"A.B/d","identity":null,"properties":{}}`:                                                        0,
		`{"type":"A.B/d","identity":{"type":null},"properties":{}}`:                                               0,
		`{"type":"A.B/d","identity":{"type":""},"properties":{}}`:                                                 1,
		`{"type":"A.B/d","properties":{"made":{"up":true},"x":{}}}`:                                               0,
		`{"type":"A.B/d","sku":null,"properties":{"on":"True","rules":[{"properties":{"ports":["22"]}}]}}`:        0,
	} {
		r := parsed(t, body)
		r.Native = IsNativeType(r.Type)
		if got := kinds.Misshapes(r); len(got) != want {
			t.Errorf("%s: got %v, want %d", body, got, want)
		}
	}
	var none *Kinds
	if got := none.Misshapes(parsed(t, `{"type":"AWS::A::B"}`)); got != nil {
		t.Errorf("of nothing: got %v", got)
	}
}

// What is told of a place as a gap is unknown to every rule that reads it, and only
// to these.
func TestKinds_make_values_unread(t *testing.T) {
	kinds := testKinds(t)
	for body, want := range map[string]string{
		`{"Document":{"Rules":[{"Who":"*"}]}}`:                               NonCompliant,
		`{"Document":{"Rules":[{"Who":"me"}]}}`:                              Compliant,
		`{"Document":{"Rules":"[{\"Who\": \"*\"}]"}}`:                        ErrorState,
		`{"Document":{"Rules":["{\"Who\": \"*\"}"]}}`:                        ErrorState,
		`{"Document":{"Rules":["{\"Who\": \"me\"}",{"Who":"*"}]}}`:           NonCompliant,
		`{"Document":{"Rules":[{"Who":"me","When":{"is":{"['a.b":true}}}]}}`: Compliant,
	} {
		rule := `{"policyRule": {"if": {"count": {"value": "[array(field('AWS::A::B/Document').Rules)]", "name": "r", "where":
			{"value": "[string(current('r').Who)]", "contains": "*"}}, "greater": 0}, "then": {"effect": "audit"}}}`
		d, problems := ParseDefinition("d", []byte(rule))
		if err := problems.Err(); err != nil {
			t.Fatal(err)
		}
		r := parsed(t, `{"id":"b","type":"AWS::A::B","properties":`+body+`}`)
		r.Native = true
		for _, m := range kinds.Misshapes(r) {
			r.Gaps = append(r.Gaps, Gap{Path: m.Path, Reason: "error"})
		}
		if got := Bind(d, nil).Judge(r, Environment{Now: testClock}).Compliance; got != want {
			t.Errorf("%s: got %s, want %s", body, got, want)
		}
	}
}

func TestNewKinds_refuses(t *testing.T) {
	documents := map[string][]PlaceKinds{
		"round": {{Path: "Next", Kinds: []string{"object", "again"}}},
		"again": {{Path: "Next[*]", Kinds: []string{"json round"}}},
	}
	for kind, want := range map[string]string{
		"list":       `AWS::A::B: P: kind "list": no such kind or document`,
		"json array": `AWS::A::B: P: kind "json array": no such kind or document`,
		"round":      `AWS::A::B: P: document round: Next: document again: Next[*]: kind "json round": the document holds itself`,
	} {
		_, err := NewKinds(map[string][]PlaceKinds{"AWS::A::B": {{Path: "P", Kinds: []string{kind}}}}, documents)
		if err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", kind, err, want)
		}
	}
}

// BenchmarkKinds_Misshapes looks through a body that is as it should be.
func BenchmarkKinds_Misshapes(b *testing.B) {
	kinds := testKinds(b)
	r, err := ParseResource([]byte(`{"id":"b","type":"AWS::A::B","properties":{"Count":1,"Document":{"Version":"1","Rules":[
		{"Sid":"a","Who":["x","y","z"],"When":{"is":{"aws:SourceAccount":"111122223333"}}},{"Sid":"b","Who":"x"}]}}}`))
	if err != nil {
		b.Fatal(err)
	}
	r.Native = true
	b.ReportAllocs()
	for b.Loop() {
		kinds.Misshapes(r)
	}
}
