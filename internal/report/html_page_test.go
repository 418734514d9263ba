//go:build unix

package report

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/internal/contoso"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

// company assesses the invented company, with what is set.
func company(t *testing.T, set ...func(*assess.Options)) *Run {
	t.Helper()
	builtIn, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	var estate bytes.Buffer
	if err := contoso.Estate(&estate); err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 22, 4, 0, 0, 0, time.UTC)
	input := assess.Input{Name: "contoso", Size: int64(estate.Len()), Open: func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(estate.Bytes())), nil
	}}
	o := assess.Options{Inputs: []assess.Input{input}, BuiltIn: builtIn, Now: now, Evidence: true}
	for _, f := range set {
		f(&o)
	}
	result, checks, err := assess.Run(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	return &Run{Result: result, Checks: checks, At: now, Version: "0.1.0", Scopes: result.Scopes}
}

// pageOf writes a run to a file that a browser can open.
func pageOf(t *testing.T, run *Run) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "report.html")
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := writeHTML(f, run); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return file
}

func (b *browser) quiet() {
	b.t.Helper()
	for _, noise := range b.heard() {
		b.t.Errorf("the page is not quiet: %s", noise)
	}
}

// pictures shows every part of a report to whoever asked for pictures.
func (b *browser) pictures(file, colours string) {
	b.call("Emulation.setEmulatedMedia", map[string]any{"features": []map[string]string{{"name": "prefers-color-scheme", "value": colours}}}, nil)
	for _, part := range []string{"overview", "score", "recommendations", "checks", "compliance", "input"} {
		b.open(file, "#"+part)
		eval[any](b, `document.documentElement.dataset.theme = ""`)
		b.picture(part + "-" + colours)
	}
	eval[any](b, `location.hash = "#rule%3As3-bucket-block-public-access"`)
	time.Sleep(2 * time.Second)
	b.picture("recommendation-" + colours)
	eval[any](b, `location.hash = "#standard%3Amcsb-v1"`)
	time.Sleep(2 * time.Second)
	b.picture("standard-" + colours)
	eval[any](b, `location.hash = "#checks?state=unknown"`)
	eval[any](b, `document.querySelector("#runway .row").click()`)
	b.picture("unknown-" + colours)
}

const shownRows = `[...document.querySelectorAll("#runway .row:not([hidden])")]`

// TestPageInABrowser walks through the demo's report as a reader does.
func TestPageInABrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("long: runs without the race detector; shorter tests cover what runs at once")
	}
	b := startBrowser(t)
	file := pageOf(t, company(t))
	b.resize(1440, 900)
	b.open(file, "")
	b.picture("overview-light")
	if got := eval[string](b, `document.querySelector("section.view.shown").id`); got != "overview" {
		t.Errorf("%q is shown first, want the overview", got)
	}

	b.press("/")
	b.until(`document.activeElement.id === "list-search"`)
	b.picture("checks-light")
	all := eval[string](b, `document.getElementById("list-count").textContent`)
	b.write("contoso-shop s3")
	b.until(fmt.Sprintf(`document.getElementById("list-count").textContent !== %q`, all))
	if hash := eval[string](b, `location.hash`); hash != "#checks?q=contoso-shop%20s3" {
		t.Errorf("the address is %q, want the search in it", hash)
	}
	b.press("Enter")
	b.press("ArrowDown")
	b.press("Enter")
	b.until(`!document.getElementById("panel").hidden`)
	b.picture("evidence-light")
	if got := eval[int](b, `document.querySelectorAll("#panel .proof tbody tr").length`); got == 0 {
		t.Error("the opened check shows no evidence")
	}
	if got := eval[string](b, `document.querySelector("#panel .command code").textContent`); !strings.Contains(got, "contoso-shop") || strings.Contains(got, "{") {
		t.Errorf("the command is %q, want the bucket's own name in it", got)
	}
	if hash := eval[string](b, `location.hash`); !strings.Contains(hash, "&row=") {
		t.Errorf("the address is %q, want the opened row in it", hash)
	}
	if tall := eval[int](b, `document.documentElement.scrollHeight`); tall > 900 {
		t.Errorf("with the evidence the page is %d pixels tall on a screen of 900: list and evidence scroll, the page does not", tall)
	}
	b.press("Escape")
	b.until(`document.getElementById("panel").hidden`)

	before := eval[string](b, `getComputedStyle(document.body.parentElement).backgroundColor`)
	eval[any](b, `document.getElementById("colours").click()`)
	if after := eval[string](b, `getComputedStyle(document.body.parentElement).backgroundColor`); before != "rgb(246, 247, 249)" || after != "rgb(13, 15, 19)" {
		t.Errorf("the ground is %s by day and %s by night, want the design's", before, after)
	}
	if os.Getenv("BARTIZAN_PICTURES") != "" {
		b.pictures(file, "light")
		b.pictures(file, "dark")
	}

	if pdf := b.paper(); !bytes.HasPrefix(pdf, []byte("%PDF")) || len(pdf) < 50_000 {
		t.Errorf("printing gave %d bytes", len(pdf))
	} else if dir := os.Getenv("BARTIZAN_PICTURES"); dir != "" {
		if err := os.WriteFile(filepath.Join(dir, "report.pdf"), pdf, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	b.quiet()
}

// TestFiltersInABrowser: filters live in the address and chips.
func TestFiltersInABrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("long under the race detector, and nothing runs at once")
	}
	b := startBrowser(t)
	file := pageOf(t, company(t))
	b.resize(1440, 900)
	b.open(file, "#checks")
	eval[any](b, `document.querySelector('.chip[data-facet="state"]').click()`)
	b.picture("filter-light")
	eval[any](b, `[...document.querySelectorAll(".popover label")].find(l => l.textContent.startsWith("Unhealthy")).querySelector("input").click()`)
	b.until(`location.hash === "#checks?state=unhealthy"`)
	b.press("Escape")
	words := eval[string](b, `document.getElementById("list-count").textContent`)
	if states := eval[string](b, `[...new Set(`+shownRows+`.map(r => r.children[0].textContent))].join()`); states != "Unhealthy" {
		t.Errorf("the rows are %s, want the unhealthy ones", states)
	}
	b.open(file, "#checks?state=unhealthy")
	if again := eval[string](b, `document.getElementById("list-count").textContent`); again != words {
		t.Errorf("the address gives %q, the filter gave %q", again, words)
	}
	b.open(file, "#checks?state=exempt&cloud=aws")
	b.picture("empty-light")
	if empty := eval[string](b, `document.getElementById("list-empty").textContent`); !strings.Contains(empty, "No check matches") || !strings.Contains(empty, "Without") {
		t.Errorf("an empty list says %q, want the filter that emptied it", empty)
	}
	b.quiet()
}

// TestDoorsInABrowser: every number that is a link leads to a list of exactly
// as many.
func TestDoorsInABrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("long: runs without the race detector; shorter tests cover what runs at once")
	}
	b := startBrowser(t)
	b.resize(1440, 900)
	b.open(pageOf(t, company(t, func(o *assess.Options) {
		o.Exemptions = []*policy.Exemption{
			{Scope: "444455556666", ReferenceIDs: []string{"s3-bucket-block-public-access"}, Category: "Waiver"},
			{Scope: "/", ReferenceIDs: []string{"mcsb-v1:NS-1"}, Category: "Mitigated"}, // in that control alone
		}
		o.Attestations = []*policy.Attestation{
			{Scope: "444455556666", ReferenceID: "mcsb-v1:IR-1", State: "NonCompliant"},
			{Scope: "777788889999", ReferenceID: "mcsb-v1:IR-1", State: "Compliant"},
		}
	})), "#compliance")
	wrong := eval[[]string](b, `(async () => {
		const wrong = [], pause = () => new Promise(done => setTimeout(done));
		for (const d of document.querySelectorAll("details.standard")) d.open = true;
		await pause(); await pause();
		const doors = [...document.querySelectorAll('a.door[href^="#checks"]')].map(a => [a.textContent, a.getAttribute("href")]);
		const ways = new Set(doors.map(d => d[1]));
		for (const want of ["#checks?control=mcsb-v1%3ANS-1&state=exempt", "#checks?control=mcsb-v1%3AIR-1&state=unhealthy"]) if (!ways.has(want)) wrong.push("no way to " + want);
		if (doors.length < 60) wrong.push("only " + doors.length + " doors");
		for (const [i, [words, href]] of doors.entries()) {
			if (i % 5 && href.includes("control=") && !href.includes("exempt")) continue; // of hundreds some
			location.hash = href;
			await pause(); await pause();
			const want = words.match(/[\d,]+/)[0], got = document.getElementById("list-count").textContent.match(/[\d,]+/)[0];
			if (want !== got) wrong.push(href + ": says " + want + ", leads to " + got);
		}
		return wrong;
	})()`)
	for _, w := range wrong {
		t.Error(w)
	}
	b.quiet()
}

// chosenStandards adds a standard of one's own and an initiative with groups.
func chosenStandards(t *testing.T) func(*assess.Options) {
	t.Helper()
	var l policy.Library
	for _, document := range []string{
		`{"name": "public-ips", "properties": {"displayName": "No public addresses", "policyRule": {
			"if": {"field": "type", "equals": "Microsoft.Network/publicIPAddresses"}, "then": {"effect": "audit"}}}}`,
		`{"name": "few", "properties": {"displayName": "Few policies", "policyDefinitionGroups": [{"name": "G-1", "category": "Network"}, {"name": "G-2"}],
			"policyDefinitions": [
			{"policyDefinitionReferenceId": "ips", "policyDefinitionId": "public-ips", "groupNames": ["G-1"]},
			{"policyDefinitionReferenceId": "blobs", "policyDefinitionId": "/providers/Microsoft.Authorization/policyDefinitions/4fa4b6c0-31ca-4c0d-b10d-24b96f62a751", "groupNames": ["G-2"]}]}}`,
	} {
		if err := l.Add("few.json", []byte(document)).Err(); err != nil {
			t.Fatal(err)
		}
	}
	own := &catalog.Standard{ID: "house", Title: "House rules", Clouds: []posture.Cloud{posture.AWS}, Nodes: []catalog.Node{
		{ID: "H", Title: "All"},
		{ID: "H-1", Title: "Closed buckets", Parent: "H", Recommendations: []string{"s3-bucket-block-public-access"}},
		{ID: "H-2", Title: "Few addresses", Parent: "H", Policies: []string{"public-ips"}},
	}}
	return func(o *assess.Options) {
		o.Library, o.OwnStandards, o.Standards = &l, []*catalog.Standard{own}, []string{"few", "mcsb-v1"}
	}
}

// TestControlsLeadToRules: controls of any standard or initiative list the rules
// that give evidence, and their numbers lead to the checks.
func TestControlsLeadToRules(t *testing.T) {
	b := startBrowser(t)
	b.resize(1440, 900)
	file := pageOf(t, company(t, chosenStandards(t)))
	b.open(file, "#compliance")
	wrong := eval[[]string](b, `(async () => {
		const wrong = [], pause = () => new Promise(done => setTimeout(done));
		for (const d of document.querySelectorAll("details.standard, details.branch")) d.open = true;
		await pause(); await pause();
		const want = { "house:H-1": "s3-bucket-block-public-access", "house:H-2": "public-ips", "few:G-1": "public-ips", "few:G-2": "storage-blob-anonymous-access-off", "mcsb-v1:NS-2": "s3-bucket-block-public-access" };
		for (const [control, rule] of Object.entries(want)) {
			const row = document.getElementById("control:" + control), list = row.parentElement.querySelector(":scope > .evidence-of");
			const way = list && [...list.querySelectorAll("a")].find(a => a.getAttribute("href") === "#rule%3A" + rule);
			if (!way) { wrong.push(control + ": no way to " + rule); continue; }
			if (!document.getElementById("rule:" + rule)) wrong.push(rule + " is not in the page");
			const back = document.getElementById("rule:" + rule).querySelector('.facts a[href="#control%3A' + encodeURIComponent(control) + '"]');
			if (!back) wrong.push(rule + ": no way back to " + control);
			const doors = [...row.querySelectorAll("a.door")];
			if (!doors.length) wrong.push(control + ": no number leads to its checks");
			for (const a of doors) {
				location.hash = a.getAttribute("href");
				await pause(); await pause();
				const got = document.getElementById("list-count").textContent.match(/[\d,]+/)[0];
				if (got !== a.textContent) wrong.push(a.getAttribute("href") + ": says " + a.textContent + ", leads to " + got);
			}
		}
		return wrong;
	})()`)
	for _, w := range wrong {
		t.Error(w)
	}
	b.quiet()
}

// TestExemptControlsOfInitiatives: what is exempt in a control of an initiative
// is so in the list of its checks, and in no other's.
func TestExemptControlsOfInitiatives(t *testing.T) {
	b := startBrowser(t)
	b.resize(1440, 900)
	chosen := chosenStandards(t)
	b.open(pageOf(t, company(t, func(o *assess.Options) {
		chosen(o)
		o.Exemptions = []*policy.Exemption{{Scope: "/", ReferenceIDs: []string{"few:g-2"}, Category: "Waiver"}}
	})), "#compliance")
	const blobs = "storage-blob-anonymous-access-off"
	for hash, want := range map[string]bool{
		"#checks?control=few%3AG-2": true, "#checks?control=few%3AG-1": false,
		"#checks?control=mcsb-v1%3ANS-2&recommendation=" + blobs: false, "#checks?recommendation=" + blobs: false,
	} {
		eval[any](b, `location.hash = "`+hash+`"`)
		b.until(shownRows + `.length`)
		exempt := eval[int](b, shownRows+`.filter(r => r.children[0].firstChild.classList.contains("exempt")).length`)
		all := eval[int](b, shownRows+`.length`)
		if want && exempt != all || !want && exempt > 0 {
			t.Errorf("%s shows %d of %d checks as exempt, want all or none: %v", hash, exempt, all, want)
		}
	}
	b.quiet()
}

// TestCommandsFitTheType: the panel of a check has the command for its type,
// the list of rules has all.
func TestCommandsFitTheType(t *testing.T) {
	run := single()
	r := &run.Result.Recommendations[0]
	content := *r.Recommendation
	content.Remediation.Commands = []catalog.Command{
		{For: "a bucket", Types: []string{"aws::s3::bucket"}, Text: "aws one {name}"},
		{For: "an account", Types: []string{"Microsoft.Storage/storageAccounts"}, Text: "az two {name}"},
	}
	r.Recommendation = &content
	b := startBrowser(t)
	b.resize(1440, 900)
	b.open(pageOf(t, run), "#checks?recommendation="+r.ID)
	b.until(shownRows + `.length`)
	eval[any](b, shownRows+`[0].click()`)
	got := eval[[]string](b, `[...document.querySelectorAll("#panel .command code")].map(c => c.textContent.split(" ")[1])`)
	if len(got) != 1 || got[0] != "two" {
		t.Errorf("of a storage account the panel shows %v, want its command only", got)
	}
	if got := eval[int](b, `document.querySelectorAll("details.rule .command").length`); got != 2 {
		t.Errorf("the list of rules shows %d commands, want both", got)
	}
	b.quiet()
}

// TestCommandsHaveNames: what a placeholder means is taken from the resource where
// that is sure, and stays a place to fill in elsewhere.
func TestCommandsHaveNames(t *testing.T) {
	const placeholders = "{accessKeyId} {groupName} {policyArn} {snapshotId} {topicArn} {userName} {vaultName} {workspace} {keyRing} {email} {cluster} {functionName} {automationAccountId} {bucket} {groupId}"
	tests := []struct{ kind, id, want string }{
		{"AWS::IAM::Group", "arn:aws:iam::111122223333:group/staff/administrators", "{groupName}=administrators"},
		{"Microsoft.Sql/servers", "/subscriptions/s/resourceGroups/g/providers/Microsoft.Sql/servers/orders", ""}, // whose groupName is a person's choice
		{"AWS::IAM::User", "arn:aws:iam::111122223333:user/anna", "{userName}=anna"},
		{"AWS::IAM::AccessKey", "arn:aws:iam::111122223333:user/staff/anna/access-key/AKIA1", "{accessKeyId}=AKIA1 {userName}=anna"},
		{"AWS::IAM::AccessKey", "AKIA2", "{accessKeyId}=AKIA2"},
		{"AWS::IAM::ManagedPolicy", "111122223333/arn:aws:iam::aws:policy/AdministratorAccess", "{policyArn}=arn:aws:iam::aws:policy/AdministratorAccess"},
		{"AWS::RDS::DBSnapshot", "arn:aws:rds:eu-west-1:111122223333:snapshot:rds:orders-2026-11-21", "{snapshotId}=rds:orders-2026-11-21"},
		{"AWS::RDS::DBSnapshot", "arn:aws:rds:eu-west-1:111122223333:snapshot:monthly", "{snapshotId}=monthly"},
		{"AWS::RDS::DBInstance", "arn:aws:rds:eu-west-1:111122223333:db:orders", ""},
		{"AWS::EC2::Snapshot", "arn:aws:ec2:eu-west-1:111122223333:snapshot/snap-1", "{snapshotId}=snap-1"},
		{"AWS::SNS::TopicPolicy", "arn:aws:sns:eu-west-1:111122223333:alarms|policy", "{topicArn}=arn:aws:sns:eu-west-1:111122223333:alarms"},
		{"AWS::SNS::TopicPolicy", "AlarmsPolicy-1A2B", ""},
		{"AWS::ECS::Service", "arn:aws:ecs:eu-west-1:111122223333:service/shop/web", "{cluster}=shop"},
		{"AWS::ECS::Service", "arn:aws:ecs:eu-west-1:111122223333:service/web", ""},
		{"AWS::Lambda::Permission", "resize|public", "{functionName}=resize"},
		{"AWS::S3::BucketPolicy", "logs", "{bucket}=logs"},
		{"AWS::EC2::SecurityGroup", "sg-1", "{groupId}=sg-1"},
		{"logging.googleapis.com/LogBucket", "//logging.googleapis.com/projects/p/locations/global/buckets/b", ""},
		{"cloudkms.googleapis.com/CryptoKey", "//cloudkms.googleapis.com/projects/p/locations/l/keyRings/ring/cryptoKeys/k", "{keyRing}=ring"},
		{"iam.googleapis.com/ServiceAccount", "//iam.googleapis.com/projects/p/serviceAccounts/build@p.iam.gserviceaccount.com", "{email}=build@p.iam.gserviceaccount.com"},
		{"iam.googleapis.com/ServiceAccount", "//iam.googleapis.com/projects/p/serviceAccounts/17351", ""},
		{"Microsoft.KeyVault/vaults/keys", "/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/safe/keys/k", "{vaultName}=safe"},
		{"microsoft.machinelearningservices/workspaces/computes", "/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/lab/computes/c", "{workspace}=lab"},
		{"Microsoft.Databricks/workspaces", "/subscriptions/s/resourceGroups/g/providers/Microsoft.Databricks/workspaces/lake", ""},
		{"Microsoft.Automation/automationAccounts/variables", "/subscriptions/s/resourceGroups/g/providers/Microsoft.Automation/automationAccounts/jobs/variables/v", "{automationAccountId}=/subscriptions/s/resourceGroups/g/providers/Microsoft.Automation/automationAccounts/jobs"},
	}
	run := single()
	rule := &run.Result.Recommendations[0]
	content := *rule.Recommendation
	content.Remediation.Commands = []catalog.Command{{Text: "do " + placeholders}}
	rule.Recommendation = &content
	var list []posture.Check
	for i, test := range tests {
		list = append(list, posture.Check{
			Rule: rule.ID, Recommendation: true, ParametersHash: rule.ParametersHash, Resource: test.id, Type: test.kind, Name: fmt.Sprintf("n%02d", i), Unit: "u",
			State: posture.Unhealthy, Judged: posture.Unhealthy,
		})
	}
	run.Checks = checks(list...)
	b := startBrowser(t)
	b.resize(1440, 2400)
	file := pageOf(t, run)
	b.open(file, "#checks")
	b.until(shownRows + `.length`)
	for _, test := range tests {
		t.Run(test.kind+" "+test.id, func(t *testing.T) {
			eval[any](b, fmt.Sprintf(shownRows+`.find(r => r.textContent.includes(%q)).click()`, fmt.Sprintf("n%02d", slices.Index(tests, test))))
			got := eval[string](b, `[...document.querySelectorAll("#panel .command var.filled")].map(v => "{" + v.dataset.name + "}=" + v.textContent).join(" ")`)
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
	b.quiet()
}

// TestWidths: on a telephone, a tablet and a desk nothing is wider than the
// screen, and no arrow of what folds stands on a line of its own.
func TestWidths(t *testing.T) {
	if testing.Short() {
		t.Skip("long: runs without the race detector; shorter tests cover what runs at once")
	}
	b := startBrowser(t)
	file := pageOf(t, company(t, chosenStandards(t)))
	for _, width := range []int{360, 721, 800, 1024, 1181, 1400} {
		b.resize(width, 900)
		b.open(file, "")
		for _, part := range []string{"overview", "score", "recommendations", "checks", "compliance", "input"} {
			eval[any](b, `location.hash = "#`+part+`"`)
			b.until(`document.querySelector("section.view.shown").id === "` + part + `"`)
			b.picture(fmt.Sprint(part, "-", width))
			if wide := eval[int](b, `document.documentElement.scrollWidth`); wide > width {
				t.Errorf("%s is %d pixels wide on a screen of %d", part, wide, width)
			}
			if right := eval[float64](b, `document.querySelector(".rail [aria-current]").getBoundingClientRect().right`); right > float64(width) {
				t.Errorf("%s at %d: the way to it ends at pixel %v", part, width, right)
			}
			if broken := eval[int](b, `[...document.querySelectorAll("section.view.shown .cloud")].filter(e => e.getClientRects().length && e.clientHeight > 24).length`); broken > 0 {
				t.Errorf("%s at %d: %d names of clouds stand on two lines", part, width, broken)
			}
			lonely := eval[[]string](b, `(() => {
				for (const d of document.querySelectorAll("section.view.shown details")) d.open = true;
				return [...document.querySelectorAll("section.view.shown summary")].filter(s => {
					if (!s.getClientRects().length || !s.children.length || getComputedStyle(s, "::after").display === "none" || getComputedStyle(s, "::after").content === "none") return false;
					const words = document.createRange();
					words.selectNodeContents(s);
					const style = getComputedStyle(s), box = s.getBoundingClientRect();
					return box.bottom - parseFloat(style.paddingBottom) - words.getBoundingClientRect().bottom > 10;
				}).map(s => s.className + ": " + s.textContent.slice(0, 60));
			})()`)
			for _, s := range lonely {
				t.Errorf("%s at %d: an arrow stands below what it opens: %s", part, width, s)
			}
			thin := eval[int](b, `[...document.querySelectorAll("section.view.shown .row .title")].filter(e => e.getClientRects().length && e.clientWidth < 120).length`)
			if thin > 0 {
				t.Errorf("%s at %d: %d titles are less than 120 pixels wide", part, width, thin)
			}
			b.picture(fmt.Sprint(part, "-open-", width))
		}
	}
	b.quiet()
}

// TestOldBrowser: without DecompressionStream the page unpacks by itself, and
// gets the same.
func TestOldBrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("long: runs without the race detector; shorter tests cover what runs at once")
	}
	b := startBrowser(t)
	file := pageOf(t, company(t))
	b.resize(390, 844)
	b.open(file, "#checks")
	b.picture("checks-narrow")
	words := eval[string](b, `document.getElementById("list-count").textContent`)
	b.call("Page.addScriptToEvaluateOnNewDocument", map[string]any{"source": "delete window.DecompressionStream"}, nil)
	b.open(file, "#checks")
	if again := eval[string](b, `typeof DecompressionStream + " " + document.getElementById("list-count").textContent`); again != "undefined "+words {
		t.Errorf("got %q, want the same %q", again, words)
	}
	for _, part := range []string{"overview", "score", "recommendations", "compliance", "input"} {
		b.open(file, "#"+part)
		b.picture(part + "-narrow")
		if wide := eval[int](b, `document.documentElement.scrollWidth`); wide > 390 {
			t.Errorf("%s is %d pixels wide on a screen of 390", part, wide)
		}
	}
	b.quiet()
}

// TestWithoutScript: score, recommendations and compliance need none.
func TestWithoutScript(t *testing.T) {
	if testing.Short() {
		t.Skip("long under the race detector, and nothing runs at once")
	}
	b := startBrowser(t)
	b.resize(1200, 1600)
	b.call("Emulation.setScriptExecutionDisabled", map[string]any{"value": true}, nil)
	b.call("Page.navigate", map[string]any{"url": "file://" + pageOf(t, company(t))}, nil)
	b.until(`document.readyState === "complete" && document.querySelector("footer")`)
	b.picture("no-script")
	text := eval[string](b, `document.body.innerText`) // the debugger may, the page may not
	for _, want := range []string{"Secure score", "S3 buckets block public access", "Microsoft cloud security benchmark", "needs JavaScript"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page without script does not say %q", want)
		}
	}
	b.quiet()
}

// TestHostileNamesInABrowser: names that want to run something do not.
func TestHostileNamesInABrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("long under the race detector, and nothing runs at once")
	}
	b := startBrowser(t)
	b.resize(1440, 1800)
	file := pageOf(t, runOfHostileNames())
	for _, part := range []string{"overview", "score", "recommendations", "compliance", "input", "checks"} {
		b.open(file, "#"+part)
	}
	rows := eval[int](b, `(async () => {
		for (const d of document.querySelectorAll("details")) d.open = true;
		const rows = `+shownRows+`;
		for (const r of rows) { r.click(); await new Promise(done => setTimeout(done)); }
		return rows.length;
	})()`)
	if rows != len(hostileNames) {
		t.Errorf("%d rows, want all %d", rows, len(hostileNames))
	}
	b.picture("hostileNames")
	if got := eval[int](b, `document.querySelectorAll("main img, main iframe, main script, [onload], [onerror], [onfocus]").length`); got != 0 {
		t.Errorf("%d elements of the estate's making", got)
	}
	if wide := eval[int](b, `document.documentElement.scrollWidth`); wide > 1440 {
		t.Errorf("long names make the page %d pixels wide", wide)
	}
	b.quiet()
}

// TestStatesInABrowser: every state says in words what it is, and an exempt
// check what lies beneath.
func TestStatesInABrowser(t *testing.T) {
	b := startBrowser(t)
	b.resize(1440, 900)
	b.open(pageOf(t, single()), "#checks")
	want := map[string]string{
		"unhealthy": "judged on 4 values", "unknown": "notCollected, what the rule needs was not read", "exempt": "Reason: only the proxy gets thereBeneath it: Unhealthy",
		"manual": "nobody has", "healthy": "attested it as healthy", "notApplicable": "does not apply",
	}
	for state, words := range want {
		eval[any](b, `location.hash = "#checks?state=`+state+`"`)
		b.until(`document.querySelector('.chip.on b')`)
		b.until(`[...document.querySelectorAll("#runway .row:not([hidden])")].every(r => r.children[0].firstChild.classList.contains("` + state + `"))`)
		eval[any](b, shownRows+`[0].click()`)
		b.picture("state-" + state)
		if got := eval[string](b, `document.querySelector("#panel .verdict").textContent`); !strings.Contains(got, words) {
			t.Errorf("%s says %q, want %q in it", state, got, words)
		}
	}
	b.quiet()
}

// TestMessagesInABrowser: what assignments say of an unhealthy resource stands at its
// check and at the policy, as text.
func TestMessagesInABrowser(t *testing.T) {
	const markup = "<b>Move</b> it to \"Europe\""
	run := empty()
	run.Result.Recommendations = []assess.RuleResult{{ID: "loc", Title: "Allowed location", Unhealthy: 2, Exempt: 1, Healthy: 1}}
	check := func(name string, state, judged posture.State, references ...posture.Reference) posture.Check {
		return posture.Check{Rule: "loc", Resource: name, Name: name, State: state, Judged: judged, References: references}
	}
	one, other := posture.Reference{Assignment: "a1", Message: markup}, posture.Reference{Assignment: "a2", Member: "m", Message: "only north"}
	run.Checks = checks(
		check("both", posture.Unhealthy, posture.Unhealthy, one, other, one), check("single", posture.Unhealthy, posture.Unhealthy, one),
		check("accepted", posture.Exempt, posture.Unhealthy, one), check("fine", posture.Healthy, posture.Healthy, one),
	)
	b := startBrowser(t)
	b.resize(1440, 900)
	b.open(pageOf(t, run), "#checks")
	for name, want := range map[string][2]string{
		"both":     {"The assignment says: " + markup + "The assignment says: only north", "a1 " + markup + "a2 · m only north" + "a1 " + markup},
		"single":   {"The assignment says: " + markup, "a1 "},
		"accepted": {"The assignment says: " + markup, "a1 "},
		"fine":     {"", "a1 "},
	} {
		eval[any](b, `(`+shownRows+`.find(r => r.textContent.includes("`+name+`"))).click()`)
		said := eval[string](b, `[...document.querySelectorAll("#panel .verdict .said")].map(e => e.textContent).join("")`)
		references := eval[string](b, `document.querySelector("#panel .references").textContent`)
		if said != want[0] || references != want[1] {
			t.Errorf("%s says %q and counts in %q, want %q", name, said, references, want)
		}
		b.picture("message-" + name)
	}
	eval[any](b, `location.hash = "#rule%3Aloc"`)
	b.until(`document.querySelector("details.rule[open] .first .said")`)
	if said := eval[string](b, `[...document.querySelectorAll("details.rule .said")].map(e => e.textContent).join("")`); said != "The assignment says: "+markup+"The assignment says: only north" {
		t.Errorf("the policy says %q", said)
	}
	b.picture("message-rule")
	if n := eval[int](b, `document.querySelectorAll("main .said b").length`); n > 0 {
		t.Error("a message became markup")
	}
	b.quiet()
}
