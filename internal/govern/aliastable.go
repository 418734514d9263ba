package govern

import (
	"bytes"
	"fmt"
	"io"
	"sync"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/policy"
)

// MaxAliases is how many bytes an alias table has at most once it is reduced to what
// judges, and how many are unpacked of one that comes packed. That of Azure has about
// ten million.
const MaxAliases = 32_000_000

// AliasTable says where in bodies the values of aliases stand. It is kept reduced, as
// [policy.Aliases.AppendDump] writes it, and packed; it is read when somebody first
// asks for what it says.
type AliasTable struct {
	packed []byte
	hash   ledger.Hash
	read   func() *policy.Aliases
}

// keptTable is a table as it is kept. One that cannot be read has no alias: it was
// read before it was kept.
func keptTable(packed []byte) *AliasTable {
	t := &AliasTable{packed: packed, hash: ledger.HashOf(packed)}
	t.read = sync.OnceValue(func() *policy.Aliases {
		table := policy.NewAliases()
		if text, err := t.Dump(); err == nil {
			_ = table.LoadAliasDump(text)
		}
		return table
	})
	return t
}

// Table gives what it says. It is not to be changed.
func (t *AliasTable) Table() *policy.Aliases { return t.read() }

// Hash tells it from tables that say something else.
func (t *AliasTable) Hash() ledger.Hash { return t.hash }

// Dump gives it as people may have it: as JSON.
func (t *AliasTable) Dump() ([]byte, error) { return unpacked(t.packed) }

// noAliases is what there is to say of a text without any.
const noAliases = "no alias in it; want what az provider list --expand resourceTypes/aliases prints, or {TYPE: {ALIAS: PATH}}"

// readAliases reduces a text in any of the forms that [policy.Library.Add] reads,
// packed or not.
func readAliases(text []byte) (*AliasTable, policy.Problems) {
	text, err := unpacked(text)
	if err != nil {
		return nil, policy.Problems{{Text: err.Error()}}
	}
	var read policy.Library
	problems := read.Add("", text)
	switch {
	case problems.Err() != nil:
		return nil, problems
	case len(read.Definitions)+len(read.Initiatives)+len(read.Assignments)+len(read.Exemptions)+len(read.Attestations) > 0:
		return nil, policy.Problems{{Text: "other documents than alias tables are in it; keep them by themselves"}}
	case read.Aliases == nil || read.Aliases.Len() == 0:
		return nil, policy.Problems{{Text: noAliases}}
	}
	reduced := read.Aliases.AppendDump(nil)
	if len(reduced) > MaxAliases {
		return nil, policy.Problems{{Text: fmt.Sprintf("%d aliases, reduced to %d bytes; want at most %d: keep them as several tables", read.Aliases.Len(), len(reduced), MaxAliases)}}
	}
	packed, err := packedOf(reduced)
	if err != nil {
		return nil, policy.Problems{{Text: err.Error()}}
	}
	t := keptTable(packed)
	t.read = func() *policy.Aliases { return read.Aliases }
	return t, problems
}

func packedOf(text []byte) ([]byte, error) {
	encoder, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1))
	if err != nil {
		return nil, fmt.Errorf("packing an alias table: %w", err)
	}
	return encoder.EncodeAll(text, nil), encoder.Close()
}

// unpacked undoes gzip and Zstandard. Anything else is given as it is.
func unpacked(text []byte) ([]byte, error) {
	var from io.Reader
	var err error
	switch {
	case bytes.HasPrefix(text, []byte{0x1f, 0x8b}):
		from, err = gzip.NewReader(bytes.NewReader(text))
	case bytes.HasPrefix(text, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		var decoder *zstd.Decoder
		if decoder, err = zstd.NewReader(bytes.NewReader(text), zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(2*MaxAliases)); err == nil {
			defer decoder.Close()
			from = decoder
		}
	default:
		return text, nil
	}
	if err == nil {
		text, err = io.ReadAll(io.LimitReader(from, MaxAliases+1))
	}
	switch {
	case err != nil:
		return nil, fmt.Errorf("it cannot be unpacked: %w", err)
	case len(text) > MaxAliases:
		return nil, fmt.Errorf("more than %d bytes once it is unpacked; bartizan admin aliases set reduces it before it is sent", MaxAliases)
	}
	return text, nil
}

// tableOf is a kept document that is an alias table, which is not read now. What is
// known of one with the same text it shares.
func tableOf(kept *ledger.DocumentVersion, known *Policy) *Policy {
	p := &Policy{Kind: kept.Kind, ID: kept.ID, Scope: kept.Scope, Text: kept.Text, Since: kept.Since}
	_, p.Name, _ = SplitPolicyID(kept.Kind, spelled(kept.ID, kept.Name))
	if known != nil && bytes.Equal(known.Text, kept.Text) {
		p.Aliases = known.Aliases
	} else {
		p.Aliases = keptTable(p.Text)
	}
	return p
}
