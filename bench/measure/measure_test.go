package measure

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMainJudgesAllLines(t *testing.T) {
	folder := t.TempDir()
	input, verdicts := filepath.Join(folder, "in.jsonl"), filepath.Join(folder, "out.txt")
	if err := os.WriteFile(input, []byte("a\nbb\nccc\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	judged := 0
	byLength := func() (Judge, error) {
		return func(line []byte) (Mask, error) {
			judged++
			return 1<<len(line) - 1, nil
		}, nil
	}
	var out bytes.Buffer
	err := Main("lengths", []string{"--input", input, "--rounds", "2", "--verdicts", verdicts}, &out, byLength)
	if err != nil {
		t.Fatal(err)
	}
	var got Result
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	got.CPUSeconds, got.WallSeconds = 0, 0
	if diff := cmp.Diff(Result{Engine: "lengths", Resources: 3, Bytes: 6, Unhealthy: 6}, got); diff != "" {
		t.Error(diff)
	}
	if judged != 9 {
		t.Errorf("judged %d times, want three lines in three rounds", judged)
	}
	text, err := os.ReadFile(verdicts)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("00000001\n00000003\n00000007\n", string(text)); diff != "" {
		t.Error(diff)
	}
}

func TestRoundsStopsAtAnError(t *testing.T) {
	_, _, err := Rounds("x", [][]byte{[]byte("a"), []byte("b")}, 1, func(line []byte) (Mask, error) {
		if string(line) == "b" {
			return 0, errors.New("broken")
		}
		return 0, nil
	})
	if err == nil || err.Error() != "line 2: broken" {
		t.Errorf("got %v, want the line", err)
	}
}
