package outline

import "golang.org/x/sys/cpu"

// mapBlocksAVX2 does what mapBlocksPlain does.
//
//go:noescape
func mapBlocksAVX2(b *byte, blocks int, words *uint64) (slash, control, wide uint32)

var hasAVX2 = cpu.X86.HasAVX2

// mapBlocks maps whole blocks, at least one.
func mapBlocks(b []byte, words []uint64) met {
	if !hasAVX2 {
		return mapBlocksPlain(b, words)
	}
	slash, control, wide := mapBlocksAVX2(&b[0], len(b)/blockSize, &words[0])
	return met{slash != 0, control != 0, wide != 0}
}
