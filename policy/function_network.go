package policy

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
)

var networkFunctions = []function{
	{signature: "ipRangeContains(range, target)", least: 2, most: 2, call: callIPRangeContains, special: callDespite, summary: "Whether a range of addresses holds another of its family; each is an address, a CIDR range, or first-last. False, with an error on record, for what is none of these."},
}

var errFamilies = errors.New("got addresses of two families, want both of version 4 or both of version 6")

func callIPRangeContains(args []Value) (Value, error) {
	var ranges [2]ipRange
	for i := range ranges {
		text, err := textArg(args, i)
		if err != nil {
			return Value{}, err
		}
		r, ok := parseIPRange(text)
		if !ok {
			err = fmt.Errorf("argument %d: got %q, want an address, a range such as 10.0.0.0/8, or first-last", i+1, text)
			return Value{}, &doubt{BoolValue(false), err}
		}
		ranges[i] = r
	}
	outer, inner := ranges[0], ranges[1]
	if outer.from.BitLen() != inner.from.BitLen() {
		return Value{}, &doubt{BoolValue(false), errFamilies}
	}
	return BoolValue(outer.from.Compare(inner.from) <= 0 && inner.to.Compare(outer.to) <= 0), nil
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
