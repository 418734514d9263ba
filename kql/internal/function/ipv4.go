package function

import (
	"cmp"
	"fmt"
	"math/bits"
	"strconv"
	"strings"

	"github.com/bartizan-dev/bartizan/kql/data"
)

func ipv4Functions() []Scalar {
	return []Scalar{
		{
			Name:       "parse_ipv4",
			Signatures: []string{"(ip:string) → long"},
			Doc:        "Reads an IPv4 address, masked by its prefix, as a number.", Eval: parseIPv4,
		},
		{
			Name:       "parse_ipv4_mask",
			Signatures: []string{"(ip:string, prefix:long) → long"},
			Doc:        "Reads an IPv4 address, masked by a prefix, as a number.", Eval: parseIPv4Mask,
		},
		{
			Name:       "format_ipv4",
			Signatures: []string{"(ip:Scalar, prefix:long?) → string"},
			Doc:        "Prints an IPv4 address, masked by a prefix.", Eval: formatIPv4(false),
		},
		{
			Name:       "format_ipv4_mask",
			Signatures: []string{"(ip:Scalar, prefix:long) → string"},
			Doc:        "Prints an IPv4 address, masked by a prefix, and the prefix.", Eval: formatIPv4(true),
		},
		{
			Name:       "ipv4_compare",
			Signatures: []string{"(ip1:string, ip2:string, prefix:long?) → long"},
			Doc:        "Orders two IPv4 addresses by their common prefix: -1, 0 or 1.", Eval: compareIPv4,
		},
		{
			Name:       "ipv4_is_match",
			Signatures: []string{"(ip1:string, ip2:string, prefix:long?) → bool"},
			Doc:        "Tells whether two IPv4 addresses are the same in their common prefix.", Eval: matchIPv4,
		},
		{
			Name:       "ipv4_is_in_range",
			Signatures: []string{"(ip:string, ip_range:string) → bool"},
			Doc:        "Tells whether an IPv4 address is in a range such as 10.0.0.0/8.", Eval: inIPv4Range,
		},
		{
			Name: "ipv4_is_in_any_range",
			Signatures: []string{
				"(ip:StringOrDynamic, ranges:DynamicArray) → bool",
				"(ip:StringOrDynamic, ranges:string×1..n) → bool",
			},
			Doc: "Tells whether an IPv4 address is in any of several ranges.", Eval: inAnyIPv4Range,
		},
		{
			Name:       "ipv4_is_private",
			Signatures: []string{"(ip:string) → bool"},
			Doc:        "Tells whether an IPv4 address is one of private networks.", Eval: privateIPv4,
		},
		{
			Name:       "ipv4_netmask_suffix",
			Signatures: []string{"(ip:string) → long"},
			Doc:        "Gives the prefix length of an IPv4 address, 32 where it has none.", Eval: suffixIPv4,
		},
		{
			Name:       "ipv4_range_to_cidr_list",
			Signatures: []string{"(start_ip:string, end_ip:string) → dynamic"},
			Doc:        "Covers the addresses from one to another with as few ranges as possible.", Eval: cidrList,
		},
	}
}

// An ipv4 is an address and its prefix, 32 where it was written without.
type ipv4 struct {
	addr   uint32
	prefix int
}

func ipv4Mask(prefix int) uint32 { return uint32(uint64(0xffffffff) << (32 - prefix)) }

func (ip ipv4) masked(prefix int) uint32 { return ip.addr & ipv4Mask(prefix) }

func (ip ipv4) contains(other ipv4) bool {
	p := min(ip.prefix, other.prefix)
	return ip.masked(p) == other.masked(p)
}

// readIPv4 reads four numbers and an optional prefix.
func readIPv4(s string) (ip ipv4, ok bool) {
	s, suffix, has := strings.Cut(strings.TrimSpace(s), "/")
	ip.prefix = 32
	if has {
		if ip.prefix, ok = smallNumber(suffix, 32); !ok {
			return ip, false
		}
	}
	for i := range 4 {
		part, rest, more := strings.Cut(s, ".")
		n, ok := smallNumber(part, 255)
		if !ok || more != (i < 3) {
			return ip, false
		}
		ip.addr = ip.addr<<8 | uint32(n)
		s = rest
	}
	return ip, true
}

func smallNumber(s string, most int) (n int, ok bool) {
	if s == "" || len(s) > 3 {
		return 0, false
	}
	for i := range len(s) {
		if s[i]-'0' > 9 {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n, n <= most
}

// ipv4Arg reads an address of text or of a number.
func ipv4Arg(v data.Value) (ipv4, bool) {
	if v.Type() == data.Dynamic {
		v = v.Node().Value()
	}
	if v.IsNull() {
		return ipv4{}, false
	}
	if isWhole(v) {
		return ipv4{addr: uint32(v.Long()), prefix: 32}, v.Long() >= 0 && v.Long() <= 0xffffffff
	}
	return readIPv4(v.String())
}

// prefixArg is an optional prefix argument, which must not exceed most.
func prefixArg(args []data.Value, i, most int) (int, bool) {
	if i >= len(args) {
		return most, true
	}
	n, given := integerArg(args, i)
	return int(n), given && n >= 0 && n <= int64(most)
}

func parseIPv4(_ *Context, args []data.Value) data.Value {
	ip, ok := ipv4Arg(args[0])
	if !ok {
		return data.Null(data.Long)
	}
	return data.OfLong(int64(ip.masked(ip.prefix)))
}

func parseIPv4Mask(_ *Context, args []data.Value) data.Value {
	ip, ok := ipv4Arg(args[0])
	prefix, good := prefixArg(args, 1, 32)
	if !ok || !good {
		return data.Null(data.Long)
	}
	return data.OfLong(int64(ip.masked(min(prefix, ip.prefix))))
}

func formatIPv4(withPrefix bool) Eval {
	return func(_ *Context, args []data.Value) data.Value {
		ip, ok := ipv4Arg(args[0])
		prefix, good := prefixArg(args, 1, 32)
		if !ok || !good {
			return data.OfString("")
		}
		prefix = min(prefix, ip.prefix)
		text := ipv4Text(ip.masked(prefix))
		if withPrefix {
			text += "/" + strconv.Itoa(prefix)
		}
		return data.OfString(text)
	}
}

func ipv4Text(a uint32) string { return fmt.Sprintf("%d.%d.%d.%d", a>>24, a>>16&255, a>>8&255, a&255) }

// ipv4Order compares two addresses by the shortest of all prefixes.
func ipv4Order(args []data.Value) (order int, ok bool) {
	a, ok := ipv4Arg(args[0])
	b, fine := ipv4Arg(args[1])
	prefix, good := prefixArg(args, 2, 32)
	if !ok || !fine || !good {
		return 0, false
	}
	prefix = min(prefix, a.prefix, b.prefix)
	return cmp.Compare(a.masked(prefix), b.masked(prefix)), true
}

func compareIPv4(_ *Context, args []data.Value) data.Value {
	order, ok := ipv4Order(args)
	if !ok {
		return data.Null(data.Long)
	}
	return data.OfLong(int64(order))
}

func matchIPv4(_ *Context, args []data.Value) data.Value {
	order, ok := ipv4Order(args)
	if !ok {
		return data.Null(data.Bool)
	}
	return data.OfBool(order == 0)
}

func inIPv4Range(_ *Context, args []data.Value) data.Value {
	ip, ok := ipv4Arg(args[0])
	within, fine := ipv4Arg(args[1])
	if !ok || !fine {
		return data.Null(data.Bool)
	}
	return data.OfBool(within.contains(ip))
}

// rangeArgs are the texts of ranges given one by one or as arrays.
func rangeArgs(args []data.Value) []string {
	var ranges []string
	for _, v := range args {
		if array := arrayArg(v); array != nil {
			for _, item := range array.Items() {
				ranges = append(ranges, item.Text())
			}
			continue
		}
		ranges = append(ranges, v.String())
	}
	return ranges
}

func inAnyIPv4Range(_ *Context, args []data.Value) data.Value {
	ip, ok := ipv4Arg(args[0])
	if !ok {
		return data.Null(data.Bool)
	}
	for _, text := range rangeArgs(args[1:]) {
		if within, ok := readIPv4(text); ok && within.contains(ip) {
			return data.OfBool(true)
		}
	}
	return data.OfBool(false)
}

var privateRanges = [...]ipv4{{10 << 24, 8}, {172<<24 | 16<<16, 12}, {192<<24 | 168<<16, 16}}

func privateIPv4(_ *Context, args []data.Value) data.Value {
	ip, ok := ipv4Arg(args[0])
	if !ok {
		return data.Null(data.Bool)
	}
	for _, within := range privateRanges {
		if ip.prefix >= within.prefix && within.contains(ip) {
			return data.OfBool(true)
		}
	}
	return data.OfBool(false)
}

func suffixIPv4(_ *Context, args []data.Value) data.Value {
	ip, ok := ipv4Arg(args[0])
	if !ok {
		return data.Null(data.Long)
	}
	return data.OfLong(int64(ip.prefix))
}

func cidrList(_ *Context, args []data.Value) data.Value {
	from, ok := ipv4Arg(args[0])
	to, fine := ipv4Arg(args[1])
	if !ok || !fine || from.addr > to.addr {
		return data.Null(data.Dynamic)
	}
	var list []string
	for start, end := uint64(from.addr), uint64(to.addr); start <= end; {
		size := min(bits.TrailingZeros64(start|1<<32), bits.Len64(end-start+1)-1)
		list = append(list, ipv4Text(uint32(start))+"/"+strconv.Itoa(32-size))
		start += 1 << size
	}
	return data.OfNode(data.NodeOfStrings(list))
}
