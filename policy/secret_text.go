package policy

import (
	"hash/maphash"
	"regexp"
	"strings"
	"sync"
)

// secretText finds texts that are secret whatever they are called: keys and
// passwords in connection strings, addresses, documents and command lines,
// tokens of well-known issuers, signed links, private keys, hashed passwords.
var secretText = regexp.MustCompile(strings.Join([]string{
	`(?i:(password|passwd|pwd|passphrase|secret|token|(account|access|api|private|shared|workspace)[_-]?key|sharedaccesssignature)["']?\s*=\s*[^;\s])`,
	`(?i:(password|passwd|pwd|passphrase|secret|token|(account|access|api|private|shared|workspace)[_-]?key)\\?["']\s*:\s*\\?["'][^"'\\])`,
	// The same without quotes, as in YAML, and shorter names.
	`(?i:(^|[^a-z])(psk|(db|user|root|admin|smtp|mail|ftp|ldap|redis|mysql|pg|sa|svc|my|login|store)?pass)["']?\s*=\s*[^=;\s])`,
	`(?i:connection_?string["']?\s*=\s*[^=;\s])`,
	`(?i:(password|passwd|pwd|passphrase|(^|[^a-z])(psk|pass))["']?:[ \t]+[^\s])`,
	`(?i:(secret|token|(account|access|api|private|shared|workspace)[_-]?key):[ \t]+\S{8,}[ \t]*($|[\r\n]))`,
	// Options of command lines, and the commands that take secrets in short ones.
	`(?i:(^|[\s"'])(--?|/)[\w-]*(password|passwd|pwd|passphrase|secret|token|(account|access|api|private|shared|workspace)-?key)[ =:]+[^\s-])`,
	`(?i:(^|[\s"'])--?(pw|pass)[ =]+[^\s-])`,
	`(?i:\b(curl|wget|invoke-webrequest)\b.*\s(-u|-U|--user|--proxy-user)[ =]*["']?[^\s:"'/]+:[^\s])`,
	`(?i:\b(sshpass|mysql|mysqldump|mysqladmin|docker\s+login|az\s+login|sqlcmd)\b.*\s-p\s*[^\s-])`,
	`(?i:\bchpasswd\b|\bnet\s+user\s+[^\s/]+\s+[^\s/])`,
	// Headers.
	`(?i:\bauthorization["']?\s*[:=]\s*["']?\w)`,
	`(?i:\bbearer\s+[a-z._~+/=-]*[0-9][a-z0-9._~+/=-]{3,})`,
	`(?i:\b(x-api-key|api-key|x-auth-token|private-token|x-vault-token|x-functions-key)\s*:\s*\S)`,
	`-----BEGIN [A-Z ]*PRIVATE KEY`,
	`\b(ghp|gho|ghu|ghs|ghr)_[A-Za-z0-9]{16,}|\bgithub_pat_[A-Za-z0-9_]{20,}|\bglpat-[A-Za-z0-9_-]{16,}`,
	`\bnpm_[A-Za-z0-9]{20,}|\bSG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}|\bhv[sbr]\.[A-Za-z0-9_-]{16,}|\bdo[opr]_v1_[a-f0-9]{16,}`,
	`\bsk-[A-Za-z0-9_-]{20,}|\bhf_[A-Za-z0-9]{20,}|\bdckr_[a-z]+_[A-Za-z0-9_-]{16,}|AGE-SECRET-KEY-1|PuTTY-User-Key-File-`,
	`\b[Bb]asic\s+([A-Za-z+/]{2,}[0-9][A-Za-z0-9+/]{4,}|[A-Za-z0-9+/]{8,}=)`,
	`[A-Za-z0-9_~.-]{3}[0-9]Q~[A-Za-z0-9_~.-]{20,}`, // of Entra's applications
	`\bxox[abeoprs]-[A-Za-z0-9-]{8,}|\bsk_live_[A-Za-z0-9]{8,}|\bAIza[0-9A-Za-z_-]{30,}|hooks\.slack\.com/services/\w`,
	`[?&](?i:sig|code|key|api_?key|access_token|token|x-amz-signature)=[^&\s]{8,}|\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.`,
	`://[^/\s:@]*:[^/\s@]+@`,
	`\$(2[abxy]|5|6|y|argon2(id?|d))\$[^\s$]|\$1\$[./A-Za-z0-9]{1,8}\$[./A-Za-z0-9]`,
}, "|"))

// shortest is the least length of a secret that nothing beside it gives away.
const shortest = 13

func isSecretText(text string) bool {
	switch {
	case len(text) < shortest && !strings.ContainsAny(text, "=:$ "), !mayMatchSecret(text):
		return false
	case len(text) < longText:
		return shortTexts.holds(text, secretText.MatchString)
	}
	return longTexts.holds(text, secretText.MatchString)
}

// longText is from where on texts are remembered apart: a rule may compare one
// document with a hundred words, while there are many more short ones.
const longText = 128

// longTexts and shortTexts remember which texts are secret.
var longTexts, shortTexts = newTextMemory(), newTextMemory()

// textMemory remembers what holds of texts, by their hashes alone.
type textMemory struct {
	seed  maphash.Seed
	mu    sync.Mutex
	known map[uint64]bool
}

func newTextMemory() *textMemory { return &textMemory{seed: maphash.MakeSeed()} }

func (m *textMemory) holds(text string, compute func(string) bool) bool {
	key := maphash.String(m.seed, text)
	m.mu.Lock()
	is, ok := m.known[key]
	m.mu.Unlock()
	if ok {
		return is
	}
	is = compute(text)
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.known == nil || len(m.known) >= 1<<12 {
		m.known = map[uint64]bool{}
	}
	m.known[key] = is
	return is
}
