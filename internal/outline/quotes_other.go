//go:build !amd64

package outline

// mapBlocks maps whole blocks, at least one.
func mapBlocks(b []byte, words []uint64) met { return mapBlocksPlain(b, words) }
