// Package follow keeps posture indexes true to what is kept: one of now, which
// takes in every commit, also those of other processes, and some of past
// commits, made when somebody asks as of then. A replay goes from one past moment
// to another.
//
// Start with [Open]; [Follower.Run] follows until it is told to stop.
package follow

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/bartizan-dev/bartizan/internal/index"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// Rows are those of which an index is loaded.
type Rows interface {
	Evaluations(ctx context.Context) ([]ledger.Evaluation, error)
	Tuples(ctx context.Context, after int64) iter.Seq2[ledger.Tuple, error]
	Facts(ctx context.Context, numbers []int64) ([]ledger.Facts, error)
	Resources(ctx context.Context, n ledger.Number) iter.Seq2[ledger.Resource, error]
	Versions(ctx context.Context, n ledger.Number, unit string) iter.Seq2[ledger.Version, error]
	Judged(ctx context.Context, n ledger.Number) iter.Seq2[ledger.Judged, error]
	Scopes(ctx context.Context, n ledger.Number) ([]ledger.ScopeVersion, error)
}

// Store is what following needs of where things are kept; internal/store has it.
type Store interface {
	Rows
	Head(ctx context.Context) (ledger.Number, error)
	Commits(ctx context.Context, from, to ledger.Number) ([]ledger.Commit, error)
	TuplesOf(ctx context.Context, numbers []int64) ([]ledger.Tuple, error)
	Documents(ctx context.Context, n ledger.Number, kind ledger.DocumentKind) ([]ledger.DocumentVersion, error)
	Changed(ctx context.Context, after ledger.Number) iter.Seq2[ledger.Change, error]
	Wait(ctx context.Context, after ledger.Number) (ledger.Number, error)
}

// Options say what judges and how documents lie over verdicts.
type Options struct {
	// Content gives what judges by the documents of a moment.
	Content func(documents []ledger.DocumentVersion) (index.Content, error)
	// ContentID tells catalogues apart: a checkpoint is used with its own only.
	ContentID string
	// Checkpoint is one that was kept, nil for none. One that cannot be used is
	// told to Note.
	Checkpoint *Checkpoint
	// Layings gives what lies over verdicts by documents as of a time, and when
	// that ends to be true; the zero time for never.
	Layings func(documents []ledger.DocumentVersion, at time.Time) (layings []index.Laying, until time.Time)
	Now     func() time.Time
	Note    func(text string) // of what could not be used; may be nil
}

// Event is a commit that was taken in, or an instant at which layings changed.
type Event struct {
	Commit    ledger.Number
	Resources []uint32                 // that came, went or are judged otherwise
	Documents []ledger.DocumentVersion // that the commit wrote or removed
	Reads     []ledger.Read            // that the commit wrote or removed
	Losses    []ledger.Loss            // that the commit wrote or removed
	// Clock says that what lies over verdicts was laid anew: what ended after From,
	// and by To, lies there no longer.
	Clock    bool
	From, To time.Time
}

// Follower keeps indexes. Its methods may be called by many goroutines.
type Follower struct {
	store   Store
	options Options

	mu      sync.RWMutex
	now     *index.Index
	laid    time.Time               // as of when documents lie over verdicts
	until   time.Time               // of the layings
	turns   uint64                  // how often the index has changed
	readers atomic.Uint64           // how often it was read
	behind  map[chan Event]struct{} // who wants to hear

	past    pastIndexes
	replays chan struct{} // those under way
}

// Open gives a follower whose index is of the last commit: from the checkpoint
// and what changed since, or else from the rows.
func Open(ctx context.Context, s Store, o Options) (*Follower, error) {
	f := &Follower{store: s, options: o, behind: map[chan Event]struct{}{}, replays: make(chan struct{}, replaysAtOnce)}
	if f.options.Checkpoint = nil; o.Checkpoint != nil { // it may be large
		err := f.begin(ctx, o.Checkpoint)
		if err == nil {
			if err = f.catchUp(ctx); err == nil {
				return f, f.lay(ctx)
			}
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		f.note(fmt.Sprintf("the posture index is built from the database: %v", err))
	}
	head, err := s.Head(ctx)
	if err != nil {
		return nil, fmt.Errorf("building the posture index: %w", err)
	}
	f.laid = o.Now()
	if f.now, f.until, err = load(ctx, s, o, head, f.laid); err != nil {
		return nil, fmt.Errorf("building the posture index of commit %d: %w", head, err)
	}
	return f, nil
}

func (f *Follower) note(text string) {
	if f.options.Note != nil {
		f.options.Note(text)
	}
}

// contentsAtOnce is how many contents are asked for at a time.
const contentsAtOnce = 2000

// load builds the index of a commit from its rows, with what lies over it at a
// time.
func load(ctx context.Context, s Store, o Options, n ledger.Number, at time.Time) (*index.Index, time.Time, error) {
	documents, err := s.Documents(ctx, n, "")
	if err != nil {
		return nil, time.Time{}, err
	}
	content, err := o.Content(documents)
	if err != nil {
		return nil, time.Time{}, err
	}
	layings, until := o.Layings(documents, at)
	x, err := Load(ctx, s, content, n, layings)
	return x, until, err
}

// Load builds the index of a commit from its rows, with what lies over verdicts.
func Load(ctx context.Context, s Rows, c index.Content, n ledger.Number, layings []index.Laying) (*index.Index, error) {
	l := index.NewLoader(c)
	scopes, err := s.Scopes(ctx, n)
	if err != nil {
		return nil, err
	}
	for _, v := range scopes {
		l.Scopes([]posture.Scope{v.Scope})
	}
	evaluations, err := s.Evaluations(ctx)
	if err != nil {
		return nil, err
	}
	if err := l.Contents(index.Contents{Evaluations: evaluations}); err != nil {
		return nil, err
	}
	for t, err := range s.Tuples(ctx, 0) {
		if err != nil {
			return nil, err
		}
		if err := l.Contents(index.Contents{Tuples: []ledger.Tuple{t}}); err != nil {
			return nil, err
		}
	}
	for r, err := range s.Resources(ctx, n) {
		if err != nil {
			return nil, err
		}
		l.Resource(&r)
	}
	if err := loadVersions(ctx, s, l, n); err != nil {
		return nil, err
	}
	for j, err := range s.Judged(ctx, n) {
		if err != nil {
			return nil, err
		}
		l.Judged(j)
	}
	return l.Index(n, layings), nil
}

func loadVersions(ctx context.Context, s Rows, l *index.Loader, n ledger.Number) error {
	var versions []ledger.Version
	facts := map[int64]bool{}
	for v, err := range s.Versions(ctx, n, "") {
		if err != nil {
			return err
		}
		versions = append(versions, v)
		facts[v.Facts] = true
	}
	delete(facts, 0)
	numbers := make([]int64, 0, len(facts))
	for f := range facts {
		numbers = append(numbers, f)
	}
	slices.Sort(numbers)
	found, err := factsOf(ctx, s, numbers)
	if err != nil {
		return err
	}
	if err := l.Contents(index.Contents{Facts: found}); err != nil {
		return err
	}
	for _, v := range versions {
		l.Version(v)
	}
	return nil
}

func factsOf(ctx context.Context, s Rows, numbers []int64) (map[int64]ledger.Facts, error) {
	found := map[int64]ledger.Facts{}
	for some := range slices.Chunk(numbers, contentsAtOnce) {
		facts, err := s.Facts(ctx, some)
		if err != nil {
			return nil, err
		}
		for i, n := range some {
			found[n] = facts[i]
		}
	}
	return found, nil
}

// Run takes in commits as they come, and what the clock ends, until the context
// ends. It gives the error that stopped it, nil for the context.
func (f *Follower) Run(ctx context.Context) error {
	var preparing sync.WaitGroup
	preparing.Go(func() { f.prepare(ctx) })
	defer preparing.Wait()
	for {
		wait, cancel := ctx, context.CancelFunc(func() {})
		if until := f.ends(); !until.IsZero() {
			wait, cancel = context.WithTimeout(ctx, max(until.Sub(f.options.Now()), 0))
		}
		_, err := f.store.Wait(wait, f.Head())
		cancel()
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, context.DeadlineExceeded):
			err = f.lay(ctx)
		case err == nil:
			err = f.catchUp(ctx)
		}
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			return fmt.Errorf("following the database: %w", err)
		}
	}
}

// prepare has the index count what lists will ask for, piece by piece: in between,
// commits are taken in. Where others read meanwhile it leaves them half of the time.
func (f *Follower) prepare(ctx context.Context) {
	for piece := 0; piece >= 0 && ctx.Err() == nil; {
		began, readers := f.options.Now(), f.readers.Load()
		_ = f.Read(func(x *index.Index) error {
			piece = x.Prepare(piece)
			return nil
		})
		if f.readers.Load() > readers+1 {
			rest, cancel := context.WithTimeout(ctx, f.options.Now().Sub(began))
			<-rest.Done()
			cancel()
		}
	}
}

// CatchUp takes in all commits that there are by now, and what the clock ended,
// so that who wrote one reads it.
func (f *Follower) CatchUp(ctx context.Context) error {
	if err := f.catchUp(ctx); err != nil {
		return err
	}
	if until := f.ends(); until.IsZero() || f.options.Now().Before(until) {
		return nil
	}
	return f.lay(ctx)
}

func (f *Follower) ends() time.Time {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.until
}

// Head is the commit that the index of now is of.
func (f *Follower) Head() ledger.Number {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.now.Commit()
}

// Turn is a number that is another one whenever the index of now is.
func (f *Follower) Turn() uint64 {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.turns
}

// catchUp applies the commits behind the index's own.
func (f *Follower) catchUp(ctx context.Context) error {
	for change, err := range f.store.Changed(ctx, f.Head()) {
		if err != nil {
			return err
		}
		if err := f.apply(ctx, &change); err != nil {
			return fmt.Errorf("commit %d: %w", change.Commit.Number, err)
		}
	}
	return nil
}

func (f *Follower) apply(ctx context.Context, c *ledger.Change) error {
	f.mu.Lock() // looking may make what is looked in
	tuples, facts := f.now.Lacks(c)
	f.mu.Unlock()
	contents, err := contentsOf(ctx, f.store, tuples, facts)
	if err != nil {
		return err
	}
	content, err := contentAfter(ctx, f.store, f.options, c)
	if err != nil {
		return err
	}
	var documents []ledger.DocumentVersion
	if lies(c) {
		if documents, err = laid(ctx, f.store, c.Commit.Number); err != nil {
			return err
		}
	}
	e, taken, err := f.take(c, contents, content, documents)
	if err != nil || !taken {
		return err
	}
	e.Documents, e.Reads, e.Losses = c.Documents, c.Reads, c.Losses
	f.tell(e)
	return nil
}

// take makes the index that of the next commit, with the documents that lie over
// verdicts if that changes them: nobody sees the one without the other. It reports
// whether no other call was quicker.
func (f *Follower) take(c *ledger.Change, contents index.Contents, content *index.Content, documents []ledger.DocumentVersion) (e Event, taken bool, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if c.Commit.Number <= f.now.Commit() {
		return e, false, nil
	}
	touched, err := applyWith(f.now, c, contents, content)
	f.turns++
	if err != nil || !lies(c) {
		return Event{Commit: c.Commit.Number, Resources: touched}, true, err
	}
	e = f.layOver(documents)
	e.Resources = append(e.Resources, touched...)
	slices.Sort(e.Resources)
	e.Resources = slices.Compact(e.Resources)
	return e, true, nil
}

// lies reports whether a commit changes what lies over verdicts.
func lies(c *ledger.Change) bool {
	return slices.ContainsFunc(c.Documents, func(d ledger.DocumentVersion) bool { return d.Kind.Lies() })
}

// contentAfter gives what judges after a commit that has changed it, nil for none.
func contentAfter(ctx context.Context, s Store, o Options, c *ledger.Change) (*index.Content, error) {
	if !slices.ContainsFunc(c.Documents, func(d ledger.DocumentVersion) bool { return d.Kind.Judges() }) {
		return nil, nil
	}
	documents, err := s.Documents(ctx, c.Commit.Number, "")
	if err != nil {
		return nil, err
	}
	content, err := o.Content(documents)
	return &content, err
}

// applyWith takes an index over a commit after which other rules may judge: those
// that come are known before their verdicts, those that go until theirs are gone. It
// gives the resources that show other verdicts too as rules are assigned in other ways.
func applyWith(x *index.Index, c *ledger.Change, contents index.Contents, content *index.Content) ([]uint32, error) {
	if content == nil {
		return x.Apply(c, contents)
	}
	relaid := resourcesOf(x.SetContent(content.And(x.Content())))
	touched, err := x.Apply(c, contents)
	x.SetContent(*content)
	touched = slices.Concat(touched, relaid)
	slices.Sort(touched)
	return slices.Compact(touched), err
}

// contentsOf reads what an index lacks of a change.
func contentsOf(ctx context.Context, s Store, tuples, facts []int64) (contents index.Contents, err error) {
	if len(tuples) > 0 {
		if contents.Evaluations, err = s.Evaluations(ctx); err != nil {
			return contents, err
		}
	}
	for some := range slices.Chunk(tuples, contentsAtOnce) {
		found, err := s.TuplesOf(ctx, some)
		if err != nil {
			return contents, err
		}
		contents.Tuples = append(contents.Tuples, found...)
	}
	contents.Facts, err = factsOf(ctx, s, facts)
	return contents, err
}

// lay lays the documents of the index's commit over verdicts as of now.
func (f *Follower) lay(ctx context.Context) error {
	for {
		n := f.Head()
		documents, err := laid(ctx, f.store, n)
		if err != nil {
			return err
		}
		if e, ok := f.layAt(n, documents); ok {
			f.tell(e)
			return nil
		}
	}
}

// layAt lays documents over verdicts if the index is still that of their commit.
func (f *Follower) layAt(n ledger.Number, documents []ledger.DocumentVersion) (e Event, ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.now.Commit() != n {
		return e, false
	}
	return f.layOver(documents), true
}

// layOver lays documents over verdicts as of now. The lock is held.
func (f *Follower) layOver(documents []ledger.DocumentVersion) Event {
	before, at := f.laid, f.options.Now()
	layings, until := f.options.Layings(documents, at)
	touched := resourcesOf(f.now.SetLayings(layings))
	f.laid, f.until = at, until
	f.turns++
	return Event{Commit: f.now.Commit(), Resources: touched, Clock: true, From: before, To: at}
}

// laid gives the documents that lie over verdicts as of a commit.
func laid(ctx context.Context, s Store, n ledger.Number) (all []ledger.DocumentVersion, err error) {
	for _, kind := range ledger.Laid {
		some, err := s.Documents(ctx, n, kind)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}

// Read lends the index of now. It stays as it is until the call returns.
func (f *Follower) Read(call func(*index.Index) error) error {
	f.readers.Add(1)
	f.mu.RLock()
	defer f.mu.RUnlock()
	return call(f.now)
}

// Hear gives the events from now on, until stop is called. One who does not
// listen misses some: an event says that there is news, not what.
func (f *Follower) Hear() (events <-chan Event, stop func()) {
	c := make(chan Event, 16)
	f.mu.Lock()
	f.behind[c] = struct{}{}
	f.mu.Unlock()
	return c, func() {
		f.mu.Lock()
		delete(f.behind, c)
		f.mu.Unlock()
	}
}

func (f *Follower) tell(e Event) {
	f.mu.RLock()
	defer f.mu.RUnlock()
	for c := range f.behind {
		select {
		case c <- e:
		default:
		}
	}
}
