package contoso

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
)

// digest gives n hexadecimal digits that depend on the name only.
func digest(name string, n int) string {
	sum := sha256.Sum256([]byte("contoso/" + name))
	return hex.EncodeToString(sum[:])[:n]
}

// guid gives a GUID that depends on the name only, in the form of a random one.
func guid(name string) string {
	h := digest("guid/"+name, 32)
	return fmt.Sprintf("%s-%s-4%s-a%s-%s", h[:8], h[8:12], h[13:16], h[17:20], h[20:32])
}

// number gives a decimal number of exactly n digits, n at most 18.
func number(name string, n int) string {
	v, _ := strconv.ParseUint(digest("number/"+name, 15), 16, 64) // fifteen hexadecimal digits always parse
	s := strconv.FormatUint(v, 10) + "314159265358979323"
	if s[0] == '0' {
		s = "7" + s
	}
	return s[:n]
}

// hexID gives an AWS resource id such as i-0f2c….
func hexID(prefix, name string) string {
	return prefix + "-0" + digest(prefix+"/"+name, 16)
}
