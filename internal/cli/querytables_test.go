package cli

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
	"pgregory.net/rapid"
)

// TestCSVRoundTrip: texts that are printed as CSV and read again are the same, byte
// for byte.
func TestCSVRoundTrip(t *testing.T) {
	text := rapid.Map(rapid.SliceOf(rapid.SampledFrom([]string{"\r\n", "\r", "\n", `"`, ",", " ", "a", "é"})),
		func(parts []string) string { return strings.Join(parts, "") })
	rapid.Check(t, func(t *rapid.T) {
		width := rapid.IntRange(1, 3).Draw(t, "width")
		rows := rapid.SliceOfN(rapid.SliceOfN(text, width, width), 1, 5).Draw(t, "rows")
		columns := []string{`["a","string"]`, `["b","string"]`, `["c","string"]`}[:width]
		given := bytes.NewBufferString(`{"$schema":[` + strings.Join(columns, ",") + "]}\n")
		encoder := json.NewEncoder(given)
		for _, row := range rows {
			if err := encoder.Encode(row); err != nil {
				t.Fatal(err)
			}
		}
		printed := answered(t, given.String(), "t", "--tables", "t=jsonl:-", "--format", "csv")
		again := answered(t, printed, "t", "--tables", "t=csv:-", "--format", "jsonl")
		if want := answered(t, given.String(), "t", "--tables", "t=jsonl:-", "--format", "jsonl"); again != want {
			t.Errorf("printed as\n%q\nread again as\n%s\nwant\n%s", printed, again, want)
		}
	})
}

// TestPackedStandardInput: what a query reads from standard input may be packed, as a file may.
func TestPackedStandardInput(t *testing.T) {
	z, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		in, want string
		args     []string
	}{
		"table": {`{"n":1}`, `{"n":1}`, []string{"t", "--tables", "t=-", "--format", "jsonl"}},
		"query": {"print n=1", `{"n":1}`, []string{"-", "--format", "jsonl"}},
		"cases": {
			`{"id":1,"query":"print n=1"}`, `{"id":1,"columns":[{"name":"n","type":"long"}],"rows":[[1]],"error":null}`,
			[]string{"--cases", "-"},
		},
	} {
		zipped := gzipped(t, test.in)
		for form, in := range map[string]struct{ text, want string }{
			"plain":     {test.in, test.want},
			"gzip":      {zipped, test.want},
			"zstandard": {string(z.EncodeAll([]byte(test.in), nil)), test.want},
			"cut_off":   {zipped[:len(zipped)-9], "bartizan: read standard input: unexpected EOF"},
		} {
			t.Run(name+"/"+form, func(t *testing.T) {
				var out bytes.Buffer
				Run(t.Context(), Process{
					Args: append([]string{"query"}, test.args...),
					In:   strings.NewReader(in.text), Out: &out, Err: &out, Now: time.Now, Getenv: func(string) string { return "" },
				})
				if out.String() != in.want+"\n" {
					t.Errorf("printed %q, want %q", out.String(), in.want)
				}
			})
		}
	}
}

func gzipped(t *testing.T, text string) string {
	t.Helper()
	var packed bytes.Buffer
	g := gzip.NewWriter(&packed)
	if _, err := g.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := g.Close(); err != nil {
		t.Fatal(err)
	}
	return packed.String()
}

// answered runs a query that succeeds, and gives what it printed.
func answered(t *rapid.T, in string, args ...string) string {
	var stdout, stderr bytes.Buffer
	code := Run(t.Context(), Process{
		Args: append([]string{"query"}, args...), In: strings.NewReader(in), Out: &stdout, Err: &stderr, Now: time.Now,
		Getenv: func(string) string { return "" },
	})
	if code != exitFine {
		t.Fatalf("exit %d: %s", code, stderr.String())
	}
	return stdout.String()
}

// TestLargeNumbers: a number in a table is what was written, or an error says where
// it is not of the type that its column is given.
func TestLargeNumbers(t *testing.T) {
	const head = `{"$schema":[["a","`
	tests := map[string]struct{ format, text, want string }{
		"long":             {"jsonl", head + `long"]]}` + "\n[-9223372036854775808]\n", `{"a":-9223372036854775808,"type":"long"}`},
		"no_long":          {"jsonl", head + `long"]]}` + "\n[1]\n[9223372036854775808]\n", `:3: column "a": 9223372036854775808 is no long`},
		"no_negative_long": {"jsonl", head + `long"]]}` + "\n" + `{"a":-9223372036854775809}` + "\n", `:2: column "a": -9223372036854775809 is no long`},
		"no_int":           {"jsonl", head + `int"]]}` + "\n[2147483648]\n", `:2: column "a": 2147483648 is no int`},
		"whole_long":       {"jsonl", head + `long"]]}` + "\n[1e3]\n", `{"a":1000,"type":"long"}`},
		"decimal":          {"jsonl", head + `decimal"]]}` + "\n[12345678901234567890.5]\n", `{"a":"12345678901234567890.5","type":"decimal"}`},
		"string":           {"jsonl", head + `string"]]}` + "\n[12345678901234567890]\n", `{"a":"12345678901234567890","type":"string"}`},
		"untyped":          {"jsonl", `{"a":12345678901234567890}` + "\n" + `{"a":1}` + "\n", `{"a":"12345678901234567890","type":"decimal"}` + "\n" + `{"a":"1","type":"decimal"}`},
		"untyped_low":      {"jsonl", `{"a":1}` + "\n" + `{"a":-12345678901234567890}` + "\n", `{"a":"1","type":"decimal"}` + "\n" + `{"a":"-12345678901234567890","type":"decimal"}`},
		"beside_a_real":    {"jsonl", `{"a":12345678901234567890}` + "\n" + `{"a":1.5}` + "\n", `{"a":1.2345678901234567E+19,"type":"real"}` + "\n" + `{"a":1.5,"type":"real"}`},
		"no_decimal":       {"jsonl", `{"a":12345678901234567890123456789012345}` + "\n", `{"a":1.234567890123457E+34,"type":"real"}`},
		"csv":              {"csv", "a\n12345678901234567890\n1\n", `{"a":"12345678901234567890","type":"decimal"}` + "\n" + `{"a":"1","type":"decimal"}`},
		"csv_no_long":      {"csv", "a:long\n9223372036854775808\n", `:2: column "a": "9223372036854775808" is no long`},
		"csv_real":         {"csv", "a\n12345678901234567890\n1.5\n", `{"a":1.2345678901234567E+19,"type":"real"}` + "\n" + `{"a":1.5,"type":"real"}`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			Run(t.Context(), Process{
				Args: []string{"query", "t | extend type = gettype(a)", "--tables", "t=" + test.format + ":-", "--format", "jsonl"},
				In:   strings.NewReader(test.text), Out: &out, Err: &out, Now: time.Now, Getenv: func(string) string { return "" },
			})
			if got := strings.TrimPrefix(out.String(), "bartizan: --tables t="+test.format+":-"); strings.TrimSpace(got) != test.want {
				t.Errorf("got  %swant %s", got, test.want)
			}
		})
	}
}

// TestNumbersAsTimes: a number in a column of times is read as its text, in JSON as in CSV.
func TestNumbersAsTimes(t *testing.T) {
	for name, test := range map[string]struct{ typ, number, want string }{
		"year":      {"datetime", "2024", `{"a":"2024-01-01T00:00:00.0000000Z"}`},
		"unix_time": {"datetime", "1700000000", `column "a": 1700000000 is no datetime`},
		"days":      {"timespan", "2", `{"a":"2.00:00:00"}`},
		"half_days": {"timespan", "1.5", `{"a":"1.12:00:00"}`},
		"ticks":     {"timespan", "36000000000", `column "a": 36000000000 is no timespan`},
	} {
		for format, text := range map[string]string{
			"csv":     "a:" + test.typ + "\n" + test.number + "\n",
			"objects": `{"$schema":[["a","` + test.typ + `"]]}` + "\n" + `{"a":` + test.number + "}\n",
			"arrays":  `{"$schema":[["a","` + test.typ + `"]]}` + "\n[" + test.number + "]\n",
		} {
			t.Run(name+"/"+format, func(t *testing.T) {
				var out bytes.Buffer
				kind := map[bool]string{true: "csv", false: "jsonl"}[format == "csv"]
				Run(t.Context(), Process{
					Args: []string{"query", "t", "--tables", "t=" + kind + ":-", "--format", "jsonl"},
					In:   strings.NewReader(text), Out: &out, Err: &out, Now: time.Now, Getenv: func(string) string { return "" },
				})
				got := strings.ReplaceAll(out.String(), `"`+test.number+`" is`, test.number+" is") // CSV quotes texts
				if got = strings.TrimPrefix(got, "bartizan: --tables t="+kind+":-:2: "); strings.TrimSpace(got) != test.want {
					t.Errorf("got  %swant %s", got, test.want)
				}
			})
		}
	}
}
