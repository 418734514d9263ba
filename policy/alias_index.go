package policy

import "strings"

// aliasSlot is a place in the index of an alias table. It has the hash too, so
// that names which differ are told apart without a look at their rows.
type aliasSlot struct {
	hash  uint32
	first int32 // 1 + index of the first row of a name, 0 where free
}

// add puts a row into the table, whose name has the given hash.
func (a *Aliases) add(row aliasRow, hash uint32) {
	if a.used*4 >= len(a.slots)*3 {
		a.grow(max(64, len(a.slots)*2))
	}
	slot := a.slot(row.prefix, row.key, hash)
	first := a.slots[slot].first
	if first == 0 {
		a.rows = append(a.rows, row)
		a.slots[slot] = aliasSlot{hash, int32(len(a.rows))}
		a.used++
		return
	}
	for i := first; ; i = a.rows[i-1].next {
		old := &a.rows[i-1]
		if sameType(old.kind, row.kind) {
			row.next = old.next
			*old = row
			return
		}
		if old.next == 0 {
			a.rows = append(a.rows, row)
			a.rows[i-1].next = int32(len(a.rows))
			return
		}
	}
}

// merge adds all rows of another table, which is not used any more.
func (a *Aliases) merge(other *Aliases) {
	if len(a.rows) == 0 {
		*a = *other
		return
	}
	a.reserve(len(other.rows))
	for _, row := range other.rows {
		row.next = 0
		if row.extra > 0 {
			a.extras = append(a.extras, other.extras[row.extra-1])
			row.extra = int32(len(a.extras))
		}
		a.add(row, hashName(row.prefix, row.key))
	}
}

// reserve makes room for n more entries.
func (a *Aliases) reserve(n int) {
	size := max(64, len(a.slots))
	for size*3 <= 4*(a.used+n) {
		size *= 2
	}
	if size > len(a.slots) {
		a.grow(size)
	}
	if rows := len(a.rows) + n; cap(a.rows) < rows {
		a.rows = append(make([]aliasRow, 0, rows), a.rows...)
	}
}

// grow moves the first rows of all names to a table of size slots, a power of
// two.
func (a *Aliases) grow(size int) {
	old := a.slots
	a.slots = make([]aliasSlot, size)
	for _, s := range old {
		if s.first == 0 {
			continue
		}
		i := int(s.hash) & (size - 1)
		for a.slots[i].first != 0 {
			i = (i + 1) & (size - 1)
		}
		a.slots[i] = s
	}
}

// slot is where the rows of a name are, or the free place for them.
func (a *Aliases) slot(prefix, key string, hash uint32) int {
	mask := len(a.slots) - 1
	i := int(hash) & mask
	for ; a.slots[i].first != 0; i = (i + 1) & mask {
		if a.slots[i].hash != hash {
			continue
		}
		row := &a.rows[a.slots[i].first-1]
		if sameName(row.prefix, row.key, prefix, key) {
			return i
		}
	}
	return i
}

// first is the first row of a name, nil if there is none.
func (a *Aliases) first(name string) *aliasRow {
	if len(a.slots) == 0 {
		return nil
	}
	if i := a.slots[a.slot("", name, hashName("", name))].first; i != 0 {
		return &a.rows[i-1]
	}
	return nil
}

// hashName hashes a name ignoring case. It takes what stands before the last
// slash and what stands after it apart, because a dump has the first part once
// for many names: a key with a prefix has no slash.
func hashName(prefix, key string) uint32 {
	if prefix == "" {
		if at := strings.LastIndexByte(key, '/'); at >= 0 {
			prefix, key = key[:at], key[at+1:]
		}
	}
	return joinHashes(hashText(prefix), key)
}

// joinHashes is hashName for a prefix whose hash is known.
func joinHashes(prefix uint64, key string) uint32 {
	h := (prefix>>29 ^ prefix ^ hashText(key)) * hashFactor
	return uint32(h >> 32)
}

const hashFactor = 0x9e3779b97f4a7c15

// hashText hashes a text eight bytes at a time, without the bit that tells
// small letters from capitals. Letters outside ASCII that differ only in case
// may differ in length, so they are left out.
func hashText(s string) uint64 {
	h := uint64(len(s)) * hashFactor
	for rest := s; len(rest) > 0; {
		w := uint64(0)
		if len(rest) >= 8 {
			w, rest = eightOf(rest), rest[8:]
		} else {
			for i := range len(rest) {
				w = w<<8 | uint64(rest[i])
			}
			rest = ""
		}
		if w&0x8080808080808080 != 0 {
			return hashText(asciiOf(s))
		}
		h = (h ^ (w | 0x2020202020202020)) * hashFactor
		h ^= h >> 32
	}
	return h
}

// eightOf has the first eight bytes of a text.
func eightOf(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// asciiOf is a text without what is not ASCII.
func asciiOf(s string) string {
	b := make([]byte, 0, len(s))
	for i := range len(s) {
		if s[i] < 0x80 {
			b = append(b, s[i])
		}
	}
	return string(b)
}

// sameName compares two names, each of one or two parts.
func sameName(prefix, key, otherPrefix, otherKey string) bool {
	switch {
	case prefix == "" && otherPrefix == "":
		return strings.EqualFold(key, otherKey)
	case len(prefix) == len(otherPrefix):
		return strings.EqualFold(key, otherKey) && strings.EqualFold(prefix, otherPrefix)
	case otherPrefix == "" && joins(prefix, key, otherKey) || prefix == "" && joins(otherPrefix, otherKey, key):
		return true
	}
	return strings.EqualFold(fullName(prefix, key), fullName(otherPrefix, otherKey))
}

// joins reports whether a full name is made of two parts. Names of letters that
// differ in length in their two cases it may miss.
func joins(prefix, key, full string) bool {
	n := len(prefix)
	return n < len(full) && full[n] == '/' && strings.EqualFold(full[:n], prefix) && strings.EqualFold(full[n+1:], key)
}

func fullName(prefix, key string) string {
	if prefix == "" {
		return key
	}
	return prefix + "/" + key
}
