package estate

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/bartizan-dev/bartizan/internal/inventory"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

// Which of several reads counts is settled in docs/decisions/0011-posture-store.md:
// what is kept of reads is always the answer, and [settling] keeps it so.

// everyType is the type of a read of all types.
const everyType = "*"

// foldReadType gives a record's type as read records compare, "" for every type.
func foldReadType(name string) string {
	if name = strings.TrimSpace(name); name == "" || name == everyType {
		return ""
	}
	return policy.FoldType(name)
}

// saying is what a read says of one type in its scope.
type saying struct {
	typeName string         // as [foldReadType] gives it
	reason   posture.Reason // NoReason: all of it was read, but for gaps of ids and paths
}

// isOfType reports whether a gap says that a whole type was not read.
func isOfType(g *posture.Gap) bool { return g.ID == "" && g.Path == "" }

// sayings gives what a record says: of its own type first.
func sayings(r *posture.ReadRecord) []saying {
	all := []saying{{typeName: foldReadType(r.Type)}}
	if !r.Complete {
		all[0].reason = posture.Partial
	}
	for i := range r.Gaps {
		g := &r.Gaps[i]
		if !isOfType(g) {
			continue
		}
		if name := foldReadType(g.Type); name != "" && name != all[0].typeName {
			all = append(all, saying{name, g.Reason})
		} else if own := &all[0]; own.reason == posture.NoReason || own.reason > g.Reason {
			own.reason = g.Reason
		}
	}
	return all
}

// readKey is a (scope, type), as rows of reads are told apart.
type readKey struct{ scope, typeName string }

func keyOfRead(r *posture.ReadRecord) readKey {
	return readKey{posture.Fold(r.Scope), foldType(r.Type)}
}

// compare puts keys in order, by scope and then by type.
func (k readKey) compare(o readKey) int {
	return cmp.Or(compareText(k.scope, o.scope), compareText(k.typeName, o.typeName))
}

func compareReads(a, b ledger.Read) int { return keyOfRead(&a.Record).compare(keyOfRead(&b.Record)) }

// readSet is reads by where they are about.
type readSet struct {
	tree    *tree
	rows    map[readKey]ledger.Read
	at      map[string][]readKey // by scope: those about just that
	beneath map[string][]readKey // by scope: those about it or something in it
	above   map[string][]string  // a scope and what stands above it, nearest first
}

func newReadSet(reads []ledger.Read, t *tree) *readSet {
	s := &readSet{t, make(map[readKey]ledger.Read, len(reads)), map[string][]readKey{}, map[string][]readKey{}, map[string][]string{}}
	for i := range reads {
		s.put(reads[i])
	}
	return s
}

// upFrom gives a scope and what stands above it, nearest first, folded; also of a
// group that is no node of the tree.
func (s *readSet) upFrom(scope string) []string {
	scope = posture.Fold(scope)
	all, ok := s.above[scope]
	if !ok {
		all = s.tree.above(scope)
		if unit := posture.Fold(policy.UnitOf(scope)); unit != "" && !slices.Contains(all, unit) {
			all = append(all, s.tree.above(unit)...)
		}
		if !slices.Contains(all, "/") {
			all = append(all, "/")
		}
		s.above[scope] = all
	}
	return all
}

// put keeps a read in place of the one about the same scope and type.
func (s *readSet) put(r ledger.Read) {
	key := keyOfRead(&r.Record)
	if _, ok := s.rows[key]; !ok {
		s.at[key.scope] = append(s.at[key.scope], key)
		for _, scope := range s.upFrom(key.scope) {
			s.beneath[scope] = append(s.beneath[scope], key)
		}
	}
	s.rows[key] = r
}

func (s *readSet) remove(key readKey) {
	delete(s.rows, key)
	is := func(k readKey) bool { return k == key }
	s.at[key.scope] = slices.DeleteFunc(s.at[key.scope], is)
	for _, scope := range s.upFrom(key.scope) {
		s.beneath[scope] = slices.DeleteFunc(s.beneath[scope], is)
	}
}

// all gives the reads, by scope and type.
func (s *readSet) all() []ledger.Read {
	all := make([]ledger.Read, 0, len(s.rows))
	for _, r := range s.rows {
		all = append(all, r)
	}
	slices.SortFunc(all, compareReads)
	return all
}

// answered is which read answers for a type in a scope, and what.
type answered struct {
	read     ledger.Read
	typeName string // of the statement, "" for every type
	distance int    // from the scope up to the read's
	reason   posture.Reason
}

// answer finds the read that answers for a type ("" is every type) in a scope, nil for
// none: in the order in which assess believes read records.
func (s *readSet) answer(scope, typeName string) (best *answered) {
	for distance, at := range s.upFrom(scope) {
		for _, key := range s.at[at] {
			r := s.rows[key]
			for _, said := range sayings(&r.Record) {
				if said.typeName != "" && said.typeName != typeName {
					continue
				}
				if a := (&answered{r, said.typeName, distance, said.reason}); best == nil || a.before(best) {
					best = a
				}
			}
		}
	}
	return best
}

// before is the order of statements in internal/assess/complete.go.
func (a *answered) before(o *answered) bool {
	at, other := a.read.Record.StartedAt, o.read.Record.StartedAt
	switch {
	case (a.typeName == "") != (o.typeName == ""):
		return a.typeName != ""
	case a.distance != o.distance:
		return a.distance < o.distance
	case !at.Equal(other):
		return at.After(other)
	case (a.reason == posture.NoReason) != (o.reason == posture.NoReason):
		return a.reason != posture.NoReason
	}
	return a.reason < o.reason
}

// complete reports whether the answer is that all was read; of none it is not.
func (a *answered) complete() bool { return a != nil && a.reason == posture.NoReason }

// hasAll reports whether the answer is that all of a type was read, without a gap.
func (a *answered) hasAll(typeName string) bool {
	return a.complete() && !slices.ContainsFunc(a.read.Record.Gaps, func(g posture.Gap) bool {
		about := foldReadType(g.Type)
		return g.Path == "" && (about == "" || about == typeName)
	})
}

// tried is when the last read began that a row tells of.
func tried(r *ledger.Read) time.Time {
	if r.StaleSince.After(r.Record.StartedAt) {
		return r.StaleSince
	}
	return r.Record.StartedAt
}

// settling is how reads that are told change those that are kept.
type settling struct {
	before  *readSet // as they were kept
	told    *readSet // of one import
	after   *readSet // as they will be kept
	fresh   map[readKey]bool
	failing map[readKey]bool // rows that say what a told read did not have
	late    []lateRead       // of those told, those that began before what is kept
	lost    *lostRecords
	broken  []posture.ReadRecord  // of those told, those that may be without what was lost
	open    map[string][]openBody // by folded scope: see leaves
	newcomers
	doubted map[readKey]bool // of those told, those that promised all of what a file may have had that was not read
}

// lateRead is a read that began before another that is kept.
type lateRead struct {
	told posture.ReadRecord
	kept time.Time // when that began
}

// settle takes reads that are told into those that are kept. All have a time.
func settle(kept []ledger.Read, told []posture.ReadRecord, lost *lostRecords, t *tree, come *newcomers) *settling {
	s := &settling{before: newReadSet(kept, t), told: newReadSet(asOneRead(told), t), after: newReadSet(kept, t), fresh: map[readKey]bool{}, failing: map[readKey]bool{}, lost: lost, open: map[string][]openBody{}, newcomers: *come}
	if lost.files {
		s.doubt()
	}
	all := s.told.all()
	for i := range all {
		s.fresh[keyOfRead(&all[i].Record)] = true
	}
	for i := range all {
		r := &all[i].Record
		if a := s.before.answer(r.Scope, foldReadType(r.Type)); a != nil && s.isLate(r, a) {
			s.late = append(s.late, lateRead{*r, tried(&a.read)})
			continue
		}
		switch own := sayings(r)[0]; {
		case s.doubted[keyOfRead(r)]:
			s.broken = append(s.broken, *r)
			s.failed(r, posture.Failed)
		case own.reason != posture.NoReason:
			s.failed(r, own.reason)
		case lost.any:
			s.broken = append(s.broken, *r)
			s.failed(r, posture.Failed)
		default:
			s.complete(r)
			s.loseTypes(r)
		}
	}
	return s
}

// doubt takes back what is told to have been read wholly: nobody knows what of it stood in
// a file that could not be read.
func (s *settling) doubt() {
	s.doubted = map[readKey]bool{}
	for key, r := range s.told.rows {
		if r.Record.Complete {
			s.doubted[key], r.Record.Complete = true, false
			s.told.rows[key] = r
		}
	}
}

// isLate reports whether a told read says nothing beside what answers: it began
// before a complete one, or is complete and began before one that failed, of which
// nobody knows what it has seen meanwhile.
func (s *settling) isLate(r *posture.ReadRecord, kept *answered) bool {
	if kept.complete() && kept.read.Record.StartedAt.After(r.StartedAt) {
		return true
	}
	return sayings(r)[0].reason == posture.NoReason && tried(&kept.read).After(r.StartedAt)
}

// asOneRead makes one of several records about the same scope and type, as assess
// understands them: the newest counts, of equally old ones the one that promises less,
// and what the others did not get of bodies was not got.
func asOneRead(told []posture.ReadRecord) []ledger.Read {
	places := map[readKey]int{}
	var all []ledger.Read
	for _, r := range told {
		key := keyOfRead(&r)
		at, ok := places[key]
		if !ok {
			places[key] = len(all)
			all = append(all, ledger.Read{Record: r})
			continue
		}
		all[at].Record = joinedReads(r, all[at].Record)
	}
	return all
}

func joinedReads(counts, other posture.ReadRecord) posture.ReadRecord {
	first := answered{read: ledger.Read{Record: counts}, reason: sayings(&counts)[0].reason}
	second := answered{read: ledger.Read{Record: other}, reason: sayings(&other)[0].reason}
	if !first.before(&second) {
		counts, other = other, counts
	}
	counts.Gaps = gapsOfBoth(counts, other)
	return counts
}

// gapsOfBoth gives the gaps of a record with what another one about the same did not get
// of bodies.
func gapsOfBoth(counts, other posture.ReadRecord) []posture.Gap {
	gaps := slices.Clone(counts.Gaps)
	for _, g := range other.Gaps {
		about := foldReadType(g.Type)
		if isOfType(&g) && (about == "" || about == foldReadType(counts.Type)) {
			g.Path, g.Body = posture.AllOfBody, false // the one that counts tells of the type
		}
		if !slices.Contains(gaps, g) {
			gaps = append(gaps, g)
		}
	}
	return gaps
}

// put keeps a read that came of what was told.
func (s *settling) put(r ledger.Read) {
	s.fresh[keyOfRead(&r.Record)] = true
	s.after.put(r)
}

// complete takes a read that has all of its type.
func (s *settling) complete(r *posture.ReadRecord) {
	own, now := keyOfRead(r), ledger.Read{Record: *r}
	for _, key := range slices.Clone(s.after.beneath[own.scope]) {
		k := s.after.rows[key]
		if typeName := foldReadType(r.Type); key != own && (s.fresh[key] || typeName != "" && typeName != foldReadType(k.Record.Type)) {
			continue
		}
		if !tried(&k).After(r.StartedAt) {
			s.after.remove(key)
		}
	}
	s.put(now)
	s.failedTypes(r)
	s.lift(r)
}

// replaces reports whether one record is about all that another is about, by their
// texts.
func replaces(r, o *posture.ReadRecord) bool {
	typeName := foldReadType(r.Type)
	return r.Complete && (r.Scope == "/" || liesIn(o.Scope, r.Scope)) && (typeName == "" || typeName == foldReadType(o.Type))
}

// lift takes gaps away that a newer complete read fills, from what is kept of its
// scope and above.
func (s *settling) lift(r *posture.ReadRecord) {
	typeName := foldReadType(r.Type)
	for distance, scope := range s.after.upFrom(r.Scope) {
		for _, key := range slices.Clone(s.after.at[scope]) {
			k := s.after.rows[key]
			if s.fresh[key] || tried(&k).After(r.StartedAt) {
				continue
			}
			s.cut(key, func(g *posture.Gap) bool {
				about := cmp.Or(foldReadType(g.Type), foldReadType(k.Record.Type))
				return (typeName == "" || about == typeName) && (distance == 0 || g.ID != "" && posture.Within(g.ID, r.Scope))
			})
			if distance == 0 || typeName != "" {
				continue
			}
			for _, said := range sayings(&k.Record)[1:] { // of a type, which goes before what is said here of every type
				if _, known := s.after.rows[readKey{posture.Fold(r.Scope), said.typeName}]; !known {
					s.put(ledger.Read{Record: s.narrowed(r, r.Scope, said.typeName)})
				}
			}
		}
	}
}

// cut takes gaps away from what is kept under a key.
func (s *settling) cut(key readKey, which func(*posture.Gap) bool) {
	r, ok := s.after.rows[key]
	if !ok {
		return
	}
	var gaps []posture.Gap // others may hold the ones that are there
	for _, g := range r.Record.Gaps {
		if !which(&g) {
			gaps = append(gaps, g)
		}
	}
	r.Record.Gaps = gaps
	s.after.rows[key] = r
}

// failed takes a read that does not have all of its type.
func (s *settling) failed(r *posture.ReadRecord, reason posture.Reason) {
	for _, g := range r.Gaps {
		if reason == posture.Partial && isOfType(&g) {
			reason = g.Reason // says more
		}
	}
	if said := (saying{foldReadType(r.Type), reason}); s.failedType(r.Scope, said, r.StartedAt) {
		s.failedFor(r, said)
		s.leaves(r, func(*posture.Gap) bool { return true })
		return // what was known stays
	}
	if k, ok := s.after.rows[keyOfRead(r)]; ok && k.Record.StartedAt.After(r.StartedAt) {
		return
	}
	s.put(ledger.Read{Record: *r})
	s.failedTypes(r)
}

// failedTypes takes what a read says that it does not have of single types. What is
// known of one stays, and the gap is no answer.
func (s *settling) failedTypes(r *posture.ReadRecord) {
	for _, said := range sayings(r)[1:] {
		if s.failedType(r.Scope, said, r.StartedAt) {
			of := func(g *posture.Gap) bool { return isOfType(g) && foldReadType(g.Type) == said.typeName }
			s.failedFor(r, said)
			s.leaves(r, of)
			s.cut(keyOfRead(r), of)
		}
	}
}

// failedType marks what is completely known of a type in a scope as stale, and
// reports whether it all is.
func (s *settling) failedType(scope string, said saying, at time.Time) bool {
	own := readKey{posture.Fold(scope), foldType(rowType(said.typeName))}
	for _, key := range s.before.beneath[own.scope] { // what is known of parts
		k := s.before.rows[key]
		typeName := k.Record.Type
		if kind := foldReadType(typeName); said.typeName != "" && kind != said.typeName {
			if kind != "" {
				continue
			}
			typeName = said.typeName
		}
		part := readKey{key.scope, foldType(typeName)}
		if _, told := s.told.rows[part]; told || part == own {
			continue
		}
		s.stale(s.before.answer(key.scope, foldReadType(typeName)), key.scope, typeName, said.reason, at)
	}
	a := s.before.answer(scope, said.typeName)
	if s.isNewUnit(scope, a) {
		return false
	}
	s.stale(a, scope, rowType(said.typeName), said.reason, at)
	return a.complete()
}

// stale keeps what is known of a type in a scope, if all was read before, under a row
// that says since when it is stale.
func (s *settling) stale(a *answered, scope, typeName string, reason posture.Reason, since time.Time) {
	if !a.complete() || a.read.Record.StartedAt.After(since) {
		return
	}
	now := ledger.Read{Record: s.narrowed(&a.read.Record, scope, typeName), Stale: reason, StaleSince: since}
	if a.read.Stale != posture.NoReason {
		if now.StaleSince = a.read.StaleSince; since.Before(a.read.StaleSince) {
			now.Stale = a.read.Stale // the newest says why
		}
	}
	s.put(now)
	s.failing[keyOfRead(&now.Record)] = true
}

// readAge is how old what was read of a type is, beside what is kept.
type readAge uint8

const (
	readNow          readAge = iota // nothing kept is newer
	readBeforeFailed                // a later read of it failed
	readLate                        // a later read of it was complete
)

// ageOf tells how old is what was told of a type in a scope, and which read told it. What
// no record is about was read now.
func (s *settling) ageOf(scope, typeName string) (readAge, readKey) {
	return s.ageBeside(scope, scope, typeName)
}

// ageBeside tells how old is what was told of a type in one scope beside what is kept of
// another.
func (s *settling) ageBeside(at, beside, typeName string) (readAge, readKey) {
	kind := foldReadType(typeName)
	told, kept := s.told.answer(at, kind), s.before.answer(beside, kind)
	switch {
	case told == nil || kept == nil:
		return readNow, readKey{}
	case kept.complete() && kept.read.Record.StartedAt.After(told.read.Record.StartedAt):
		return readLate, keyOfRead(&told.read.Record)
	case tried(&kept.read).After(told.read.Record.StartedAt):
		return readBeforeFailed, keyOfRead(&told.read.Record)
	}
	return readNow, readKey{}
}

// mayDelete reports whether something was told to have been read completely.
func (s *settling) mayDelete() bool {
	for _, r := range s.told.rows {
		if r.Record.Complete {
			return true
		}
	}
	return false
}

// deletes reports whether what was told has all of a type in a unit, and is newer than
// all that is kept, so that what it no longer has is gone.
func (s *settling) deletes(unit, typeName string) bool {
	age, _ := s.ageOf(unit, typeName)
	return age == readNow && !s.lost.mayBe(unit, typeName) && s.told.answer(unit, foldReadType(typeName)).hasAll(foldReadType(typeName))
}

// noticesOf tells which reads began too early to count, and how many resources of each
// were left out.
func (s *settling) noticesOf(left map[readKey]int) (notices []inventory.Problem) {
	words := func(r *posture.ReadRecord) (words string) {
		key := keyOfRead(r)
		if n := left[key]; n > 0 {
			words = fmt.Sprintf("; resources of it that were left out: %d", n)
		}
		delete(left, key)
		return words
	}
	for i := range s.late {
		l := &s.late[i]
		notices = append(notices, noticeOfRead(&l.told, "it started at %s, before the one of %s that is kept, so that it replaces and deletes nothing%s",
			l.told.StartedAt.Format(time.RFC3339), l.kept.Format(time.RFC3339), words(&l.told)))
	}
	for i := range s.broken {
		reason := "a part of the inputs could not be read; what may have been there stays as it was, marked as stale"
		if s.doubted[keyOfRead(&s.broken[i])] {
			reason = "a file could not be read, so it is not complete; what may have been there stays as it was, marked as stale"
		}
		notices = append(notices, noticeOfRead(&s.broken[i], "%s", reason))
	}
	for _, told := range s.told.all() { // that are newer in part
		if more := words(&told.Record); more != "" {
			notices = append(notices, noticeOfRead(&told.Record, "it started at %s, before other reads that are kept, which go before it%s", told.Record.StartedAt.Format(time.RFC3339), more))
		}
	}
	return notices
}

// rowType is the type of a row about a type as [foldReadType] gives it.
func rowType(typeName string) string { return cmp.Or(typeName, everyType) }

// narrowed is what a complete record says of a type in a scope.
func (s *settling) narrowed(r *posture.ReadRecord, scope, typeName string) posture.ReadRecord {
	one := posture.ReadRecord{Scope: scope, Type: typeName, Complete: true, StartedAt: r.StartedAt}
	wanted := foldReadType(typeName)
	for _, g := range s.after.tree.gapsIn(r.Gaps, scope) {
		about := foldReadType(g.Type)
		if wanted == foldReadType(r.Type) || about == wanted || about == "" && wanted != "" && foldReadType(r.Type) == "" && g.ID != "" {
			one.Gaps = append(one.Gaps, g)
		}
	}
	return one
}

// clockSkew is how much later than now a read may have begun by another clock.
const clockSkew = 5 * time.Minute

// dated gives records the time by which they are told apart: when they say that they
// began, or now. What they say wrongly is noted.
func dated(told []posture.ReadRecord, now time.Time) (all []posture.ReadRecord, wrong []inventory.Problem) {
	now = now.UTC().Truncate(time.Millisecond) // as it is kept
	for _, r := range told {
		began := r.StartedAt.UTC().Truncate(time.Millisecond)
		if began.After(now.Add(clockSkew)) {
			wrong = append(wrong, noticeOfRead(&r, "it is said to have started at %s, which is yet to come; taken as now", began.Format(time.RFC3339)))
		}
		if r.StartedAt.IsZero() || began.After(now) {
			began = now
		}
		r.StartedAt = began
		all = append(all, r)
	}
	return all, wrong
}

func noticeOfRead(r *posture.ReadRecord, format string, args ...any) inventory.Problem {
	return inventory.Problem{Notice: true, Reason: fmt.Sprintf("read of %s in %s: %s", cmp.Or(r.Type, everyType), r.Scope, fmt.Sprintf(format, args...))}
}
