package settings

import (
	"fmt"
	"io"
	"strings"
)

// Secret is where a secret is, or, where somebody wrote it plainly, the secret
// itself. It cannot be printed by accident; see [Secret.Read].
type Secret struct {
	plain    string
	file     string
	variable string
}

// Given reports whether there is one.
func (s Secret) Given() bool { return s != Secret{} }

// Place says where the secret is.
func (s Secret) Place() string {
	switch {
	case s.file != "":
		return "file " + s.file
	case s.variable != "":
		return "$" + s.variable
	case s.plain != "":
		return "written plainly"
	}
	return "none"
}

// longestSecret is more than any has, in bytes.
const longestSecret = 64 << 10

// Read gives the secret, without the line end behind it; "" if there is none. open
// opens a file, getenv reads a variable.
func (s Secret) Read(open func(name string) (io.ReadCloser, error), getenv func(string) string) (string, error) {
	switch {
	case s.file != "":
		file, err := open(s.file)
		if err != nil {
			return "", err
		}
		defer file.Close() // nothing was written
		text, err := io.ReadAll(io.LimitReader(file, longestSecret+1))
		switch {
		case err != nil:
			return "", fmt.Errorf("reading %s: %w", s.file, err)
		case len(text) > longestSecret:
			return "", fmt.Errorf("reading %s: want a secret, not more than %d bytes", s.file, longestSecret)
		case strings.TrimSpace(string(text)) == "":
			return "", fmt.Errorf("reading %s: want a secret, got an empty file", s.file)
		}
		return strings.TrimSuffix(strings.TrimSuffix(string(text), "\n"), "\r"), nil
	case s.variable != "":
		text := getenv(s.variable)
		if text == "" {
			return "", fmt.Errorf("variable %s: want a secret, it is not set", s.variable)
		}
		return text, nil
	}
	return s.plain, nil
}

// Format prints where the secret is, whatever the verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.Place()) }

// MarshalText gives where the secret is.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.Place()), nil }
