package function

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write generated files anew")

// TestZones packs Go's copy of the time zones with -update, and otherwise
// checks that every zone of it is there.
func TestZones(t *testing.T) {
	//lint:ignore SA1019 only this test reads it, on the machine that built it
	archive, err := zip.OpenReader(filepath.Join(runtime.GOROOT(), "lib", "time", "zoneinfo.zip"))
	if err != nil {
		t.Skipf("Go's zoneinfo.zip is not there: %v", err)
	}
	defer archive.Close()
	names := map[string][]string{}
	for _, f := range archive.File {
		if strings.HasSuffix(f.Name, "/") {
			continue
		}
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		names[string(content)] = append(names[string(content)], f.Name)
	}
	if *update {
		writeZones(t, names)
		return
	}
	for content, all := range names {
		want, err := time.LoadLocationFromTZData(all[0], []byte(content))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range all {
			checkZone(t, name, want)
		}
	}
}

func checkZone(t *testing.T, name string, want *time.Location) {
	got := location(name)
	if got == nil {
		t.Errorf("%s: not there; go test -run TestZones -update adds it", name)
		return
	}
	for year := 1950; year < 2060; year++ {
		at := time.Date(year, time.July, 1, 0, 0, 0, 0, time.UTC)
		_, g := at.In(got).Zone()
		if _, w := at.In(want).Zone(); g != w {
			t.Errorf("%s in %d: offset %d, want %d", name, year, g, w)
			return
		}
	}
}

func writeZones(t *testing.T, names map[string][]string) {
	var lines []string
	for content, all := range names {
		slices.Sort(all)
		lines = append(lines, fmt.Sprintf("%s\n%d\n%s", strings.Join(all, ","), len(content), content))
	}
	slices.Sort(lines)
	var packed bytes.Buffer
	w, _ := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	io.WriteString(w, strings.Join(lines, ""))
	w.Close()
	if err := os.WriteFile("datetimezones.gz", packed.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}
