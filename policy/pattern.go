package policy

import (
	"strings"
	"unicode/utf8"
)

// wildcard matches a folded text against a folded like pattern, anchored at
// both ends: * is any run of characters, ? is one character.
func wildcard(text []byte, pattern string) bool {
	t, p := 0, 0
	star, resume := -1, 0
	for t < len(text) {
		_, size := utf8.DecodeRune(text[t:])
		if p < len(pattern) && pattern[p] == '*' {
			star, resume = p, t
			p++
			continue
		}
		if p < len(pattern) && pattern[p] == '?' {
			p++
			t += size
			continue
		}
		if p < len(pattern) && pattern[p] == text[t] {
			p++
			t++
			continue
		}
		if star < 0 {
			return false
		}
		_, size = utf8.DecodeRune(text[resume:])
		resume += size
		t, p = resume, star+1
	}
	return strings.Trim(pattern[p:], "*") == ""
}

// likePattern is a like pattern split at its stars, for patterns without a
// question mark.
type likePattern struct {
	prefix, suffix string
	middle         []string
	anchored       bool // there is no star: prefix is the whole
}

func parseLike(folded string) likePattern {
	parts := strings.Split(folded, "*")
	if len(parts) == 1 {
		return likePattern{prefix: folded, anchored: true}
	}
	p := likePattern{prefix: parts[0], suffix: parts[len(parts)-1]}
	for _, part := range parts[1 : len(parts)-1] {
		if part != "" {
			p.middle = append(p.middle, part)
		}
	}
	return p
}

func (p likePattern) matches(text []byte) bool {
	if p.anchored {
		return string(text) == p.prefix
	}
	if len(text) < len(p.prefix)+len(p.suffix) ||
		string(text[:len(p.prefix)]) != p.prefix ||
		string(text[len(text)-len(p.suffix):]) != p.suffix {
		return false
	}
	text = text[len(p.prefix) : len(text)-len(p.suffix)]
	for _, part := range p.middle {
		at := indexBytes(text, part)
		if at < 0 {
			return false
		}
		text = text[at+len(part):]
	}
	return true
}

// matchMask matches position by position: # is a digit, ? a letter of ASCII,
// the point any character, everything else itself.
func matchMask(text, mask string) bool {
	for mask != "" && text != "" {
		m, size := utf8.DecodeRuneInString(mask)
		c, width := utf8.DecodeRuneInString(text)
		mask, text = mask[size:], text[width:]
		switch m {
		case '.':
		case '#':
			if c < '0' || c > '9' {
				return false
			}
		case '?':
			if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') {
				return false
			}
		default:
			if c != m {
				return false
			}
		}
	}
	return mask == "" && text == ""
}
