package policy

import (
	"bytes"
	"errors"
	"fmt"
	"math/big"
	"math/bits"
	"net/netip"
	"strings"
)

var networkFunctions = []function{
	{signature: "ipRangeContains(range, target)", least: 2, most: 2, call: callIPRangeContains, special: callDespite, summary: "Whether a range of addresses holds another of its family; each is an address, a CIDR range, or first-last. False, with an error on record, for what is none of these."},
}

// cidrFunctions are those of templates that work out ranges of addresses.
var cidrFunctions = []function{
	{signature: "parseCidr(range)", least: 1, most: 1, call: callParseCIDR, summary: "What a range such as 10.0.0.0/8 consists of: network, netmask, broadcast, firstUsable, lastUsable and cidr."},
	{signature: "cidrSubnet(range, length, index)", least: 3, most: 3, call: callCIDRSubnet, summary: "The subnet of a range that has a length and an index, from 0."},
	{signature: "cidrHost(range, index)", least: 2, most: 2, call: callCIDRHost, summary: "The usable address of a range that has an index, from 0."},
}

// prefixArg is an argument that is a range with a length.
func prefixArg(args []Value, i int) (netip.Prefix, error) {
	text, err := textArg(args, i)
	if err != nil {
		return netip.Prefix{}, err
	}
	prefix, err := netip.ParsePrefix(text)
	if err != nil {
		return netip.Prefix{}, fmt.Errorf("argument %d: got %q, want a range such as 10.0.0.0/8", i+1, text)
	}
	return prefix.Masked(), nil
}

// usable gives the first and the last address of a range that hosts may have.
func usable(p netip.Prefix) (first, last netip.Addr) {
	first, last = p.Addr(), lastAddress(p)
	if first.Is4() && p.Bits() < 31 {
		return first.Next(), last.Prev()
	}
	return first, last
}

func callParseCIDR(args []Value) (Value, error) {
	p, err := prefixArg(args, 0)
	if err != nil {
		return Value{}, err
	}
	first, last := usable(p)
	ones, _ := netip.AddrFromSlice(bytes.Repeat([]byte{0xff}, p.Addr().BitLen()/8))
	mask, _ := ones.Prefix(p.Bits())
	o := newObject()
	o.set("network", StringValue(p.Addr().String()))
	o.set("netmask", StringValue(mask.Addr().String()))
	if p.Addr().Is4() {
		o.set("broadcast", StringValue(lastAddress(p).String()))
	}
	o.set("firstUsable", StringValue(first.String()))
	o.set("lastUsable", StringValue(last.String()))
	o.set("cidr", IntValue(int64(p.Bits())))
	return o.value(), nil
}

func callCIDRSubnet(args []Value) (Value, error) {
	p, err := prefixArg(args, 0)
	if err != nil {
		return Value{}, err
	}
	length, err := countArg(args, 1)
	if err != nil {
		return Value{}, err
	}
	index, err := countArg(args, 2)
	size := p.Addr().BitLen()
	switch {
	case err != nil:
		return Value{}, err
	case length < int64(p.Bits()) || length > int64(size):
		return Value{}, fmt.Errorf("argument 2: got %d, want %d to %d", length, p.Bits(), size)
	case index < 0 || bits.Len64(uint64(index)) > int(length)-p.Bits():
		return Value{}, fmt.Errorf("argument 3: got %d, want one of the subnets, from 0", index)
	}
	at, ok := addressAfter(p.Addr(), uint64(index), size-int(length))
	if !ok {
		return Value{}, fmt.Errorf("argument 3: got %d, want one of the subnets, from 0", index)
	}
	return StringValue(netip.PrefixFrom(at, int(length)).String()), nil
}

func callCIDRHost(args []Value) (Value, error) {
	p, err := prefixArg(args, 0)
	if err != nil {
		return Value{}, err
	}
	index, err := countArg(args, 1)
	if err != nil {
		return Value{}, err
	}
	first, last := usable(p)
	if p.Addr().Is6() && p.Bits() < 127 { // the first address is that of the range itself
		first = first.Next()
	}
	if index >= 0 {
		if at, ok := addressAfter(first, uint64(index), 0); ok && at.Compare(last) <= 0 {
			return StringValue(at.String()), nil
		}
	}
	return Value{}, fmt.Errorf("argument 2: got %d, want one of the addresses, from 0", index)
}

// addressAfter is the address so many steps of two to a power behind another; not
// ok if there is none.
func addressAfter(from netip.Addr, steps uint64, power int) (netip.Addr, bool) {
	at := new(big.Int).SetBytes(from.AsSlice())
	at.Add(at, new(big.Int).Lsh(new(big.Int).SetUint64(steps), uint(power)))
	if at.BitLen() > from.BitLen() {
		return netip.Addr{}, false
	}
	return netip.AddrFromSlice(at.FillBytes(make([]byte, from.BitLen()/8)))
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
