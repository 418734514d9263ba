package catalog

import (
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"
)

// Of a shared file that is no YAML one line tells, and not each file that names
// something of it.
func TestParse_unreadFile(t *testing.T) {
	whole := fstest.MapFS{}
	if err := fs.WalkDir(os.DirFS("../../catalog"), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile("../../catalog/" + name)
		whole[name] = &fstest.MapFile{Data: data}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"aliases.yaml", "controls.yaml", "always.yaml", "kinds.yaml", "standards/mcsb-v1.yaml"} {
		t.Run(name, func(t *testing.T) {
			kept := whole[name]
			defer func() { whole[name] = kept }()
			whole[name] = &fstest.MapFile{Data: append(kept.Data[:len(kept.Data):len(kept.Data)], "  : [broken\n"...)}
			_, problems := Parse(whole)
			if len(problems) != 1 || problems[0].File != name || !strings.Contains(problems[0].Text, "no YAML") {
				t.Errorf("%d problems: %.400v", len(problems), problems)
			}
		})
	}
}
