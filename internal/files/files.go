// Package files is the adapter between paths and streams: it finds the inputs
// that a command line names, opens them with their compression undone, keeps
// standard input so that it can be read twice, and writes files whole or not
// at all.
//
// Start with [Expand].
package files

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Stdin is the path that means standard input.
const Stdin = "-"

// Input is one file to read, or standard input.
type Input struct {
	// Path is as the user wrote it, with what lies below a folder appended.
	Path string
	// Size is in bytes as stored, 0 for standard input and for what has no
	// size, such as a pipe.
	Size int64
	// Once says that the content comes once, as that of a pipe does.
	Once bool
	// Named says that the path itself was given, not a folder above it.
	Named bool
	// spool is where a copy of standard input lies.
	spool *Spool
}

// Note says why something in a folder was left out.
type Note struct {
	Path   string
	Reason string
	// Unreadable says that it may well have been wanted: a file that may not
	// be opened, a link to nothing, a folder that may not be listed.
	Unreadable bool
	// Twice says that it is an input already, by another path or by this one;
	// of a folder, that files below it are.
	Twice bool
	// Hidden says that the name begins with a dot.
	Hidden bool
}

// Expand finds the inputs that paths name: files as they are, folders with
// all that lies below them in the order of names, "-" for standard input.
// Below folders it leaves out what is plainly no export, see [ExpandNotes].
// A file is one input, whatever paths lead to it: the first counts.
// The error joins what is wrong with every path, and below every folder.
func Expand(paths []string) ([]Input, error) {
	inputs, notes, err := ExpandNotes(paths)
	if err != nil {
		return nil, err
	}
	return inputs, errors.Join(unreadable(notes)...)
}

// ExpandNotes is [Expand] that also says what it left out: hidden files,
// documents, endings that hold no JSON, and what below a folder cannot be
// read, which is no error as long as something else can. A link below a folder
// is followed if it leads to a file, so that no ring can occur.
func ExpandNotes(paths []string) ([]Input, []Note, error) {
	var e expansion
	for _, path := range paths {
		e.path(path)
	}
	if len(e.inputs) == 0 && len(e.problems) == 0 {
		e.problems = append([]error{fmt.Errorf("nothing to read in %s", strings.Join(paths, ", "))}, unreadable(e.notes)...)
	}
	if e.problems != nil {
		return nil, e.notes, errors.Join(e.problems...)
	}
	return e.inputs, e.notes, nil
}

// unreadable makes errors of the notes about what cannot be read.
func unreadable(notes []Note) []error {
	var problems []error
	for _, n := range notes {
		if n.Unreadable {
			problems = append(problems, fmt.Errorf("read %s: %s", n.Path, n.Reason))
		}
	}
	return problems
}

type expansion struct {
	inputs   []Input
	notes    []Note
	problems []error
	stdin    bool
	met      met
}

func (e *expansion) path(path string) {
	if path == Stdin {
		if e.stdin {
			e.problems = append(e.problems, errors.New("standard input is named twice"))
			return
		}
		e.stdin = true
		e.inputs = append(e.inputs, Input{Path: Stdin, Once: true})
		return
	}
	info, err := os.Stat(path)
	switch {
	case err != nil:
		e.problems = append(e.problems, fmt.Errorf("read %s: %w", path, cause(err)))
	case info.IsDir():
		e.folder(path)
	default:
		if first, twice := e.met.add(info, len(e.inputs)); twice {
			e.inputs[first].Named = true
			e.notes = append(e.notes, Note{Path: path, Reason: sameAs(path, e.inputs[first].Path), Twice: true})
			return
		}
		e.inputs = append(e.inputs, Input{Path: path, Size: sizeOf(info), Once: !info.Mode().IsRegular(), Named: true})
	}
}

// folder adds what lies below path. [filepath.WalkDir] goes in lexical order, and
// into a link only with a separator behind it.
func (e *expansion) folder(path string) {
	root := strings.TrimRight(path, string(filepath.Separator)) + string(filepath.Separator)
	var twice []Note
	defer func() { e.notes = append(e.notes, oneNote(path, twice)...) }()
	_ = filepath.WalkDir(root, func(at string, entry fs.DirEntry, err error) error { // every problem is kept
		switch {
		case err != nil && at == root:
			e.problems = append(e.problems, fmt.Errorf("read %s: %w", path, cause(err)))
		case err != nil:
			e.unreadable(at, err)
		case at == root:
		case strings.HasPrefix(entry.Name(), "."):
			if entry.IsDir() {
				e.notes = append(e.notes, Note{Path: at, Reason: "a hidden folder", Hidden: true})
				return fs.SkipDir
			}
			e.notes = append(e.notes, Note{Path: at, Reason: "hidden", Hidden: true})
		case entry.IsDir():
		default:
			if n := e.file(at); n != nil {
				twice = append(twice, *n)
			}
		}
		return nil
	})
}

// file adds a file below a folder. One that is an input already is a note.
func (e *expansion) file(path string) (twice *Note) {
	if reason := noExport(filepath.Base(path)); reason != "" {
		e.notes = append(e.notes, Note{Path: path, Reason: reason})
		return nil
	}
	info, err := os.Stat(path)
	switch {
	case err != nil:
		e.unreadable(path, err)
	case info.IsDir():
		e.notes = append(e.notes, Note{Path: path, Reason: "a link to a folder"})
	case !info.Mode().IsRegular():
		e.notes = append(e.notes, Note{Path: path, Reason: "not a regular file"})
	default:
		if err := readable(path); err != nil {
			e.unreadable(path, err)
			return nil
		}
		if first, twice := e.met.add(info, len(e.inputs)); twice {
			return &Note{Path: path, Reason: sameAs(path, e.inputs[first].Path), Twice: true}
		}
		e.inputs = append(e.inputs, Input{Path: path, Size: sizeOf(info)})
	}
	return nil
}

func (e *expansion) unreadable(path string, err error) {
	e.notes = append(e.notes, Note{Path: path, Reason: cause(err).Error(), Unreadable: true})
}

// readable tries to open a file, because permissions do not tell what the
// system allows.
func readable(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return f.Close()
}

// endings are those of files that may hold an export, beneath a compression's.
var endings = map[string]bool{".json": true, ".jsonl": true, ".ndjson": true, ".jsonlines": true, "": true}

// noExport says why a file below a folder is no export, "" if it may be one.
func noExport(name string) string {
	lower := strings.ToLower(name)
	for _, document := range [...]string{"readme", "license", "licence", "notice", "changelog"} {
		if base, _, _ := strings.Cut(lower, "."); base == document || strings.HasPrefix(base, document+"-") {
			return "a document"
		}
	}
	for _, compression := range [...]string{".gz", ".zst"} {
		lower = strings.TrimSuffix(lower, compression)
	}
	if ending := filepath.Ext(lower); !endings[ending] {
		return "the ending " + ending + ", want .json, .jsonl or .ndjson, with or without .gz or .zst"
	}
	return ""
}

// sizeOf is the size of a regular file; others have none that means anything.
func sizeOf(info fs.FileInfo) int64 {
	if !info.Mode().IsRegular() {
		return 0
	}
	return info.Size()
}

// cause drops the operation and the path that the message has already.
func cause(err error) error {
	var pathError *fs.PathError
	if errors.As(err, &pathError) {
		return pathError.Err
	}
	return err
}
