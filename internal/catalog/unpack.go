package catalog

import (
	"encoding/json"
	"fmt"
	"runtime"
	"strings"

	"github.com/klauspost/compress/zstd"
	"golang.org/x/sync/errgroup"

	"github.com/bartizan-dev/bartizan/policy"
)

// unpack opens the packed form: entries, controls and where the rest is.
func unpack(s string) (*Catalog, error) {
	if !strings.HasPrefix(s, magic) {
		return nil, fmt.Errorf("packed catalogue: want it to begin with %q; run go generate ./internal/catalog", magic)
	}
	r := &reader{s: s, at: len(magic)}
	c := &Catalog{packed: &unpacker{}}
	n := r.count()
	c.entries, c.packed.places = make([]Entry, n), make([]place, n)
	for i := range n {
		c.entries[i] = r.entry()
		c.packed.places[i] = place{r.number(), r.number()}
	}
	for range r.count() {
		c.controls = append(c.controls, r.control())
	}
	c.packed.entries = c.entries
	c.packed.cut(r)
	if r.err != nil {
		return nil, r.err
	}
	return c, nil
}

// unpacker decodes the blocks of a packed catalogue, each at most once.
type unpacker struct {
	entries []Entry
	places  []place
	within  [][]int // by block: its entries
	decoder once[*zstd.Decoder]
	blocks  []string
	first   once[shared]
	details []once[[]*Recommendation]
}

// shared is what block 0 holds.
type shared struct {
	aliases   json.RawMessage
	always    map[string][]string
	kinds     json.RawMessage
	standards []*Standard
}

// cut finds the blocks behind their lengths.
func (u *unpacker) cut(r *reader) {
	lengths := make([]int, r.count())
	for i := range lengths {
		lengths[i] = r.number()
	}
	for _, n := range lengths {
		if n > len(r.s)-r.at {
			r.fail("a block is cut off")
			return
		}
		u.blocks = append(u.blocks, r.s[r.at:r.at+n])
		r.at += n
	}
	if len(u.blocks) == 0 {
		r.fail("there is no block")
	}
	u.within = make([][]int, len(u.blocks))
	for i, p := range u.places {
		if p.block <= 0 || p.block >= len(u.blocks) {
			r.fail("an entry's block is not there")
			continue
		}
		u.within[p.block] = append(u.within[p.block], i)
	}
	u.details = make([]once[[]*Recommendation], len(u.blocks))
}

// open decompresses a block.
func (u *unpacker) open(block int) (*reader, error) {
	// Without a stream a decoder has no goroutine, so it need not be closed.
	decoder, err := u.decoder.get(func() (*zstd.Decoder, error) {
		return zstd.NewReader(nil, zstd.WithDecoderConcurrency(0))
	})
	if err != nil {
		return nil, fmt.Errorf("packed catalogue: %w", err)
	}
	data, err := decoder.DecodeAll([]byte(u.blocks[block]), nil)
	if err != nil {
		return nil, fmt.Errorf("packed catalogue: block %d: %w", block, err)
	}
	return &reader{s: string(data)}, nil
}

func (u *unpacker) shared() (shared, error) {
	return u.first.get(func() (shared, error) {
		r, err := u.open(0)
		if err != nil {
			return shared{}, err
		}
		s := shared{aliases: r.raw(), always: map[string][]string{}}
		for range r.count() {
			t := r.text()
			s.always[t] = r.texts()
		}
		s.kinds = r.raw()
		for range r.count() {
			s.standards = append(s.standards, r.standard())
		}
		return s, r.err
	})
}

func (u *unpacker) aliases() (json.RawMessage, error) {
	s, err := u.shared()
	return s.aliases, err
}

func (u *unpacker) always() (map[string][]string, error) {
	s, err := u.shared()
	return s.always, err
}

func (u *unpacker) kinds() (json.RawMessage, error) {
	s, err := u.shared()
	return s.kinds, err
}

func (u *unpacker) standards() ([]*Standard, error) {
	s, err := u.shared()
	return s.standards, err
}

// recommendation gives the i-th one; its whole block is decoded with it.
func (u *unpacker) recommendation(i int) (*Recommendation, error) {
	all, err := u.decoded(u.places[i].block)
	if err != nil {
		return nil, err
	}
	return all[u.places[i].at], nil
}

// recommendations gives all of them. Blocks are decoded by all cores.
func (u *unpacker) recommendations() ([]*Recommendation, error) {
	var g errgroup.Group
	g.SetLimit(runtime.GOMAXPROCS(0))
	for block := range u.blocks {
		if len(u.within[block]) == 0 {
			continue // that of the standards
		}
		g.Go(func() error { _, err := u.decoded(block); return err })
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	all := make([]*Recommendation, len(u.entries))
	for i := range all {
		all[i], _ = u.recommendation(i) // its block is decoded
	}
	return all, nil
}

// decoded gives the recommendations of a block.
func (u *unpacker) decoded(block int) ([]*Recommendation, error) {
	return u.details[block].get(func() ([]*Recommendation, error) { return u.decode(block) })
}

// decode reads the recommendations of a block. They stand in it in the order
// of the entries.
func (u *unpacker) decode(block int) ([]*Recommendation, error) {
	r, err := u.open(block)
	if err != nil {
		return nil, err
	}
	var all []*Recommendation
	for _, i := range u.within[block] {
		if u.places[i].at != len(all) {
			r.fail("an entry's place is not the next")
		}
		all = append(all, r.details(u.entries[i]))
	}
	return all, r.err
}

func (r *reader) entry() Entry {
	return Entry{
		ID: r.text(), Title: r.text(), Cloud: r.cloud(), Service: r.text(),
		Severity: r.severity(), Control: r.text(), Preview: r.truth(),
	}
}

func (r *reader) control() Control {
	return Control{ID: r.text(), Name: r.text(), GUID: r.text(), Max: float64(r.number()) / 100, Description: r.text()}
}

func (r *reader) standard() *Standard {
	s := &Standard{ID: r.text(), Title: r.text(), Authority: r.text(), Version: r.text()}
	for range r.count() {
		s.Clouds = append(s.Clouds, r.cloud())
	}
	s.Default = r.truth()
	for range r.count() {
		s.Nodes = append(s.Nodes, Node{ID: r.text(), Title: r.text(), Parent: r.text(), Manual: r.truth()})
	}
	return s
}

func (r *reader) commands() (all []Command) {
	for range r.count() {
		all = append(all, Command{For: r.text(), Types: r.texts(), Text: r.text()})
	}
	return all
}

func (r *reader) techniques() (all []Technique) {
	for range r.count() {
		all = append(all, Technique{r.text(), r.text()})
	}
	return all
}

func (r *reader) details(e Entry) *Recommendation {
	out := &Recommendation{
		ID: e.ID, Title: e.Title, Cloud: e.Cloud, Service: e.Service,
		Severity: e.Severity, Control: e.Control, Preview: e.Preview,
		Why: r.text(), UserImpact: r.text(), Effort: r.text(), Attack: r.techniques(),
		Remediation: Remediation{
			Steps: r.text(), Commands: r.commands(), Terraform: r.text(), Bicep: r.text(),
			CloudFormation: r.text(), Breaks: r.text(), Fix: r.raw(),
		},
	}
	for range r.count() {
		out.Standards = append(out.Standards, StandardRef{r.text(), r.text()})
	}
	out.AzurePolicies, out.Types = r.texts(), r.texts()
	out.Definition, out.Applies = r.raw(), r.raw()
	out.Brief = policy.Brief{Types: r.texts(), Target: r.text(), Beyond: r.truth(), Effect: r.text(), Hash: r.text()}
	out.File = r.text()
	return out
}
