package cli

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// querying asks a server that has the demo's estate by the command line.
func querying(t *testing.T, s *serving, cookies []*http.Cookie) {
	made, _ := s.ask(http.MethodPost, "/api/v1/tokens", `{"name":"query","role":"reader","scope":"/","expires":"1d"}`, cookies...)
	token, _ := made["token"].(string)
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte(token+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	const account = "resources | where type == 'microsoft.storage/storageaccounts' | "
	tests := map[string]struct {
		args []string
		code int
		out  string // in the output
		err  string // on standard error
	}{
		"table":      {[]string{account + "summarize n = count() by kind"}, 0, "StorageV2", ""},
		"csv":        {[]string{"print a = 1, b = dynamic({'x':[1]}), c = '', d = datetime(2026-01-01), e = real(null), f = 1.5", "--format", "csv"}, 0, "a,b,c,d,e,f\n1,\"{\"\"x\"\":[1]}\",,2026-01-01T00:00:00.0000000Z,,1.5\n", ""},
		"jsonl":      {[]string{"range x from 1 to 1000 step 1", "--format", "jsonl"}, 0, "{\"x\":1}\n{\"x\":2}\n", ""},
		"result":     {[]string{"print x = 2d", "--format", "result"}, 0, `{"columns":[{"name":"x","type":"timespan"}],"rows":[` + "\n" + `["2.00:00:00"]]}`, ""},
		"question":   {[]string{"--name", "unhealthy-by-severity", "--format", "csv"}, 0, "High", ""},
		"parameter":  {[]string{"declare query_parameters(n:long); print n", "--param", "n=7", "--format", "csv"}, 0, "7\n", ""},
		"scope":      {[]string{account + "distinct subscriptionId", "--scope", "/subscriptions/8a9a1480-add2-4048-af68-da4dbfcdd912", "--format", "csv"}, 0, "subscriptionId\n8a9a1480-add2-4048-af68-da4dbfcdd912\n", ""},
		"at":         {[]string{"resources | count", "--at", time.Now().AddDate(-1, 0, 0).Format(time.DateOnly), "--format", "csv"}, 1, "", "history begins at"},
		"most_rows":  {[]string{"range x from 1 to 1000 step 1", "--max-rows", "5"}, 1, "", "more than 5 rows"},
		"explain":    {[]string{account + "count", "--explain"}, 0, "pushed down", ""},
		"schema":     {[]string{"--schema", "resources"}, 0, "subscriptionId", ""},
		"wrong":      {[]string{"resources | wher type == ''"}, 1, "", "query:1:13: unknown operator \"wher\"; did you mean"},
		"future":     {[]string{"print 1", "--at", "2999-01-01"}, 1, "", "in the future"},
		"own_tables": {[]string{"print 1", "--tables", "x=y.csv", "--workers", "1"}, 2, "", "--workers: it does not go with --server"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var out, problems bytes.Buffer
			args := append([]string{"query"}, test.args...)
			code := Run(t.Context(), Process{
				Args: append(args, "--server", s.url, "--token-file", file), In: strings.NewReader(""), Out: &out, Err: &problems,
				Getenv: func(string) string { return "" }, Now: time.Now,
			})
			if code != test.code || !strings.Contains(out.String(), test.out) || !strings.Contains(problems.String(), test.err) {
				t.Errorf("ended with %d: %.300s\n%.300s", code, out.String(), problems.String())
			}
		})
	}
	for name, token := range map[string]string{"want a token": "", "the token is not good": "bzt_none"} {
		var out, problems bytes.Buffer
		Run(t.Context(), Process{
			Args: []string{"query", "print 1", "--server", s.url}, In: strings.NewReader(""), Out: &out, Err: &problems, Now: time.Now,
			Getenv: func(variable string) string { return map[string]string{"BARTIZAN_TOKEN": token}[variable] },
		})
		if !strings.Contains(problems.String(), name) {
			t.Errorf("token %q: %s", token, problems.String())
		}
	}
}

// TestQueryServer_tells_of_early_ends: rows that came are printed, and why there are
// no more is told.
func TestQueryServer_tells_of_early_ends(t *testing.T) {
	const head = `{"id":"1","columns":[{"name":"x","type":"long"}],"asOf":{"commit":1},"hidden":0}` + "\n[1]\n"
	tests := map[string]struct {
		answer string
		code   int
		err    string
	}{
		"whole":        {head + `{"truncated":false,"warnings":[{"line":1,"column":2,"message":"beware"}]}` + "\n", 0, "1:2: beware"},
		"not_read":     {head + `{"truncated":false,"notRead":[{"tables":["resources"],"type":"*","scope":"/subscriptions/a","reason":"throttled"}],"notReadTotal":101}` + "\n", 0, "resources: rows may be missing: not everything in /subscriptions/a was read (throttled)\nand 100 more"},
		"one_not_read": {head + `{"truncated":false,"notRead":[{"tables":["resources"],"type":"a/b","scope":"/subscriptions/a","reason":"throttled","count":12,"resources":["/x/s1","/x/s2","/x/s3","/x/s4"]}],"notReadTotal":1}` + "\n", 0, "resources: rows may be missing: 12 of a/b in /subscriptions/a not read (throttled): s1, s2, s3 and 9 more\n"},
		"cut_off":      {head + `{"truncated":true}` + "\n", 0, "no more rows than these 1"},
		"problem":      {head + `{"error":{"title":"the query ended early","status":422,"detail":"it holds too much"}}` + "\n", 1, "it holds too much"},
		"broken":       {head, 1, "it ended before its end"},
		"half_row":     {head + "[2", 1, "it ended before its end"},
		"no_row":       {head + "[2,3]\n", 1, "is no row of 1 cells"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, test.answer) }))
			defer s.Close()
			var out, problems bytes.Buffer
			code := Run(t.Context(), Process{
				Args: []string{"query", "x", "--server", s.URL, "--format", "jsonl"}, In: strings.NewReader(""), Out: &out, Err: &problems, Now: time.Now,
				Getenv: func(variable string) string { return map[string]string{tokenVariable: "t"}[variable] },
			})
			if code != test.code || !strings.Contains(out.String(), `{"x":1}`) || !strings.Contains(problems.String(), test.err) {
				t.Errorf("ended with %d: %s\n%s", code, out.String(), problems.String())
			}
		})
	}
}
