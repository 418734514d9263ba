package policy

import (
	"net/netip"
	"strings"
)

var networkFunctions = []function{
	{signature: "ipRangeContains(range, target)", least: 2, most: 2, call: callIPRangeContains, summary: "Whether a range of addresses holds another; each is an address, a CIDR range, or first-last. False for what is none of these."},
}

func callIPRangeContains(args []Value) (Value, error) {
	outer, ok := parseIPRange(args[0].str)
	if !ok {
		return BoolValue(false), nil
	}
	inner, ok := parseIPRange(args[1].str)
	return BoolValue(ok && outer.from.BitLen() == inner.from.BitLen() &&
		outer.from.Compare(inner.from) <= 0 && inner.to.Compare(outer.to) <= 0), nil
}

// ipRange is all addresses from one to another of its family.
type ipRange struct{ from, to netip.Addr }

func parseIPRange(s string) (ipRange, bool) {
	s = strings.TrimSpace(s)
	if first, last, ok := strings.Cut(s, "-"); ok {
		from, okFrom := parseIP(first)
		to, okTo := parseIP(last)
		return ipRange{from, to}, okFrom && okTo && from.BitLen() == to.BitLen() && from.Compare(to) <= 0
	}
	if strings.Contains(s, "/") {
		prefix, err := netip.ParsePrefix(s)
		if err != nil {
			return ipRange{}, false
		}
		return ipRange{prefix.Masked().Addr(), lastAddress(prefix)}, true
	}
	addr, ok := parseIP(s)
	return ipRange{addr, addr}, ok
}

func parseIP(s string) (netip.Addr, bool) {
	addr, err := netip.ParseAddr(strings.TrimSpace(s))
	return addr, err == nil && addr.Zone() == ""
}

// lastAddress is the last address of a prefix: all bits behind it are ones.
func lastAddress(p netip.Prefix) netip.Addr {
	b := p.Addr().AsSlice()
	for bit := p.Bits(); bit < len(b)*8; bit++ {
		b[bit/8] |= 1 << (7 - bit%8)
	}
	last, _ := netip.AddrFromSlice(b)
	return last
}
