package files

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// WriteFile writes the file at path through write, whole or not at all: the
// content grows in a temporary file beside it, which takes its name at the
// end. A file that was there keeps its content if anything fails, and its
// permissions if nothing does; a new one gets those that the process gives
// new files. Temporary files that killed processes left in the folder go. Missing folders above path are made, and links are followed. A
// path that is no regular file, such as a pipe, is written to as it is.
func WriteFile(path string, write func(io.Writer) error) error {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return writeThrough(path, write)
	}
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return fmt.Errorf("write %s: %w", path, cause(err))
	}
	removeStale(dir)
	f, err := create(dir, filepath.Base(path))
	if err != nil {
		return fmt.Errorf("write %s: %w", path, cause(err))
	}
	if err := fillAndName(f, path, write); err != nil {
		return errors.Join(fmt.Errorf("write %s: %w", path, cause(err)), removed(f.Name()))
	}
	return nil
}

func writeThrough(path string, write func(io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return fmt.Errorf("write %s: %w", path, cause(err))
	}
	if err := errors.Join(write(f), f.Close()); err != nil {
		return fmt.Errorf("write %s: %w", path, cause(err))
	}
	return nil
}

// create makes a new file with a name that nobody has. [os.CreateTemp] would
// give it permissions that suit secrets, not reports.
func create(dir, base string) (*os.File, error) {
	for try := 0; ; try++ {
		name := filepath.Join(dir, fmt.Sprintf(".%s.%d.%d.part", base, os.Getpid(), try))
		f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o666)
		if !errors.Is(err, os.ErrExist) || try > 1000 {
			return f, err
		}
	}
}

func fillAndName(f *os.File, path string, write func(io.Writer) error) (err error) {
	defer func() {
		if err != nil {
			_ = f.Close() // the first error is the one to tell
		}
	}()
	b := bufio.NewWriterSize(f, readAhead)
	if err := write(b); err != nil {
		return err
	}
	if err := b.Flush(); err != nil {
		return err
	}
	if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
		if err := f.Chmod(info.Mode().Perm()); err != nil {
			return err
		}
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

func removed(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}
