package intake_test

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/valyala/fastjson"

	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/internal/intake"
	"github.com/bartizan-dev/bartizan/policy"
)

// Every case of the catalogue has the same state as it stands, which is what
// `assess` judges, and as it is kept, which is what a server judges, now and
// whenever it judges again.
func TestCases_are_judged_the_same_as_they_are_kept(t *testing.T) {
	content, problems := catalog.Parse(os.DirFS("../../catalog"))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	trial, err := catalog.NewTrial(content)
	if err != nil {
		t.Fatal(err)
	}
	recommendations, err := content.Recommendations()
	if err != nil {
		t.Fatal(err)
	}
	sealer, sealedCases := intake.NewSealer([]byte("key")), 0
	for _, r := range recommendations {
		for _, one := range r.Cases {
			asKept, changed := kept(t, sealer, one)
			if !changed {
				continue
			}
			sealedCases++
			want, err := trial.Judge(r, one)
			if err != nil {
				t.Fatal(err)
			}
			got, err := trial.Judge(r, asKept)
			if err != nil {
				t.Fatal(err)
			}
			if got.State != want.State {
				t.Errorf("%s: %s: %v as it stands, %v as it is kept:\n%s\n%s", r.ID, one.Name, want.State, got.State, asKept.Resource, got.Explanation.Text())
			}
		}
	}
	if sealedCases == 0 {
		t.Error("no case has a secret: nothing was tried")
	}
	t.Log(sealedCases, "cases have something to seal")
}

// kept gives a case as its bodies are kept, and whether that is another one.
func kept(t *testing.T, sealer *policy.Sealer, c catalog.Case) (catalog.Case, bool) {
	t.Helper()
	changed := false
	seal := func(body json.RawMessage) json.RawMessage {
		r, err := policy.ParseResource(body)
		if err != nil {
			t.Fatal(err)
		}
		// A case's own parser keeps what it parsed apart.
		r.Body = fastjson.MustParseBytes(body)
		if !sealer.Seal(r) {
			return body
		}
		changed = true
		return r.Body.MarshalTo(nil)
	}
	c.Resource = seal(c.Resource)
	related := make([]json.RawMessage, 0, len(c.Related))
	for _, body := range c.Related {
		related = append(related, seal(body))
	}
	if c.Related != nil {
		c.Related = related
	}
	return c, changed
}
