package function

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash/crc32"
	"math"

	"github.com/cespare/xxhash/v2"

	"github.com/bartizan-dev/bartizan/kql/data"
)

func hashFunctions() []Scalar {
	const doc = "Computes a hash (xxHash64) of a value, on request modulo a number."
	return []Scalar{
		{
			Name:       "hash",
			Signatures: []string{"(source:NotDynamic, mod:Integer?) → long"},
			Doc:        doc, Eval: hashValue,
		},
		{
			Name:       "hash_xxhash64",
			Signatures: []string{"(source:NotDynamic, mod:Integer?) → long"},
			Doc:        doc, Eval: hashValue,
		},
		{
			Name:       "hash_many",
			Signatures: []string{"(source:NotDynamic×1..n) → long"},
			Doc:        "Computes one hash of several values.", Eval: hashMany,
		},
		{
			Name:       "hash_combine",
			Signatures: []string{"(source:Scalar×2..n) → long"},
			Doc:        "Makes one hash of several hashes.", Eval: hashCombine,
		},
		{
			Name:       "hash_md5",
			Signatures: []string{"(source:NotDynamic) → string"},
			Doc:        "Computes the MD5 hash of a value in hexadecimal.", Eval: textFunction(md5Text),
		},
		{
			Name:       "hash_sha1",
			Signatures: []string{"(source:NotDynamic) → string"},
			Doc:        "Computes the SHA-1 hash of a value in hexadecimal.", Eval: textFunction(sha1Text),
		},
		{
			Name:       "hash_sha256",
			Signatures: []string{"(source:NotDynamic) → string"},
			Doc:        "Computes the SHA-256 hash of a value in hexadecimal.", Eval: textFunction(sha256Text),
		},
		{
			Name: "__hash_xxh64", Hidden: true,
			Signatures: []string{"(source:NotDynamic, mod:Integer, seed:Integer) → long"},
			Doc:        "Computes a seeded hash (xxHash64) of a value modulo a number.", Eval: hashSeeded,
		},
		{
			Name: "__hash_crc32", Hidden: true,
			Signatures: []string{"(source:NotDynamic, mod:Integer, seed:Integer) → long"},
			Doc:        "Computes a seeded checksum (CRC-32) of a value modulo a number.", Eval: hashCRC,
		},
		{
			Name: "__hash_djb2", Hidden: true,
			Signatures: []string{"(source:NotDynamic, mod:Integer?) → long"},
			Doc:        "Computes a hash (DJB2) of a value, on request modulo a number.", Eval: hashDJB2,
		},
		{
			Name: "__hash_many_crc32", Hidden: true,
			Signatures: []string{"(arg:Scalar×1..2) → long"},
			Doc:        "Computes one checksum (CRC-32) of values.", Eval: hashManyCRC,
		},
	}
}

func md5Text(s string) string {
	sum := md5.Sum([]byte(s))
	return hex.EncodeToString(sum[:])
}

func sha1Text(s string) string {
	sum := sha1.Sum([]byte(s))
	return hex.EncodeToString(sum[:])
}

func sha256Text(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

// hashedBytes are a value's bytes as Kusto hashes them: numbers and times in
// eight bytes, all others as text.
func hashedBytes(v data.Value) []byte {
	switch v.Type() {
	case data.Bool, data.Int, data.Long, data.DateTime, data.TimeSpan:
		return binary.LittleEndian.AppendUint64(nil, uint64(v.Long()))
	case data.Real:
		return binary.LittleEndian.AppendUint64(nil, math.Float64bits(v.Real()))
	}
	return []byte(v.String())
}

// modulo brings a hash below the argument at i, where there is one.
func modulo(hash uint64, args []data.Value, i int) data.Value {
	if m, given := integerArg(args, i); given && m > 0 {
		return data.OfLong(int64(hash % uint64(m)))
	}
	return data.OfLong(int64(hash))
}

func hashValue(_ *Context, args []data.Value) data.Value {
	return modulo(xxhash.Sum64(hashedBytes(args[0])), args, 1)
}

func hashSeeded(_ *Context, args []data.Value) data.Value {
	seed, _ := integerArg(args, 2)
	d := xxhash.NewWithSeed(uint64(seed))
	_, _ = d.Write(hashedBytes(args[0])) // never fails
	return modulo(d.Sum64(), args, 1)
}

func hashCRC(_ *Context, args []data.Value) data.Value {
	seed, _ := integerArg(args, 2)
	return modulo(uint64(crc32.Update(uint32(seed), crc32.IEEETable, hashedBytes(args[0]))), args, 1)
}

func hashManyCRC(_ *Context, args []data.Value) data.Value {
	var sum uint32
	for _, v := range args {
		sum = crc32.Update(sum, crc32.IEEETable, hashedBytes(v))
	}
	return data.OfLong(int64(sum))
}

func hashDJB2(_ *Context, args []data.Value) data.Value {
	h := uint64(5381)
	for _, c := range hashedBytes(args[0]) {
		h = h*33 + uint64(c)
	}
	return modulo(h, args, 1)
}

// hashMany combines the hashes. Kusto does not say how: only what is hashed
// within one query can be compared.
func hashMany(c *Context, args []data.Value) data.Value {
	hashes := make([]data.Value, len(args))
	for i, v := range args {
		hashes[i] = hashValue(c, []data.Value{v})
	}
	return hashCombine(c, hashes)
}

func hashCombine(_ *Context, args []data.Value) data.Value {
	var h uint64
	for _, v := range args {
		n := data.Convert(v, data.Long)
		h ^= uint64(n.Long()) + 0x9e3779b97f4a7c15 + h<<6 + h>>2
	}
	return data.OfLong(int64(h))
}
