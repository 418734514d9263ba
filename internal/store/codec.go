package store

import (
	"context"
	"fmt"
	"sync"

	"github.com/klauspost/compress/zstd"
)

// Bodies of one type are much alike, so that a few of them are a good dictionary
// for the others: it makes what is stored some four times smaller.
const (
	dictionarySamples = 12       // bodies at most
	dictionarySample  = 16 << 10 // bytes of one at most
	fewSamples        = 6        // a dictionary of fewer is replaced when more are at hand
	coders            = 48       // encoders and decoders that are kept
)

// codec compresses bodies and remembers the dictionaries that are committed.
type codec struct {
	mu       sync.Mutex
	loaded   bool
	latest   map[int64]latest // by type
	encoders map[int64]*zstd.Encoder
	decoders map[int64]*zstd.Decoder
}

// latest is a type's newest dictionary.
type latest struct {
	number  int64
	samples int
}

func newCodec() *codec {
	return &codec{latest: map[int64]latest{}, encoders: map[int64]*zstd.Encoder{}, decoders: map[int64]*zstd.Decoder{}}
}

// load learns which dictionaries are there, once.
func (c *codec) load(ctx context.Context, at *session) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.loaded {
		return nil
	}
	err := at.each(ctx, "SELECT number, type, samples FROM body_dictionary ORDER BY number", nil, func(scan func(...any) error) error {
		var kind int64
		var l latest
		err := scan(&l.number, &kind, &l.samples)
		c.latest[kind] = l
		return err
	})
	c.loaded = err == nil
	return err
}

// dictionary is the number of the one that bodies of a type are compressed with,
// 0 for none, and of how many samples it was made.
func (c *codec) dictionary(kind int64) latest {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.latest[kind]
}

func (c *codec) made(kind int64, l latest) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.latest[kind].number < l.number {
		c.latest[kind] = l
	}
}

// encoder gives the one of a dictionary.
func (c *codec) encoder(ctx context.Context, at *session, dictionary int64) (*zstd.Encoder, error) {
	return coder(ctx, c, at, c.encoders, dictionary, func(data []byte) (*zstd.Encoder, error) {
		options := []zstd.EOption{zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true), zstd.WithWindowSize(256 << 10), zstd.WithEncoderCRC(false)}
		if dictionary != 0 {
			options = append(options, zstd.WithEncoderDictRaw(uint32(dictionary), data))
		}
		return zstd.NewWriter(nil, options...)
	})
}

// decoder gives the one of a dictionary.
func (c *codec) decoder(ctx context.Context, at *session, dictionary int64) (*zstd.Decoder, error) {
	return coder(ctx, c, at, c.decoders, dictionary, func(data []byte) (*zstd.Decoder, error) {
		options := []zstd.DOption{zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true)}
		if dictionary != 0 {
			options = append(options, zstd.WithDecoderDictRaw(uint32(dictionary), data))
		}
		return zstd.NewReader(nil, options...)
	})
}

// coder gives what is kept for a dictionary, or makes it from the dictionary's
// data; at sees the dictionary if it is not kept.
func coder[T any](ctx context.Context, c *codec, at *session, kept map[int64]T, dictionary int64, make func(data []byte) (T, error)) (T, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if found, ok := kept[dictionary]; ok {
		return found, nil
	}
	var data []byte
	var none T
	if dictionary != 0 {
		found, err := at.one(ctx, "SELECT data FROM body_dictionary WHERE number = ?", []any{dictionary}, &data)
		if err == nil && !found {
			err = fmt.Errorf("not there")
		}
		if err == nil {
			data, err = unpack(data)
		}
		if err != nil {
			return none, fmt.Errorf("dictionary %d of bodies: %w", dictionary, err)
		}
	}
	made, err := make(data)
	if err != nil {
		return none, fmt.Errorf("dictionary %d of bodies: %w", dictionary, err)
	}
	if len(kept) >= coders {
		for other := range kept { // any: they come back in the order of types
			delete(kept, other)
			break
		}
	}
	kept[dictionary] = made
	return made, nil
}

// sampled is the dictionary that bodies make.
func sampled(records [][]byte) (data []byte, samples int) {
	for _, r := range records[:min(len(records), dictionarySamples)] {
		data = append(data, r[:min(len(r), dictionarySample)]...)
	}
	return data, min(len(records), dictionarySamples)
}

func pack(data []byte) ([]byte, error) {
	w, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1))
	if err != nil {
		return nil, err
	}
	return w.EncodeAll(data, nil), w.Close()
}

func unpack(data []byte) ([]byte, error) {
	r, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1))
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return r.DecodeAll(data, nil)
}
