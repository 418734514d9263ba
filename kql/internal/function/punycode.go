package function

import (
	"math"
	"slices"
	"strings"
	"unicode/utf8"
)

func punycodeFunctions() []Scalar {
	return []Scalar{
		{
			Name:       "punycode_from_string",
			Signatures: []string{"(string:string) → string"},
			Doc:        "Encodes a text in Punycode.", Eval: textFunction(punyEncode),
		},
		{
			Name:       "punycode_to_string",
			Signatures: []string{"(string:string) → string"},
			Doc:        "Decodes a text from Punycode.", Eval: textFunction(punyDecode),
		},
		{
			Name:       "punycode_domain_from_string",
			Signatures: []string{"(string:string) → string"},
			Doc:        "Decodes the labels of a domain name from Punycode.", Eval: textFunction(domainDecode),
		},
		{
			Name:       "punycode_domain_to_string",
			Signatures: []string{"(string:string) → string"},
			Doc:        "Encodes the labels of a domain name in Punycode.", Eval: textFunction(domainEncode),
		},
	}
}

// Parameters of RFC 3492.
const (
	punyBase, punyMin, punyMax = 36, 1, 26
	punySkew, punyDamp         = 38, 700
	punyBias, punyFirst        = 72, 128
)

func punyAdapt(delta, points int, first bool) int {
	if first {
		delta /= punyDamp
	} else {
		delta /= 2
	}
	delta += delta / points
	k := 0
	for delta > (punyBase-punyMin)*punyMax/2 {
		delta /= punyBase - punyMin
		k += punyBase
	}
	return k + (punyBase-punyMin+1)*delta/(delta+punySkew)
}

func punyThreshold(k, bias int) int { return min(max(k-bias, punyMin), punyMax) }

func punyDigit(d int) byte {
	if d < 26 {
		return byte('a' + d)
	}
	return byte('0' + d - 26)
}

func punyEncode(s string) string {
	input := []rune(s)
	var out []byte
	for _, r := range input {
		if r < punyFirst {
			out = append(out, byte(r))
		}
	}
	done := len(out)
	basic := done
	if done > 0 {
		out = append(out, '-')
	}
	n, delta, bias := rune(punyFirst), 0, punyBias
	for done < len(input) {
		next := rune(math.MaxInt32)
		for _, r := range input {
			if r >= n && r < next {
				next = r
			}
		}
		delta += int(next-n) * (done + 1)
		n = next
		for _, r := range input {
			if r < n {
				delta++
			}
			if r != n {
				continue
			}
			out = appendPuny(out, delta, bias)
			bias = punyAdapt(delta, done+1, done == basic)
			delta = 0
			done++
		}
		delta++
		n++
	}
	return string(out)
}

func appendPuny(out []byte, q, bias int) []byte {
	for k := punyBase; ; k += punyBase {
		t := punyThreshold(k, bias)
		if q < t {
			return append(out, punyDigit(q))
		}
		out = append(out, punyDigit(t+(q-t)%(punyBase-t)))
		q = (q - t) / (punyBase - t)
	}
}

// punyDecode gives "" for what is no Punycode.
func punyDecode(s string) string {
	var out []rune
	if dash := strings.LastIndexByte(s, '-'); dash >= 0 {
		out = []rune(s[:dash])
		s = s[dash+1:]
	}
	n, i, bias := punyFirst, 0, punyBias
	for s != "" {
		before, weight := i, 1
		for k := punyBase; ; k += punyBase {
			if s == "" || weight > math.MaxInt32 {
				return ""
			}
			digit := strings.IndexByte("abcdefghijklmnopqrstuvwxyz0123456789", lowerByte(s[0]))
			s = s[1:]
			if digit < 0 || i > math.MaxInt32 {
				return ""
			}
			i += digit * weight
			t := punyThreshold(k, bias)
			if digit < t {
				break
			}
			weight *= punyBase - t
		}
		bias = punyAdapt(i-before, len(out)+1, before == 0)
		n += i / (len(out) + 1)
		i %= len(out) + 1
		if n > utf8.MaxRune {
			return ""
		}
		out = slices.Insert(out, i, rune(n))
		i++
	}
	return string(out)
}

func lowerByte(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

var dots = strings.NewReplacer("。", ".", "｡", ".", "．", ".")

func domainDecode(s string) string {
	labels := strings.Split(dots.Replace(s), ".")
	for i, label := range labels {
		if len(label) > 4 && strings.EqualFold(label[:4], "xn--") {
			labels[i] = punyDecode(label[4:])
		}
	}
	return strings.Join(labels, ".")
}

func domainEncode(s string) string {
	labels := strings.Split(dots.Replace(s), ".")
	for i, label := range labels {
		if strings.IndexFunc(label, func(r rune) bool { return r >= punyFirst }) >= 0 {
			labels[i] = "xn--" + punyEncode(label)
		}
	}
	return strings.Join(labels, ".")
}
