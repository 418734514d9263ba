package policy

import "strings"

// Most texts hold nothing without which secretText matches nothing, which is
// found in a hundredth of the time that the expression takes.

// hintWords are in lower case; each alternative of secretText but those with
// a token's or document's own look needs one of them.
var hintWords = byFirst(
	"pass", "pwd", "psk", "pw", "secret", "token", "key", "signature", "connection", "curl", "wget", "webrequest", "mysql",
	"login", "sqlcmd", "chpasswd", "net ", "net\t", "net\n", "net\r", "net\f", "authorization", "bearer", "basic",
)

// hintLooks are what the others need, in the case in which they match.
var hintLooks = byFirst(
	"-----BEGIN", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "npm_", "SG.", "hvs.", "hvb.", "hvr.",
	"doo_v1_", "dop_v1_", "dor_v1_", "sk-", "hf_", "dckr_", "AGE-SECRET-KEY-1", "PuTTY-User-Key-File-", "Q~", "xox",
	"sk_live_", "AIza", "hooks.slack.com", "eyJ", "://", "$", "?", "&",
)

// byFirst groups words by their first bytes.
func byFirst(words ...string) (table [256][]string) {
	for _, w := range words {
		table[w[0]] = append(table[w[0]], w)
	}
	return table
}

// hintEnds are what comes behind some looks where secretText matches.
var hintEnds = map[string]byte{"://": '@', "$": '$', "?": '=', "&": '='}

// hintInside are the looks that may stand within a word.
var hintInside = map[string]bool{"-----BEGIN": true, "AGE-SECRET-KEY-1": true, "PuTTY-User-Key-File-": true, "Q~": true, "hooks.slack.com": true}

// looksSecret reports whether a look that text has at i may be where secretText
// matches. Missing remembers the ends that are nowhere behind i.
func looksSecret(text string, i int, look string, missing *[128]bool) bool {
	if end := hintEnds[look]; end != 0 {
		if !missing[end] && strings.IndexByte(text[i+len(look):], end) < 0 {
			missing[end] = true
		}
		return !missing[end]
	}
	return hintInside[look] || i == 0 || !isWordByte(text[i-1])
}

func isWordByte(b byte) bool {
	return b == '_' || '0' <= b && b <= '9' || 'A' <= b && b <= 'Z' || 'a' <= b && b <= 'z'
}

// mayMatchSecret reports whether secretText might match; no is certain.
func mayMatchSecret(text string) bool {
	pairs, word := false, false // what assigns or separates; one of the words
	var missing [128]bool
	for i := range len(text) {
		b := text[i]
		switch {
		case b >= 0x80: // letters that fold into those of words
			return true
		case b == '=' || b == ':' || b <= ' ':
			pairs = true
		case 'A' <= b && b <= 'Z':
			b += 'a' - 'A'
		}
		for _, w := range hintLooks[text[i]] {
			if strings.HasPrefix(text[i:], w) && looksSecret(text, i, w, &missing) {
				return true
			}
		}
		if word && pairs {
			return true
		}
		for _, w := range hintWords[b] {
			if len(text)-i >= len(w) && strings.EqualFold(text[i:i+len(w)], w) {
				word = true
				pairs = pairs || w == "chpasswd" // needs nothing beside it
				break
			}
		}
	}
	return word && pairs
}
