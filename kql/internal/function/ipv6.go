package function

import (
	"bytes"
	"encoding/hex"
	"net/netip"
	"strconv"
	"strings"

	"github.com/bartizan-dev/bartizan/kql/data"
)

func ipv6Functions() []Scalar {
	return []Scalar{
		{
			Name:       "parse_ipv6",
			Signatures: []string{"(ip:string) → string"},
			Doc:        "Gives an IPv6 or IPv4 address in the long form of IPv6.", Eval: parseIPv6,
		},
		{
			Name:       "parse_ipv6_mask",
			Signatures: []string{"(ip:string, prefix:long) → string"},
			Doc:        "Gives an IPv6 or IPv4 address, masked by a prefix, in the long form of IPv6.", Eval: parseIPv6,
		},
		{
			Name:       "ipv6_compare",
			Signatures: []string{"(ip1:string, ip2:string, prefix:long?) → long"},
			Doc:        "Orders two IPv6 or IPv4 addresses by their common prefix: -1, 0 or 1.", Eval: compareIPv6,
		},
		{
			Name:       "ipv6_is_match",
			Signatures: []string{"(ip1:string, ip2:string, prefix:long?) → bool"},
			Doc:        "Tells whether two IPv6 or IPv4 addresses are the same in their common prefix.", Eval: matchIPv6,
		},
		{
			Name:       "ipv6_is_in_range",
			Signatures: []string{"(ip:string, ip_range:string) → bool"},
			Doc:        "Tells whether an IPv6 address is in a range such as fe80::/10.", Eval: inIPv6Range,
		},
		{
			Name: "ipv6_is_in_any_range",
			Signatures: []string{
				"(ip:StringOrDynamic, ranges:DynamicArray) → bool",
				"(ip:StringOrDynamic, ranges:string×1..n) → bool",
			},
			Doc: "Tells whether an IPv6 address is in any of several ranges.", Eval: inAnyIPv6Range,
		},
		{
			Name: "__ipv6_lookup_ranges", Hidden: true,
			Signatures: []string{"(ip:StringOrDynamic, ranges:DynamicArray) → dynamic"},
			Doc:        "Gives the positions of the ranges that an address is in.", Eval: ipv6Ranges,
		},
	}
}

// An ipv6 is an address and its prefix; IPv4 addresses are mapped.
type ipv6 struct {
	addr   [16]byte
	prefix int
}

func (ip ipv6) masked(prefix int) [16]byte {
	out := ip.addr
	for i := range out {
		if left := prefix - 8*i; left < 8 {
			out[i] &= byte(uint16(0xff00) >> max(left, 0))
		}
	}
	return out
}

func (ip ipv6) contains(other ipv6) bool {
	p := min(ip.prefix, other.prefix)
	return ip.masked(p) == other.masked(p)
}

func readIPv6(s string) (ip ipv6, ok bool) {
	text, suffix, has := strings.Cut(strings.TrimSpace(s), "/")
	addr, err := netip.ParseAddr(text)
	if err != nil || addr.Zone() != "" {
		return ip, false
	}
	ip.addr, ip.prefix = addr.As16(), 128
	dotted := strings.IndexByte(text, '.') >= 0
	if dotted && !addr.Is4() && bytes.Equal(ip.addr[:12], make([]byte, 12)) {
		ip.addr[10], ip.addr[11] = 0xff, 0xff // ::1.2.3.4 is IPv4 too
	}
	if has {
		most := 128
		if dotted {
			most = 32
		}
		n, err := strconv.Atoi(suffix)
		if err != nil || n < 0 || n > most {
			return ip, false
		}
		ip.prefix = n + 128 - most
	}
	return ip, true
}

func ipv6Arg(v data.Value) (ipv6, bool) { return readIPv6(v.String()) }

func parseIPv6(_ *Context, args []data.Value) data.Value {
	ip, ok := ipv6Arg(args[0])
	prefix, good := prefixArg(args, 1, 128)
	if !ok || !good {
		return data.OfString("")
	}
	masked := ip.masked(min(prefix, ip.prefix))
	digits := hex.EncodeToString(masked[:])
	groups := make([]string, 8)
	for i := range groups {
		groups[i] = digits[4*i : 4*i+4]
	}
	return data.OfString(strings.Join(groups, ":"))
}

func ipv6Order(args []data.Value) (order int, ok bool) {
	a, ok := ipv6Arg(args[0])
	b, fine := ipv6Arg(args[1])
	prefix, good := prefixArg(args, 2, 128)
	if !ok || !fine || !good {
		return 0, false
	}
	prefix = min(prefix, a.prefix, b.prefix)
	x, y := a.masked(prefix), b.masked(prefix)
	return bytes.Compare(x[:], y[:]), true
}

func compareIPv6(_ *Context, args []data.Value) data.Value {
	order, ok := ipv6Order(args)
	if !ok {
		return data.Null(data.Long)
	}
	return data.OfLong(int64(order))
}

func matchIPv6(_ *Context, args []data.Value) data.Value {
	order, ok := ipv6Order(args)
	if !ok {
		return data.Null(data.Bool)
	}
	return data.OfBool(order == 0)
}

func inIPv6Range(_ *Context, args []data.Value) data.Value {
	ip, ok := ipv6Arg(args[0])
	within, fine := ipv6Arg(args[1])
	if !ok || !fine {
		return data.Null(data.Bool)
	}
	return data.OfBool(within.contains(ip))
}

func inAnyIPv6Range(_ *Context, args []data.Value) data.Value {
	ip, ok := ipv6Arg(args[0])
	if !ok {
		return data.Null(data.Bool)
	}
	for _, text := range rangeArgs(args[1:]) {
		if within, ok := readIPv6(text); ok && within.contains(ip) {
			return data.OfBool(true)
		}
	}
	return data.OfBool(false)
}

func ipv6Ranges(_ *Context, args []data.Value) data.Value {
	ip, ok := ipv6Arg(args[0])
	if !ok {
		return data.Null(data.Dynamic)
	}
	var items []*data.Node
	for i, text := range rangeArgs(args[1:]) {
		if within, ok := readIPv6(text); ok && within.contains(ip) {
			items = append(items, data.NodeOfLong(int64(i)))
		}
	}
	return arrayOf(items)
}
