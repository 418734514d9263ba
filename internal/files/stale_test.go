package files

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestWriteFileRemovesStale: what a killed process left goes, what a living one
// writes and what others call their files stays.
func TestWriteFileRemovesStale(t *testing.T) {
	short := exec.Command(os.Args[0], "-test.run=^$")
	if err := short.Run(); err != nil {
		t.Fatal(err)
	}
	dead, alive := short.Process.Pid, os.Getpid()
	dir := folder(
		t, fmt.Sprintf(".report.csv.%d.0.part", dead), fmt.Sprintf(".report.json.%d.12.part", dead),
		fmt.Sprintf(".report.csv.%d.0.part", alive), fmt.Sprintf("report.csv.%d.0.part", dead), ".report.csv.part", ".a.0.0.part",
	)
	err := WriteFile(filepath.Join(dir, "report.csv"), func(w io.Writer) error {
		_, err := io.WriteString(w, "x")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, entry := range entries {
		got = append(got, entry.Name())
	}
	want := []string{
		".a.0.0.part", fmt.Sprintf(".report.csv.%d.0.part", alive), ".report.csv.part", "report.csv", fmt.Sprintf("report.csv.%d.0.part", dead),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
