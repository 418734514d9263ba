package function

import (
	"strings"

	"github.com/bartizan-dev/bartizan/kql/data"
)

func ipSearchFunctions() []Scalar {
	return []Scalar{
		{
			Name:       "has_ipv4",
			Signatures: []string{"(source:StringOrDynamic, ip:string) → bool"},
			Doc:        "Tells whether a text has an IPv4 address.", Eval: hasIPv4(sameAddress),
		},
		{
			Name: "has_any_ipv4",
			Signatures: []string{
				"(source:StringOrDynamic, ips:DynamicArray) → bool",
				"(source:StringOrDynamic, ips:string×1..n) → bool",
			},
			Doc: "Tells whether a text has any of several IPv4 addresses.", Eval: hasIPv4(sameAddress),
		},
		{
			Name:       "has_ipv4_prefix",
			Signatures: []string{"(source:StringOrDynamic, ip_prefix:string) → bool"},
			Doc:        "Tells whether a text has an IPv4 address with a prefix such as 10.1.", Eval: hasIPv4(samePrefix),
		},
		{
			Name: "has_any_ipv4_prefix",
			Signatures: []string{
				"(source:StringOrDynamic, ip_prefixes:DynamicArray) → bool",
				"(source:StringOrDynamic, ip_prefixes:string×1..n) → bool",
			},
			Doc: "Tells whether a text has an IPv4 address with any of several prefixes.", Eval: hasIPv4(samePrefix),
		},
	}
}

func sameAddress(address, wanted string) bool { return address == wanted }

// samePrefix takes whole addresses, and prefixes that end with a dot.
func samePrefix(address, wanted string) bool {
	return address == wanted || strings.HasSuffix(wanted, ".") && strings.HasPrefix(address, wanted)
}

func hasIPv4(same func(address, wanted string) bool) Eval {
	return func(_ *Context, args []data.Value) data.Value {
		wanted := rangeArgs(args[1:])
		for _, address := range addressesIn(args[0].String()) {
			for _, w := range wanted {
				if same(address, w) {
					return data.OfBool(true)
				}
			}
		}
		return data.OfBool(false)
	}
}

// addressesIn finds the IPv4 addresses that no letter, digit or dot touches.
func addressesIn(s string) []string {
	var found []string
	for start := 0; start < len(s); {
		if !inAddress(s[start]) {
			start++
			continue
		}
		end := start
		for end < len(s) && inAddress(s[end]) {
			end++
		}
		if _, ok := readIPv4(s[start:end]); ok {
			found = append(found, s[start:end])
		}
		start = end
	}
	return found
}

// inAddress tells what belongs to an address or would touch it.
func inAddress(c byte) bool { return c == '.' || c-'0' <= 9 || isLetter(c) }
