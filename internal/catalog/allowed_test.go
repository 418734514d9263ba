package catalog

import (
	"os"
	"path/filepath"
	"testing"
)

// contentFacts reads the committed facts, fresh, since they note what is used.
func contentFacts(t *testing.T) *Facts {
	t.Helper()
	f, err := ReadFacts(os.DirFS(filepath.Join(content(), "facts")), os.DirFS(content()))
	if err != nil {
		t.Fatal(err)
	}
	addMachine(t, f.own)
	return f
}

// allowed gives what one test may let pass. A row that nothing needs is a lie
// about the content, so [allowance.close] reports it.
func allowed(t *testing.T, test string) *allowance {
	t.Helper()
	return contentFacts(t).pass[test]
}

func (a *allowance) close(t *testing.T) {
	t.Helper()
	for what := range a.reasons {
		if !a.used[what] {
			t.Errorf("allowed.tsv: the row %s %s is no longer needed; delete it", a.test, what)
		}
	}
}
