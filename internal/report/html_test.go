package report

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/flate"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/baseline"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

var packed = regexp.MustCompile(`(<script type="application/x-bartizan-checks">)([^<]*)(</script>)`)

// legible makes of a page what a person can compare: a line an element, the
// checks unpacked, and none of the style, script and drawings that every page
// has.
func legible(page []byte) []byte {
	a := assets()
	for _, same := range []string{string(a.style), string(a.script), string(a.early), string(a.marks), a.policy} {
		page = bytes.ReplaceAll(page, []byte(same), []byte("…"))
	}
	escaped := strings.ReplaceAll(a.policy, "'", "&#39;")
	page = bytes.ReplaceAll(page, []byte(escaped), []byte("…"))
	page = packed.ReplaceAllFunc(page, func(found []byte) []byte {
		parts := packed.FindSubmatch(found)
		text, err := unpack(string(parts[2]))
		if err != nil {
			text = []byte(err.Error())
		}
		return bytes.Join([][]byte{parts[1], bytes.TrimSpace(text), parts[3]}, []byte("\n"))
	})
	return bytes.ReplaceAll(page, []byte("><"), []byte(">\n<"))
}

func unpack(piece string) ([]byte, error) {
	return io.ReadAll(flate.NewReader(base64.NewDecoder(base64.StdEncoding, strings.NewReader(piece))))
}

func chunksOf(t *testing.T, page []byte) []chunk {
	t.Helper()
	var all []chunk
	for _, found := range packed.FindAllSubmatch(page, -1) {
		text, err := unpack(string(found[2]))
		if err != nil {
			t.Fatal(err)
		}
		var c chunk
		if err := json.Unmarshal(text, &c); err != nil {
			t.Fatal(err)
		}
		all = append(all, c)
	}
	return all
}

// hostileNames is what somebody may have called things who wants to run a script in
// the browser of whoever reads the report.
var hostileNames = slices.Concat([]string{
	`</script><img src=x onerror=alert(1)>`, `"><svg onload=alert(1)>`, `' onfocus=alert(1) autofocus '`,
	"javascript:alert(1)", "<!--", "]]>", "a\u2028b\u2029c", "\u202egnp.exe", "a\x00b\x1b[31m", "\xff\xfe", "&lt;b&gt;", "`${alert(1)}`",
}, nasty)

func runOfHostileNames() *Run {
	run := single()
	var list []posture.Check
	for _, name := range hostileNames {
		list = append(list, posture.Check{
			Rule: name, Resource: name, Name: name, Type: name, Location: name, Unit: name, Scope: name, Detail: name,
			Tags: map[string]string{name: name}, State: posture.Unhealthy, Judged: posture.Unhealthy,
			Evidence:   []posture.Evidence{{Path: name, Found: name, Wanted: name, Resource: name}},
			Exempt:     &posture.ExemptMark{Category: name, Reason: name},
			References: []posture.Reference{{Assignment: name, Member: name, Message: name}, {Assignment: name, Message: name + "!"}},
		})
		run.Result.Recommendations = append(run.Result.Recommendations, assess.RuleResult{ID: name, Title: name, Control: name, Unhealthy: 1})
		run.Result.Warnings = append(run.Result.Warnings, name)
		run.Result.NotEvaluated = append(run.Result.NotEvaluated, assess.NotEvaluated{Policy: name, Title: name, Why: name})
		run.Result.Compliance[0].Nodes = append(run.Result.Compliance[0].Nodes, run.Result.Compliance[0].Nodes[0])
		run.Result.Compliance[0].Nodes[len(run.Result.Compliance[0].Nodes)-1].ID = name
		run.Scopes = append(run.Scopes, posture.Scope{ID: name, Kind: posture.Unit, Name: name})
		run.Result.Score.Units = append(run.Result.Score.Units, run.Result.Score.Units[0])
		run.Result.Score.Units[len(run.Result.Score.Units)-1].Scope = name
	}
	run.Version = hostileNames[0]
	run.Checks = checks(list...)
	return run
}

// TestHTMLEscapes: nothing of the estate becomes markup, or turns the writing.
func TestHTMLEscapes(t *testing.T) {
	var out bytes.Buffer
	if err := writeHTML(&out, runOfHostileNames()); err != nil {
		t.Fatal(err)
	}
	page := out.String()
	for _, bad := range []string{"<img src=x", "<svg onload", "\u202e", "\x1b", "\x00", "\xff"} {
		if strings.Contains(page, bad) {
			t.Errorf("the page holds %q as it stands", bad)
		}
	}
	if got := strings.Count(page, "</script>"); got != 2+1+1 {
		t.Errorf("%d scripts end, want the early one, the index, one piece and the last", got)
	}
	chunks := chunksOf(t, out.Bytes())
	if len(chunks) != 1 || len(chunks[0].Rule) != len(hostileNames) {
		t.Fatalf("got %d pieces, want all %d checks in one", len(chunks), len(hostileNames))
	}
	for _, text := range chunks[0].Text {
		if strings.ContainsAny(text, "\u202e\x1b\x00") {
			t.Errorf("%q would turn the writing or obey a terminal", text)
		}
	}
}

// TestHTMLAsksForNothing: no address that a browser would fetch.
func TestHTMLAsksForNothing(t *testing.T) {
	var out bytes.Buffer
	if err := writeHTML(&out, single()); err != nil {
		t.Fatal(err)
	}
	fetched := regexp.MustCompile(`(?:src|srcset|poster|action|data)="?[^"]*//|<link|@import|url\((?:["']?)(?:https?:)?//`)
	if at := fetched.Find(out.Bytes()); at != nil {
		t.Errorf("the page asks for %q", at)
	}
	if !bytes.Contains(out.Bytes(), []byte(`default-src &#39;none&#39;`)) {
		t.Error("the page does not forbid requests")
	}
	if bytes.Contains(out.Bytes(), []byte(`style="`)) {
		t.Error("an inline style, which the page's own policy refuses")
	}
}

// TestHTMLStreams: a hundred thousand checks take no more memory than a piece.
func TestHTMLStreams(t *testing.T) {
	const n = 100_000
	var before, peak runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	written, told := 0, 0
	run := single()
	run.Checks = func(yield func(*posture.Check, error) bool) {
		for c := range many(n) {
			if told++; told%20_000 == 0 {
				runtime.GC()
				var now runtime.MemStats
				runtime.ReadMemStats(&now)
				peak.HeapAlloc = max(peak.HeapAlloc, now.HeapAlloc)
			}
			if told == n/2 && written == 0 {
				t.Error("half of the checks are told, and nothing is written")
			}
			if !yield(c, nil) {
				return
			}
		}
	}
	if err := writeHTML(writerFunc(func(p []byte) (int, error) { written += len(p); return len(p), nil }), run); err != nil {
		t.Fatal(err)
	}
	if grown := int64(peak.HeapAlloc) - int64(before.HeapAlloc); grown > 24<<20 {
		t.Errorf("held %d MB while writing, want less than 24", grown>>20)
	}
	if written > 15<<20 {
		t.Errorf("%d checks take %d MB, want less than 15", n, written>>20)
	}
	t.Logf("%d checks: %.1f MB", n, float64(written)/(1<<20))
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// many yields checks of an estate that looks like one: ten a resource, ids of
// the usual length, names that are different.
func many(n int) func(func(*posture.Check) bool) {
	types := []string{"Microsoft.Storage/storageAccounts", "Microsoft.KeyVault/vaults", "Microsoft.Compute/virtualMachines", "Microsoft.Sql/servers", "Microsoft.Web/sites"}
	return func(yield func(*posture.Check) bool) {
		for i := range n {
			r := i / 10
			unit := fmt.Sprintf("/subscriptions/%08x-1111-4222-8333-%012x", r/250*2654435761, r/250)
			scope := fmt.Sprintf("%s/resourceGroups/rg-app-%03d", unit, r/25)
			name := fmt.Sprintf("contoso%x", uint64(r)*0x9E3779B97F4A7C15>>24)
			state := []posture.State{posture.Healthy, posture.Healthy, posture.Healthy, posture.Unhealthy, posture.NotApplicable, posture.Unknown, posture.Healthy}[(i*7+r)%7]
			c := posture.Check{
				Rule: fmt.Sprintf("rule-%03d", i%10+10*(r%15)), Recommendation: true, Cloud: posture.Azure,
				Resource: scope + "/providers/" + types[r%5] + "/" + name, Type: types[r%5], Name: name, Location: "westeurope",
				Tags: map[string]string{"owner": fmt.Sprintf("team-%d", r%40), "env": "prod"}, Unit: unit, Scope: scope,
				State: state, Judged: state, Severity: posture.Severity(i % 5),
				Evidence: []posture.Evidence{{Path: fmt.Sprintf("properties.setting%d.value", i%10), Found: i%3 == 0, Wanted: "equals true"}},
			}
			if state == posture.Unknown {
				c.Reason, c.Detail = posture.Denied, "the body was not read: denied"
			}
			if !yield(&c) {
				return
			}
		}
	}
}

// TestHTMLPieces: pieces are closed by number and by size, and errors of the
// estate or the disk come through.
func TestHTMLPieces(t *testing.T) {
	var out bytes.Buffer
	run := single()
	run.Checks = func(yield func(*posture.Check, error) bool) {
		for c := range many(chunkChecks + 1) {
			if !yield(c, nil) {
				return
			}
		}
	}
	if err := writeHTML(&out, run); err != nil {
		t.Fatal(err)
	}
	chunks := chunksOf(t, out.Bytes())
	total := 0
	for _, c := range chunks {
		total += len(c.Rule)
		for name, column := range map[string][]int{"resource": c.Resource, "verdict": c.Verdict, "detail": c.Detail, "proof": c.Proof, "extra": c.Extra} {
			if len(column) != len(c.Rule) {
				t.Errorf("column %s has %d values, want %d", name, len(column), len(c.Rule))
			}
		}
	}
	if len(chunks) < 2 || total != chunkChecks+1 {
		t.Errorf("%d checks in %d pieces, want %d in two or more", total, len(chunks), chunkChecks+1)
	}
	broken := errors.New("disk full")
	if err := writeHTML(failing{broken}, run); !errors.Is(err, broken) {
		t.Errorf("the writer fails: got %v, want its error", err)
	}
}

// TestHTMLBaseline: the page says what became of an earlier assessment.
func TestHTMLBaseline(t *testing.T) {
	run := single()
	run.Baseline = &baseline.Comparison{
		File: "old.jsonl", New: 3, Fixed: 2,
		Worst: []baseline.Finding{{Rule: "anonymous-blob-access-off", Recommendation: true, Resource: shop, Severity: posture.High}},
	}
	var out bytes.Buffer
	if err := writeHTML(&out, run); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"<b>3</b> new", "<b>2</b> fixed", `href="#checks?row=anonymous-blob-access-off,%2Fsubscriptions%2F`} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the page does not say %q", want)
		}
	}
}
