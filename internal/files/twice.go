package files

import (
	"fmt"
	"os"
	"time"
)

// met are the files that are inputs already. Links and other spellings of a path
// lead to the same file, which [os.SameFile] sees; only files that look alike are
// compared.
type met map[look][]metFile

type look struct {
	size     int64
	modified time.Time
}

type metFile struct {
	info  os.FileInfo
	input int
}

// add notes the file of an input, and gives the one that has it already.
func (m *met) add(info os.FileInfo, input int) (first int, twice bool) {
	if *m == nil {
		*m = met{}
	}
	at := look{info.Size(), info.ModTime().UTC()}
	for _, f := range (*m)[at] {
		if os.SameFile(f.info, info) {
			return f.input, true
		}
	}
	(*m)[at] = append((*m)[at], metFile{info, input})
	return 0, false
}

// sameAs says that a path leads to an input.
func sameAs(path, input string) string {
	if path == input {
		return "given twice; it is read once"
	}
	return "the same file as " + input + ", which is read once"
}

// oneNote sums up what below a folder is an input already.
func oneNote(folder string, twice []Note) []Note {
	if len(twice) < 2 {
		return twice
	}
	return []Note{{
		Path: folder, Twice: true,
		Reason: fmt.Sprintf("%d of its files are given twice, such as %s; each is read once", len(twice), twice[0].Path),
	}}
}
