package policy

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// sharedLines reads a packed file of the test data that lies beside the module
// by lines; the test is skipped where there is none.
func sharedLines(t testing.TB, name ...string) *bufio.Scanner {
	t.Helper()
	path := filepath.Join(append([]string{"..", "..", "shared"}, name...)...)
	f, err := os.Open(path)
	if err != nil {
		t.Skip("no test data: ", err)
	}
	t.Cleanup(func() { _ = f.Close() })
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(z)
	lines.Buffer(nil, 16<<20)
	return lines
}

// fakeScope answers from maps.
type fakeScope struct {
	fields, currents, parameters, contexts map[string]Value
	failing                                error
}

func (s fakeScope) field(name string) (Value, error) {
	if name == "fails" {
		return Value{}, s.failing
	}
	return s.fields[name], nil
}
func (s fakeScope) ofPolicy(string) (Value, bool) { return Value{}, false }

func (s fakeScope) current(name string, _ bool) (Value, error) { return s.currents[name], nil }

func (s fakeScope) parameter(name string) (Value, bool) {
	v, ok := s.parameters[strings.ToLower(name)]
	return v, ok
}
func (s fakeScope) context(function string) Value { return s.contexts[function] }
func (s fakeScope) member(function, name string) Value {
	return s.contexts[function].Lookup(name)
}
func (s fakeScope) note(error)  {}
func (s fakeScope) now() string { return "2026-11-22T10:00:00.0000000Z" }

func TestConformanceFunctions(t *testing.T) {
	lines := sharedLines(t, "conformance", "policy-cases.jsonl.gz")
	for lines.Scan() {
		var c struct {
			ID, Kind string
			Call     struct {
				Function string
				Args     []json.RawMessage
			}
			Expected struct {
				Value json.RawMessage
				Error string
			}
		}
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		if c.Kind != "function" {
			continue
		}
		t.Run(c.ID, func(t *testing.T) {
			var args []Value
			var names []string
			s := fakeScope{parameters: map[string]Value{}}
			for i, raw := range c.Call.Args {
				v, err := FromJSON(raw)
				if err != nil {
					t.Fatal(err)
				}
				args = append(args, v)
				s.parameters[fmt.Sprintf("a%d", i)] = v
				names = append(names, fmt.Sprintf("parameters('a%d')", i))
			}
			check := func(how string, got Value, err error) {
				t.Helper()
				if c.Expected.Error != "" {
					if err == nil {
						t.Errorf("%s: got %s, want an error", how, got)
					}
					return
				}
				want, _ := FromJSON(c.Expected.Value)
				if err != nil || !strictEqual(got, want) {
					t.Errorf("%s: got %s, %v; want %s", how, got, err, want)
				}
			}
			got, err := CallFunction(c.Call.Function, args)
			check("called", got, err)
			expr, err := ParseExpression("[" + c.Call.Function + "(" + strings.Join(names, ", ") + ")]")
			if err != nil {
				t.Fatal(err)
			}
			template := Template{Expr: expr}
			got, err = template.eval(s)
			check("evaluated", got, err)
			got, err = template.fold(s).eval(s)
			check("folded", got, err)
		})
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
}

func TestFunctions(t *testing.T) {
	tests := map[string]struct{ expression, want string }{
		"add_days_keeps_offset":          {`addDays('2024-02-28T12:00:00+02:00', 2)`, `"2024-03-01T12:00:00+02:00"`},
		"add_days_zero_offset_is_z":      {`addDays('2024-12-31T23:59:59+00:00', 1)`, `"2025-01-01T23:59:59Z"`},
		"add_days_without_zone":          {`addDays('2024-12-31 23:59:59', 1)`, `"2025-01-01T23:59:59Z"`},
		"add_days_fraction":              {`addDays('2024-01-01T00:00:00.12Z', 1)`, `"2024-01-02T00:00:00.120Z"`},
		"add_days_zero_fraction":         {`addDays('2024-01-01T00:00:00.000Z', 1)`, `"2024-01-02T00:00:00Z"`},
		"add_days_fraction_of_days":      {`addDays('2024-01-01T00:00:00Z', 1.5)`, `error`},
		"add_days_no_date":               {`addDays('soon', 1)`, `error`},
		"add_days_too_far":               {`addDays('2024-01-01T00:00:00Z', 99999999)`, `error`},
		"date_time_add_keeps_shape":      {`dateTimeAdd('2020-04-07 14:53:14Z', 'P3Y')`, `"2023-04-07 14:53:14Z"`},
		"date_time_add_hours":            {`dateTimeAdd('2020-04-07T14:53:14', 'PT1H')`, `"2020-04-07T15:53:14"`},
		"date_time_add_back":             {`dateTimeAdd('2020-04-07T14:53:14Z', '-P9D')`, `"2020-03-29T14:53:14Z"`},
		"date_time_add_format":           {`dateTimeAdd('2020-04-07T04:05:06.7Z', 'P0D', 'dddd, d MMM yy h:m:s.ff tt K H')`, `"Tuesday, 7 Apr 20 4:5:6.70 AM Z 4"`},
		"date_time_add_format_offset":    {`dateTimeAdd('2020-04-07T04:05:06-07:30', 'PT0S', '''at'' zzz zz z')`, `"at -07:30 -07 -7"`},
		"date_time_add_format_universal": {`dateTimeAdd('2020-04-07T23:05:06-07:00', 'PT0S', 'u')`, `"2020-04-08 06:05:06Z"`},
		"date_time_add_format_unknown":   {`dateTimeAdd('2020-04-07T23:05:06Z', 'PT0S', 'q')`, `error`},
		"date_time_add_no_duration":      {`dateTimeAdd('2020-04-07T23:05:06Z', '1D')`, `error`},
		"date_time_add_loose_number":     {`dateTimeAdd('2020-04-07T23:05:06Z', 'P1')`, `error`},
		"epoch_there":                    {`dateTimeToEpoch('1970-01-02T01:00:00+01:00')`, `86400`},
		"epoch_back":                     {`dateTimeFromEpoch(-1)`, `"1969-12-31T23:59:59Z"`},
		"array_of_text":                  {`array('a')`, `["a"]`},
		"array_of_null":                  {`array(null)`, `[null]`},
		"bool_of_fraction":               {`bool(0.5)`, `true`},
		"bool_upper":                     {`bool('TRUE')`, `true`},
		"bool_one":                       {`bool('1')`, `true`},
		"and_of_text":                    {`and(true, 'true')`, `false`},
		"and_of_nothing":                 {`and()`, `true`},
		"not_of_text":                    {`not('true')`, `true`},
		"if_of_text":                     {`if('true', 1, 2)`, `2`},
		"if_is_lazy":                     {`if(true, 1, div(1, 0))`, `1`},
		"if_other":                       {`if(false, div(1, 0), 2)`, `2`},
		"coalesce_absent":                {`coalesce(field('no'), 'x')`, `"x"`},
		"coalesce_missing":               {`coalesce(createObject().a, 'x')`, `"x"`},
		"concat_numbers":                 {`concat('a', 1, 2.50, true)`, `"a12.5true"`},
		"concat_absent":                  {`concat('a', field('no'), 'b')`, `"ab"`},
		"concat_null":                    {`concat('a', null)`, `error`},
		"concat_nothing":                 {`concat()`, `""`},
		"concat_arrays":                  {`concat(createArray(1), createArray(2, 3))`, `[1,2,3]`},
		"concat_mixed":                   {`concat(createArray(1), 'x')`, `error`},
		"contains_text":                  {`contains('Straße', 'SS')`, `true`},
		"contains_absent":                {`contains(field('no'), '')`, `true`},
		"contains_missing":               {`contains(createObject().a, 'x')`, `error`},
		"contains_key":                   {`contains(createObject('Key', 1), 'KEY')`, `true`},
		"create_object_odd":              {`createObject('a')`, `error`},
		"create_object_twice":            {`createObject('a', 1, 'b', 2, 'a', 3)`, `{"a":3,"b":2}`},
		"data_uri_back":                  {`dataUriToString('data:;base64,SGVsbG8sIFdvcmxkIQ==')`, `"Hello, World!"`},
		"data_uri_plain":                 {`dataUriToString('hello')`, `error`},
		"base64_unicode":                 {`base64('é')`, `"w6k="`},
		"base64_bad":                     {`base64ToString('abc')`, `error`},
		"base64_not_text":                {`base64ToString('/w==')`, `error`},
		"base64_json_bad":                {`base64ToJson('aGk=')`, `error`},
		"div_min":                        {`div(-9223372036854775808, -1)`, `error`},
		"div_of_fraction":                {`div(7.9, 2)`, `3`},
		"mod_negative":                   {`mod(-7, 3)`, `-1`},
		"mod_zero":                       {`mod(1, 0)`, `error`},
		"add_overflow":                   {`add(9223372036854775807, 1)`, `error`},
		"add_fractions":                  {`add(0.5, 1)`, `1.5`},
		"add_text":                       {`add('1', 1)`, `error`},
		"mul_overflow":                   {`mul(4611686018427387904, 2)`, `error`},
		"sub_of_minus":                   {`-length('abc')`, `-3`},
		"minus_literal":                  {`-5`, `-5`},
		"minus_minus":                    {`- -5`, `5`},
		"empty_missing":                  {`empty(createObject().a.b)`, `true`},
		"empty_false":                    {`empty(false)`, `false`},
		"ends_with_number":               {`endsWith(123, '3')`, `false`},
		"starts_with_absent":             {`startsWith(field('no'), '')`, `true`},
		"first_empty_array":              {`first(createArray())`, `null`},
		"first_astral":                   {`first('😀x')`, `"😀"`},
		"first_number":                   {`first(1)`, `error`},
		"first_null":                     {`first(null)`, `error`},
		"last_empty_text":                {`last('')`, `""`},
		"format_alignment":               {`format('[{0,5}|{1,-5}|{2:D4}]', 'ab', 'cd', -7)`, `"[   ab|cd   |-0007]"`},
		"format_hex":                     {`format('{0:X} {0:x4} {1:X}', 255, -1)`, `"FF 00ff FFFFFFFFFFFFFFFF"`},
		"format_percent":                 {`format('{0:P1} {0:N0} {1:F}', 12.345, 1)`, `"1,234.5 % 12 1.00"`},
		"format_negative_groups":         {`format('{0:N2}', -1234567.891)`, `"-1,234,567.89"`},
		"format_three_digits":            {`format('{0:N0}', -123)`, `"-123"`},
		"format_null":                    {`format('<{0}>', null)`, `"<>"`},
		"format_style_for_text":          {`format('{0:F2}', 'x')`, `"x"`},
		"format_array":                   {`format('{0}', createArray(1, 'a'))`, `"[1,\"a\"]"`},
		"format_unknown_style":           {`format('{0:Q}', 1)`, `error`},
		"format_integer_of_fraction":     {`format('{0:D}', float('1.5'))`, `error`},
		"format_hex_of_fraction":         {`format('{0:X}', float('1.5'))`, `error`},
		"format_bad_precision":           {`format('{0:F2x}', 1)`, `error`},
		"format_zeros":                   {`format('{0:000} {1:00.00}', 5, float('-1.5'))`, `"005 -01.50"`},
		"format_groups":                  {`format('{0:#,##0} {1:#,##0.##} {2:#,##0}', 1234, float('1234567.125'), 0)`, `"1,234 1,234,567.13 0"`},
		"format_where_needed":            {`format('<{0:#}> <{0:#.#}> {1:0.##}', 0, float('2.5'))`, `"<> <> 2.5"`},
		"format_custom_percent":          {`format('{0:0.0%} {1:0%}', float('0.1234'), 1)`, `"12.3% 100%"`},
		"format_custom_unknown":          {`format('{0:0;(0)}', 1)`, `error`},
		"format_whole_exactly":           {`format('{0:N0}', 9007199254740993)`, `"9,007,199,254,740,993"`},
		"format_no_argument":             {`format('{1}', 'a')`, `error`},
		"format_open":                    {`format('{0', 'a')`, `error`},
		"format_close":                   {`format('}', 'a')`, `error`},
		"format_name":                    {`format('{name}', 'a')`, `error`},
		"format_wide":                    {`format('{0,999999999}', 'a')`, `error`},
		"format_no_alignment":            {`format('{0,}', 'a')`, `error`},
		"index_of_item":                  {`indexOf(createArray('A', 'a', 'a'), 'a')`, `1`},
		"index_of_no_item":               {`indexOf(createArray('1'), 1)`, `-1`},
		"last_index_of_item":             {`lastIndexOf(createArray('A', 'a', 'a'), 'a')`, `2`},
		"last_index_of_no_item":          {`lastIndexOf(createArray(), 'a')`, `-1`},
		"null":                           {`coalesce(null(), 'x')`, `"x"`},
		"object_keys":                    {`objectKeys(createObject('b', 1, 'A', 2))`, `["b","A"]`},
		"object_keys_of_array":           {`objectKeys(createArray(1))`, `error`},
		"shallow_merge":                  {`shallowMerge(createArray(json('{"a":{"x":1},"b":1}'), json('{"A":{"y":2}}')))`, `{"a":{"y":2},"b":1}`},
		"shallow_merge_of_text":          {`shallowMerge(createArray('x'))`, `error`},
		"parse_cidr":                     {`parseCidr('10.144.1.7/20')`, `{"network":"10.144.0.0","netmask":"255.255.240.0","broadcast":"10.144.15.255","firstUsable":"10.144.0.1","lastUsable":"10.144.15.254","cidr":20}`},
		"parse_cidr_of_two":              {`parseCidr('10.0.0.2/31').lastUsable`, `"10.0.0.3"`},
		"parse_cidr_6":                   {`parseCidr('fdad:3236:5555::/48')`, `{"network":"fdad:3236:5555::","netmask":"ffff:ffff:ffff::","firstUsable":"fdad:3236:5555::","lastUsable":"fdad:3236:5555:ffff:ffff:ffff:ffff:ffff","cidr":48}`},
		"parse_cidr_of_an_address":       {`parseCidr('10.0.0.1')`, `error`},
		"cidr_subnet":                    {`cidrSubnet('10.144.0.0/20', 24, 3)`, `"10.144.3.0/24"`},
		"cidr_subnet_6":                  {`cidrSubnet('fdad:3236:5555::/48', 52, 2)`, `"fdad:3236:5555:2000::/52"`},
		"cidr_subnet_behind_the_last":    {`cidrSubnet('10.144.0.0/20', 24, 16)`, `error`},
		"cidr_subnet_larger":             {`cidrSubnet('10.144.0.0/20', 16, 0)`, `error`},
		"cidr_host":                      {`cidrHost('10.144.3.0/24', 0)`, `"10.144.3.1"`},
		"cidr_host_behind_the_last":      {`cidrHost('10.144.3.0/24', 254)`, `error`},
		"cidr_host_6":                    {`cidrHost('fdad:3236:5555:3::/64', 4)`, `"fdad:3236:5555:3::5"`},
		"index_of_utf16":                 {`indexOf('😀x', 'X')`, `2`},
		"index_of_behind_sharp_s":        {`indexOf('Straße 5', '5')`, `7`},
		"index_of_absent":                {`indexOf('abc', 'x')`, `-1`},
		"last_index_of_empty":            {`lastIndexOf('😀x', '')`, `3`},
		"index_of_number":                {`indexOf(1, 'x')`, `error`},
		"int_text_fraction":              {`int('3.7')`, `3`},
		"int_spaces":                     {`int(' 12 ')`, `12`},
		"int_empty":                      {`int('')`, `error`},
		"int_beyond":                     {`int('9223372036854775808')`, `error`},
		"int_largest":                    {`int('9223372036854775807')`, `9223372036854775807`},
		"int_smallest":                   {`int('-9223372036854775808')`, `-9223372036854775808`},
		"int_below":                      {`int('-9223372036854777856')`, `error`},
		"int_of_float_beyond":            {`int(float('1e300'))`, `error`},
		"int_of_hex":                     {`int('0x10')`, `error`},
		"float_beyond":                   {`float('1e999')`, `error`},
		"div_beyond":                     {`div(float('1e300'), 2)`, `error`},
		"int_words":                      {`int('ten')`, `error`},
		"int_infinity":                   {`int('inf')`, `error`},
		"float_text":                     {`float('1.50')`, `1.5`},
		"intersection_is_exact":          {`intersection(createArray('a', 'B', 1), createArray('A', 'B', '1'))`, `["B"]`},
		"intersection_objects":           {`intersection(createObject('a', 1, 'b', 2), createObject('b', 2, 'a', 3))`, `{"b":2}`},
		"intersection_mixed":             {`intersection(createArray(1), createObject())`, `error`},
		"items_sorted":                   {`items(createObject('b', 1, 'a', 2))`, `[{"key":"a","value":2},{"key":"b","value":1}]`},
		"ip_in_cidr":                     {`ipRangeContains('10.0.0.0/8', '10.1.2.3')`, `true`},
		"ip_cidr_in_cidr":                {`ipRangeContains('10.0.0.0/8', '10.1.0.0/16')`, `true`},
		"ip_cidr_wider":                  {`ipRangeContains('10.0.0.0/16', '10.0.0.0/8')`, `false`},
		"ip_host_bits":                   {`ipRangeContains('10.0.0.7/24', '10.0.0.1')`, `true`},
		"ip_from_to":                     {`ipRangeContains('10.0.0.1-10.0.0.9', '10.0.0.2-10.0.0.9')`, `true`},
		"ip_address":                     {`ipRangeContains('10.0.0.1', '10.0.0.1')`, `true`},
		"ip_version_6":                   {`ipRangeContains('2001:db8::/32', '2001:db8:1::1')`, `true`},
		"ip_families":                    {`ipRangeContains('0.0.0.0/0', '::1')`, `false`},
		"ip_absent":                      {`ipRangeContains('10.0.0.0/8', field('no'))`, `false`},
		"ip_number":                      {`ipRangeContains(10, '10.0.0.1')`, `error`},
		"ip_null":                        {`ipRangeContains(null, '10.0.0.1')`, `error`},
		"ip_malformed":                   {`ipRangeContains('10.0.0', '10.0.0.1')`, `false`},
		"join_kinds":                     {`join(createArray('a', 1, true, null), '-')`, `"a-1-true-null"`},
		"join_text":                      {`join('ab', '-')`, `error`},
		"json_broken":                    {`json('{')`, `error`},
		"json_null":                      {`json('null')`, `null`},
		"length_absent":                  {`length(field('no'))`, `0`},
		"length_object":                  {`length(createObject('a', 1))`, `1`},
		"length_number":                  {`length(5)`, `error`},
		"length_utf16":                   {`length('😀')`, `2`},
		"max_array":                      {`max(createArray(1, 2.5))`, `2.5`},
		"max_text":                       {`max(1, '2')`, `error`},
		"pad_left_number":                {`padLeft(7, 3, '0')`, `"007"`},
		"pad_left_long":                  {`padLeft('abcd', 3, '0')`, `"abcd"`},
		"pad_left_two":                   {`padLeft('7', 3)`, `"  7"`},
		"pad_left_negative":              {`padLeft('7', -3)`, `error`},
		"pad_left_huge":                  {`padLeft('7', 2000000000)`, `error`},
		"range_none":                     {`range(5, 0)`, `[]`},
		"range_below_zero":               {`range(-2, 3)`, `[-2,-1,0]`},
		"range_negative_count":           {`range(1, -1)`, `error`},
		"range_long":                     {`range(0, 10001)`, `error`},
		"range_up_to_limit":              {`length(range(2147473647, 10000))`, `10000`},
		"replace_case_counts":            {`replace('aAa', 'a', 'b')`, `"bAb"`},
		"replace_nothing":                {`replace('a', '', 'b')`, `error`},
		"skip_negative":                  {`skip('abc', -1)`, `"abc"`},
		"skip_text":                      {`skip('café', 3)`, `"é"`},
		"split_many":                     {`split('a--b-c', createArray('-', '--'))`, `["a","b","c"]`},
		"split_empty_delimiter":          {`split('ab', '')`, `["ab"]`},
		"split_empty_pieces":             {`split(',a,', ',')`, `["","a",""]`},
		"split_absent":                   {`split(field('no'), ',')`, `[""]`},
		"string_null":                    {`string(null)`, `"null"`},
		"string_absent":                  {`string(field('no'))`, `""`},
		"string_fraction":                {`string(1.50)`, `"1.5"`},
		"string_object":                  {`string(createObject('k', createArray(1, 'a')))`, `"{\"k\":[1,\"a\"]}"`},
		"substring_rest":                 {`substring('hello', 2)`, `"llo"`},
		"substring_end":                  {`substring('hello', 5)`, `""`},
		"substring_over":                 {`substring('hello', 3, 3)`, `error`},
		"substring_start_over":           {`substring('hello', 6)`, `error`},
		"substring_negative":             {`substring('hello', -1)`, `error`},
		"take_negative":                  {`take('abc', -1)`, `""`},
		"to_lower_absent":                {`toLower(field('no'))`, `""`},
		"to_lower_missing":               {`toLower(createObject().a)`, `error`},
		"to_lower_null":                  {`toLower(null)`, `error`},
		"try_get_case":                   {`tryGet(createObject('Name', 1), 'name')`, `1`},
		"try_get_of_text":                {`tryGet('abc', 0)`, `null`},
		"try_get_beyond":                 {`tryGet(createArray(1), 1)`, `null`},
		"try_get_negative":               {`tryGet(createArray(1), -1)`, `null`},
		"try_index_of_text":              {`tryIndexFromEnd('abc', 1)`, `null`},
		"union_distinct":                 {`union(createArray(1, 'a'), createArray(1.0, 'A', 'a'))`, `[1,"a","A"]`},
		"union_arrays_replaced":          {`union(createObject('a', createArray(1)), createObject('a', createArray(2)))`, `{"a":[2]}`},
		"union_keys_of_other_case":       {`union(createObject('Tags', createObject('A', 1, 'b', 2)), createObject('tags', createObject('a', 3, 'C', 4)), createObject('é', 1), createObject('É', 2))`, `{"Tags":{"A":3,"b":2,"C":4},"é":2}`},
		"union_mixed":                    {`union(createArray(1), createObject())`, `error`},
		"uri_slash":                      {`uri('https://example.com/a/', '/b')`, `"https://example.com/a/b"`},
		"uri_host":                       {`uri('https://example.com', 'b')`, `"https://example.com/b"`},
		"uri_absolute":                   {`uri('https://example.com/a', 'http://x/')`, `"http://x/"`},
		"uri_component_unicode":          {`uriComponent('é ~')`, `"%C3%A9%20~"`},
		"uri_component_back":             {`uriComponentToString('%C3%A9+')`, `"é+"`},
		"uri_component_broken":           {`uriComponentToString('%C')`, `error`},
		"equals_coerced":                 {`equals('10', 10)`, `true`},
		"equals_absent":                  {`equals(field('no'), '')`, `true`},
		"equals_missing":                 {`equals(createObject().a, null)`, `true`},
		"less_null":                      {`less(null, 1)`, `false`},
		"greater_text":                   {`greater('A', 'a')`, `false`},
		"index_beyond":                   {`coalesce(createArray(1)[1], 'none')`, `"none"`},
		"index_by_name":                  {`createObject('A b', 1)['a B']`, `1`},
		"utc_now":                        {`utcNow()`, `"2026-11-22T10:00:00.0000000Z"`},
		"unknown_parameter":              {`parameters('no')`, `error`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			expr, err := ParseExpression("[" + test.expression + "]")
			if err != nil {
				t.Fatal(err)
			}
			for how, template := range map[string]Template{"plain": {Expr: expr}, "folded": Template{Expr: expr}.fold(fakeScope{})} {
				got := "error"
				if v, err := template.eval(fakeScope{}); err == nil {
					got = v.String()
				}
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Errorf("%s: %s", how, diff)
				}
			}
		})
	}
}
