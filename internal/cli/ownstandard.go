package cli

import (
	"cmp"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/internal/files"
	"github.com/bartizan-dev/bartizan/policy"
)

// ownStandards is what --standard names: names, and files with standards of the
// user's own, which may be Azure initiatives.
type ownStandards struct {
	names       []string
	standards   []*catalog.Standard
	initiatives []string // files
}

// ownStandards tells names from files and reads the latter.
func (a *app) ownStandards(values []string) (ownStandards, error) {
	var own ownStandards
	var wrong problemList
	for _, value := range values {
		if !isFileName(value) {
			own.names = append(own.names, value)
			continue
		}
		text, err := files.Input{Path: value}.Text()
		if err != nil {
			wrong.add(fmt.Errorf("--standard: %w", err))
			continue
		}
		data := []byte(asUTF8(text))
		if isInitiative(data) {
			own.initiatives = append(own.initiatives, value)
			continue
		}
		s, problems := catalog.ParseStandard(value, data)
		if err := problems.Err(); err != nil {
			wrong.add(fmt.Errorf("--standard:\n%w", err))
			continue
		}
		own.standards = append(own.standards, s)
	}
	return own, wrong.err()
}

// isFileName tells a file from the name of a standard by its extension or a
// folder before it.
func isFileName(value string) bool {
	known := []string{".json", ".jsonl", ".yaml", ".yml", ".gz", ".zst"}
	return slices.Contains(known, strings.ToLower(filepath.Ext(value))) || strings.HasPrefix(value, ".") && strings.ContainsRune(value, filepath.Separator)
}

// isInitiative reports whether a file holds Azure initiatives: JSON that names
// policy definitions. Anything else is read as a standard of ours, which says
// what is wrong with it.
func isInitiative(data []byte) bool {
	text := strings.ToLower(string(data))
	return json.Valid(data) && strings.Contains(text, `"policydefinitions"`) ||
		strings.HasPrefix(text, "{") && strings.Contains(text, `"policydefinitions"`) // lines of several
}

// initiativesOf gives the ids of the initiatives that the files brought.
func (o *ownStandards) initiativesOf(l *policy.Library) []string {
	var ids []string
	if l == nil {
		return nil
	}
	for _, s := range l.Initiatives {
		if slices.Contains(o.initiatives, s.File) {
			ids = append(ids, cmp.Or(s.ID, s.Name))
		}
	}
	return ids
}
