package policy

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// AppendDump writes the table as [Aliases.LoadAliasDump] reads it, by type and name:
// tables of the same entries give the same text. An entry that has no more than a
// path is written as that.
func (a *Aliases) AppendDump(dst []byte) []byte {
	lines := make([]dumpLine, 0, len(a.rows))
	for i := range a.rows {
		lines = append(lines, dumpLineOf(a.entry(&a.rows[i])))
	}
	slices.SortFunc(lines, func(p, q dumpLine) int {
		return cmp.Or(cmp.Compare(p.below, q.below), cmp.Compare(p.key, q.key), cmp.Compare(p.entry.Type, q.entry.Type))
	})
	dst = append(dst, '{')
	for i := 0; i < len(lines); {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(appendQuoted(dst, lines[i].below), ':', '{')
		for from := i; i < len(lines) && lines[i].below == lines[from].below; {
			if i > from {
				dst = append(dst, ',')
			}
			same := 1 // lines of one name
			for i+same < len(lines) && lines[i+same].below == lines[i].below && lines[i+same].key == lines[i].key {
				same++
			}
			dst = append(appendQuoted(dst, lines[i].key), ':')
			dst = appendDumpEntries(dst, lines[i:i+same])
			i += same
		}
		dst = append(dst, '}')
	}
	return append(dst, '}')
}

// dumpLine is an entry with where it stands in a dump.
type dumpLine struct {
	below, key string
	entry      AliasEntry
}

// dumpLineOf puts below "", with its type, what would be taken for a short name, and
// what has no type that tells a dump from a table.
func dumpLineOf(e AliasEntry) dumpLine {
	if !strings.Contains(e.Name, "/") || !strings.Contains(e.Type, "/") {
		return dumpLine{"", e.Name, e}
	}
	if short, ok := strings.CutPrefix(e.Name, e.Type+"/"); ok && short != "" && !strings.Contains(short, "/") {
		return dumpLine{e.Type, short, e}
	}
	return dumpLine{e.Type, e.Name, e}
}

// appendDumpEntries writes the entries of one name, of which there are several below
// "" alone.
func appendDumpEntries(dst []byte, lines []dumpLine) []byte {
	if first := &lines[0]; len(lines) == 1 {
		if extra := first.entry.extra(); extra.none() && first.below == first.entry.Type {
			return appendQuoted(dst, first.entry.Path)
		}
		return first.appendObject(dst)
	}
	dst = append(dst, '[')
	for i := range lines {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = lines[i].appendObject(dst)
	}
	return append(dst, ']')
}

// appendObject writes an entry with the keys of a table, the path first.
func (l *dumpLine) appendObject(dst []byte) []byte {
	e := &l.entry
	dst = appendQuoted(append(dst, `{"path":`...), e.Path)
	if e.Type != l.below {
		dst = appendQuoted(append(dst, `,"type":`...), e.Type)
	}
	if len(e.Versions) > 0 {
		dst = append(dst, `,"versions":{`...)
		for i, version := range slices.Sorted(maps.Keys(e.Versions)) {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(appendQuoted(dst, version), ':')
			dst = appendQuoted(dst, e.Versions[version])
		}
		dst = append(dst, '}')
	}
	if e.Modifiable != Unclear {
		dst = strconv.AppendBool(append(dst, `,"modifiable":`...), e.Modifiable == Yes)
	}
	for _, flag := range [...]struct {
		key string
		set bool
	}{{"secret", e.Secret}, {"deprecated", e.Deprecated}, {"preview", e.Preview}} {
		if flag.set {
			dst = append(append(append(dst, `,"`...), flag.key...), `":true`...)
		}
	}
	return append(dst, '}')
}
