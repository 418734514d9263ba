package policy

import (
	"regexp"
	"strings"
)

// Variables are what programs are given of their environment. Evidence shows
// the value of none, as it may be anything; a [Sealer] replaces those that match
// here, so that rules and people see the others. What a text itself gives away
// stands in secret_text.go, what a name does in secret_name.go; here is what
// holds of variables besides.

// isSecretVariable reports whether a variable's value is a secret: because of its
// look, or because its name says so and it is neither a setting nor a reference.
func isSecretVariable(name, text string) bool {
	rest := text
	if strings.ContainsAny(text, "${") {
		if strings.EqualFold(text, "$"+name) {
			return false
		}
		if rest = variableReference.ReplaceAllString(text, ""); rest == "" {
			return false
		}
	}
	rest = portBeforeQuery.ReplaceAllString(rest, "$1/")
	switch {
	case isSecretText(rest) || variableText.MatchString(rest) || isCloudKey(rest):
		return true
	case strings.Contains(text, "://") || isSetting(text) || isReference(text):
		return false
	case isEncryptionKey(name):
		return !isKeyID(text)
	case isSecretName(name):
		return !isOpenVariable(name, text)
	}
	return hasSuffixFold(name, "secret_id") && guidText.MatchString(text)
}

// variableReference finds what another variable, a command or a template puts in
// later: $NAME, ${name}, ${name:-}, $(command), {0}, {{name}}.
var variableReference = regexp.MustCompile(`\$[A-Z_][A-Z0-9_]*|\$\{[A-Za-z_][A-Za-z0-9_.]*(:-)?\}|\$\([^()]*\)|\{\{[^{}]*\}\}|\{\w*\}`)

// portBeforeQuery finds the port of an address in front of its query, which may hold
// an @ and is no password then.
var portBeforeQuery = regexp.MustCompile(`(://[^/\s:@]*:[0-9]{1,5})[?#]`)

// variableText finds secrets that are told from other texts only where a program
// gets them: access keys of AWS, tokens in the place of a user in an address, keys
// of Azure's storage, secrets of Google's applications.
var variableText = regexp.MustCompile(strings.Join([]string{
	`\b(AKIA|ASIA)[A-Z0-9]{16}\b`, `://\w{36,}@`, `[A-Za-z0-9+/]{86}==`, `\bGOCSPX-[A-Za-z0-9_-]{20,}|\bya29\.[A-Za-z0-9_-]{20,}`,
}, "|"))

// isCloudKey reports whether a text looks like the secret of an access key of AWS.
func isCloudKey(text string) bool {
	return cloudKey.MatchString(text) && strings.ContainsAny(text, "0123456789") &&
		strings.ToLower(text) != text && strings.ToUpper(text) != text
}

var cloudKey = regexp.MustCompile(`^[A-Za-z0-9/+]{40}$`)

// openNames end names of variables that hold something else than properties of
// these names do: a place, a word, how something is signed in to.
var openNames = [...]string{
	"dsn", "cookie", "cookies", "otp", "pin", "authorization", "script", "toexecute", "cloudinit", "userdata", "customdata", "kubeconfig",
}

// isOpenVariable reports whether a variable holds no secret though its name ends
// in a word that may say so.
func isOpenVariable(name, text string) bool {
	joined := strings.Join(wordsOf(name), "")
	for _, end := range openNames {
		if strings.HasSuffix(joined, end) {
			return true
		}
	}
	switch strings.ToUpper(name) {
	case "PWD", "OLDPWD": // where a shell is
		return true
	}
	// How many tokens there may be.
	return strings.HasSuffix(joined, "tokens") && strings.Trim(text, "0123456789") == "" || isAmbiguous(name) && isWord(text)
}

// isSecretAssignment reports whether a text such as NAME=value sets a variable to
// a secret.
func isSecretAssignment(text string) bool {
	at := strings.IndexAny(text, "=: ")
	return at >= 0 && isSecretVariable(text[:at], strings.TrimLeft(text[at+1:], " "))
}
