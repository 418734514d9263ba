package policy

import (
	"regexp"
	"strings"
	"time"
	"unicode"
)

// secretWords end or are the names of properties whose texts are not shown.
var secretWords = []string{
	"password", "passwords", "passwd", "pwd", "secret", "secrets", "secretvalue", "connectionstring", "accesskey", "accountkey",
	"primarykey", "secondarykey", "sharedkey", "privatekey", "apikey", "api_key", "workspacekey", "token", "tokens", "userdata",
	"user_data", "customdata", "credential", "credentials", "passphrase", "secretstring", "instrumentationkey",
	"pfx", "pfxblob", "pfxcertificate", "passwordvalue", "sharedaccesssignature", "primarymasterkey", "secondarymasterkey", "readonlymasterkey", "verificationkey", "webhookurl",
	"securevalue", "adminpass", "dbpass", "userpass", "rootpass", "passcode", "kubeconfig", "dockerconfigjson", "otpseed", "presharedkey", "psk",
	"connstr", "querykey", "querykeys", "startupscript", "shutdownscript", "commandtoexecute", "cloudinit", "secretkeybase",
	"passwordhash", "password_hash", "passwordhashes", "passwordsalt", "passwdhash", "nthash", "lmhash",
}

// nameMemory and keyMemory remember which names are those of secrets, and of
// encryption keys: taking a name apart is dear, and there are few.
var nameMemory, keyMemory = newTextMemory(), newTextMemory()

func isSecretName(name string) bool { return nameMemory.holds(name, saysSecret) }

func saysSecret(name string) bool {
	if isOfSecret(name) {
		return true
	}
	words := wordsOf(name)
	for n := len(words); n > 1 && wrappings[words[n-1]]; n-- {
		if isOfSecret(strings.Join(words[:n-1], "_")) { // privateKeyData
			return true
		}
	}
	return false
}

// wrappings are words at the end of a name that only say how something is
// written.
var wrappings = wordSet(`value data text plain plaintext clear cleartext raw string base base64 b64 encoded binary bytes blob pem json header`)

func isOfSecret(name string) bool {
	lower := strings.TrimRight(strings.ToLower(name), "0123456789_-")
	if lower == "shadow" || lower == "key" && len(name) > len(lower) { // key1
		return true
	}
	words := wordsOf(strings.TrimRight(name, "0123456789_-"))
	if secretLast[words[len(words)-1]] {
		return true
	}
	joined := strings.Join(words, "")
	for _, word := range secretWords {
		if strings.HasSuffix(lower, word) || strings.HasSuffix(joined, word) {
			return true
		}
	}
	return (strings.HasSuffix(lower, "key") || strings.HasSuffix(lower, "keys")) && opens(name)
}

// secretLast are words that say so where they are the last one of a name; longer
// words that end in the same letters do not.
var secretLast = wordSet("pass pw pat jwt dsn authorization hmac otp pin cookie cookies")

// isAmbiguous reports whether the name of a secret is also one of how something is
// allowed or ordered, as in authorization: AWS_IAM and primaryKey: id.
func isAmbiguous(name string) bool {
	joined := strings.Join(wordsOf(name), "")
	for _, end := range [...]string{"authorization", "primarykey", "secondarykey", "cookie", "otp"} {
		if strings.HasSuffix(joined, end) {
			return true
		}
	}
	return false
}

// isWord reports whether a text is a short word, or a few, of one case.
func isWord(text string) bool { return len(text) <= 24 && words.MatchString(text) }

var words = regexp.MustCompile(`^([a-z]+|[A-Z]+)([_-]([a-z]+|[A-Z]+))*$`)

// isEncryptionKey reports whether a name is that of a key itself or of where it
// is kept.
func isEncryptionKey(name string) bool {
	return keyMemory.holds(name, func(name string) bool {
		return strings.HasSuffix(strings.Join(wordsOf(name), ""), "encryptionkey")
	})
}

// isKeyID reports whether a text names a key that is kept elsewhere.
func isKeyID(text string) bool {
	return guidText.MatchString(text) || strings.HasPrefix(text, "mrk-") || strings.HasPrefix(text, "https://") && !isSecretText(text)
}

var guidText = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

// otherKeys are words of names that end in key or keys and hold no key that
// opens anything: they are public, elsewhere, or order and find things.
var otherKeys = wordSet(`public gpg assessment ssh known authorized kms vault managed cmk encryption partition sort hash range row cluster
	clustering distribution shard primary foreign unique composite tag label annotation topology s3 object blob cache routing
	lookup group dedup deduplication message map sequence order column join index context condition metric dimension header
	query claim attribute property config configuration setting registry idempotency correlation image display translation
	resource policy rule asset feature project issue parent dns dnssec trusted selector filter aggregation parameter variable`)

func wordSet(words string) map[string]bool {
	set := map[string]bool{}
	for word := range strings.FieldsSeq(words) {
		set[word] = true
	}
	return set
}

// opens reports whether a name that ends in key or keys is that of a key to
// something. The word alone is any key of a map.
func opens(name string) bool {
	words := wordsOf(name)
	if last := words[len(words)-1]; len(words) < 2 || last != "key" && last != "keys" {
		return false
	}
	for _, word := range words {
		if otherKeys[word] {
			return false
		}
	}
	return true
}

// wordsOf takes a name apart where its case changes and at all that is no letter
// or digit.
func wordsOf(name string) []string {
	var words []string
	from, runes := 0, []rune(strings.TrimRight(name, "0123456789"))
	cut := func(to int) {
		if to > from {
			words = append(words, strings.ToLower(string(runes[from:to])))
		}
		from = to
	}
	for i, c := range runes {
		switch {
		case !unicode.IsLetter(c) && !unicode.IsDigit(c):
			cut(i)
			from = i + 1
		case unicode.IsUpper(c) && (i > 0 && !unicode.IsUpper(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1])):
			cut(i)
		}
	}
	cut(len(runes))
	if words == nil {
		return []string{""}
	}
	return words
}

// settings are texts that say how something is set, whatever it is called.
var settings = wordSet(`true false yes no on off enabled disabled enable disable none required optional allow deny allowed denied
	optin optout audit default inherited notconfigured always never prohibit-password without-password forced-commands-only`)

// isSetting reports whether text is a word or a small number such as settings
// have, and no secret.
func isSetting(text string) bool {
	if len(text) <= 3 && strings.Trim(text, "0123456789") == "" {
		return true
	}
	if _, err := time.Parse(time.RFC3339, text); err == nil {
		return true
	}
	return settings[strings.ToLower(text)]
}

// isReference reports whether text only says where a secret is kept.
func isReference(text string) bool {
	for _, prefix := range [...]string{"arn:aws", "/subscriptions/", "projects/", "alias/", "//", "@Microsoft.KeyVault("} {
		if strings.HasPrefix(text, prefix) {
			return !isSecretText(text)
		}
	}
	return strings.HasPrefix(text, "https://") && strings.Contains(text, ".vault.") && !isSecretText(text)
}
