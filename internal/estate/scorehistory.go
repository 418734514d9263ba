package estate

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/internal/score"
)

// ScoreRows are the rows that a history of scores is read from.
type ScoreRows interface {
	UnitScores(ctx context.Context, n ledger.Number) ([]ledger.UnitScore, error)
	Scopes(ctx context.Context, n ledger.Number) ([]ledger.ScopeVersion, error)
	Documents(ctx context.Context, n ledger.Number, kind ledger.DocumentKind) ([]ledger.DocumentVersion, error)
	Commits(ctx context.Context, from, to ledger.Number) ([]ledger.Commit, error)
	Effects(ctx context.Context, from, to ledger.Number) ([]ledger.Effect, error)
	ScoresChanged(ctx context.Context, from, to ledger.Number) ([]ledger.UnitScore, error)
	ScopesChanged(ctx context.Context, from, to ledger.Number) ([]ledger.ScopeVersion, error)
}

// ScoreHistory is asked how the score of a scope came to be what it is.
type ScoreHistory struct {
	Rows     ScoreRows
	Controls []score.Control // of now: they count where nothing says which were then
	Scope    string          // "/", a unit, or what stands above units
	// Sees says whether who asks sees all of a unit, by a tree. Others are left out.
	Sees func(unit string, tree *access.Tree) bool
}

// ScoreMove is what one commit did to the score of a scope.
type ScoreMove struct {
	Commit  ledger.Commit // of the first one, by which nothing is told, the number only
	Percent float64       // after it, as it is printed
	Has     bool          // there is a score
	Weight  int           // of all units that count
	Causes  []ScoreCause
	// Seen says that who asks sees all units that the commit did something to.
	Seen bool
}

// ScoreCause is what one thing did to the score of a scope.
type ScoreCause struct {
	Kind   ledger.CauseKind
	Object string // as in [ledger.Effect]; [ByWeight], or the unit that came or went
	Unit   string
	// Points are percentage points of the whole; those of a move add up to the
	// difference of the printed scores.
	Points float64
	Exact  float64 // Points before they were rounded
	// UnitPoints are percentage points of the unit's own score, 0 for a weight.
	UnitPoints float64
	// Before and Now are the checks that count in the unit, of a weight only.
	Before, Now int
}

// ByWeight is the object of causes by which a unit has another share in the whole.
const ByWeight = "weight"

// commitsRead is for how many commits rows are read at once.
const commitsRead = 500

// Moves gives the score as of a commit, and then every commit after it, up to and
// with another, that changed the score of a unit in the scope or what is in the scope.
// It reads the units and scopes of the first commit once, and then what changed.
func (h *ScoreHistory) Moves(ctx context.Context, from, to ledger.Number) iter.Seq2[ScoreMove, error] {
	return func(yield func(ScoreMove, error) bool) {
		w, err := h.begin(ctx, from)
		if err != nil {
			yield(ScoreMove{}, fmt.Errorf("history of the score of %s: %w", h.Scope, err))
			return
		}
		if !yield(w.move(ledger.Commit{Number: from}), nil) {
			return
		}
		for ; from < to; from += commitsRead {
			some, err := h.read(ctx, from, min(from+commitsRead, to))
			if err != nil {
				yield(ScoreMove{}, fmt.Errorf("history of the score of %s: %w", h.Scope, err))
				return
			}
			for i := range some.commits {
				if move, did := w.take(some.commits[i], some); did && !yield(move, nil) {
					return
				}
			}
		}
	}
}

// unitStanding is a unit on the way through history.
type unitStanding struct {
	unit   string
	ratio  int64 // hundredths of a percent
	weight int64 // 0 without a score
	within bool  // the scope, and it is seen
}

func (u *unitStanding) standing() score.Standing {
	if !u.within {
		return score.Standing{}
	}
	return score.Standing{Ratio: u.ratio, Weight: u.weight}
}

// scoreWalk goes through history, commit by commit.
type scoreWalk struct {
	*ScoreHistory
	controls []score.Control // of when it began
	tree     *access.Tree
	children map[string]map[string]bool // folded ids
	units    map[string]*unitStanding   // by folded id
	mean     score.Mean
}

func (h *ScoreHistory) begin(ctx context.Context, from ledger.Number) (*scoreWalk, error) {
	w := &scoreWalk{ScoreHistory: h, controls: h.Controls, children: map[string]map[string]bool{}, units: map[string]*unitStanding{}}
	documents, err := h.Rows.Documents(ctx, from, ledger.Catalogue)
	if err != nil {
		return nil, err
	}
	kept, err := keptCatalogue(documents)
	if err != nil {
		return nil, err
	}
	if kept != nil {
		w.controls = kept.content().Controls
	}
	scopes, err := h.Rows.Scopes(ctx, from)
	if err != nil {
		return nil, err
	}
	w.tree = access.NewTree(nil)
	for _, s := range scopes {
		w.plant(s.Scope)
	}
	scores, err := h.Rows.UnitScores(ctx, from)
	for i := range scores {
		u := w.unit(scores[i].Unit)
		now := ScoreOf(w.controls, scores[i])
		u.ratio = hundredths(now.Percent)
		u.weight = w.weightOf(&scores[i])
		w.place(u)
		w.mean.Add(u.standing())
	}
	return w, err
}

func hundredths(points float64) int64 { return int64(math.RoundToEven(points * 100)) }

// weightOf is the weight of a unit, 0 if it has no score.
func (w *scoreWalk) weightOf(u *ledger.UnitScore) int64 {
	if !ScoreOf(w.controls, *u).HasScore && !ScoreOf(w.Controls, *u).HasScore {
		return 0
	}
	return int64(u.Weight)
}

// unit finds a unit, or makes it.
func (w *scoreWalk) unit(id string) *unitStanding {
	folded := posture.Fold(id)
	u := w.units[folded]
	if u == nil {
		u = &unitStanding{unit: id}
		w.units[folded] = u
	}
	return u
}

// place finds out whether a unit counts.
func (w *scoreWalk) place(u *unitStanding) {
	u.within = w.tree.Covers(w.Scope, u.unit) && w.Sees(u.unit, w.tree)
}

// plant takes a scope into the tree.
func (w *scoreWalk) plant(s posture.Scope) {
	w.uproot(s.ID)
	w.tree.Set(s)
	parent := posture.Fold(s.Parent)
	if w.children[parent] == nil {
		w.children[parent] = map[string]bool{}
	}
	w.children[parent][posture.Fold(s.ID)] = true
}

func (w *scoreWalk) uproot(id string) {
	if s, known := w.tree.Scope(id); known {
		delete(w.children[posture.Fold(s.Parent)], posture.Fold(id))
		w.tree.Remove(id)
	}
}

// beneath adds the units at and below a scope.
func (w *scoreWalk) beneath(id string, into map[string]bool) {
	all, met := []string{posture.Fold(id)}, map[string]bool{posture.Fold(id): true}
	for i := 0; i < len(all); i++ {
		if w.units[all[i]] != nil {
			into[all[i]] = true
		}
		for child := range w.children[all[i]] {
			if !met[child] {
				met[child] = true
				all = append(all, child)
			}
		}
	}
}

// changes are the rows of some commits.
type changes struct {
	commits []ledger.Commit
	effects map[ledger.Number][]ledger.Effect
	scores  map[ledger.Number][]ledger.UnitScore    // that began or ended then
	scopes  map[ledger.Number][]ledger.ScopeVersion // that began or ended then
}

func (h *ScoreHistory) read(ctx context.Context, from, to ledger.Number) (*changes, error) {
	c := &changes{effects: map[ledger.Number][]ledger.Effect{}, scores: map[ledger.Number][]ledger.UnitScore{}, scopes: map[ledger.Number][]ledger.ScopeVersion{}}
	var err error
	if c.commits, err = h.Rows.Commits(ctx, from, to); err != nil {
		return nil, err
	}
	effects, err := h.Rows.Effects(ctx, from, to)
	if err != nil {
		return nil, err
	}
	for _, e := range effects {
		c.effects[e.Commit] = append(c.effects[e.Commit], e)
	}
	scores, err := h.Rows.ScoresChanged(ctx, from, to)
	if err != nil {
		return nil, err
	}
	for _, row := range scores {
		c.scores[row.Since] = append(c.scores[row.Since], row)
		c.scores[row.Until] = append(c.scores[row.Until], row)
	}
	scopes, err := h.Rows.ScopesChanged(ctx, from, to)
	for _, row := range scopes {
		c.scopes[row.Since] = append(c.scopes[row.Since], row)
		c.scopes[row.Until] = append(c.scopes[row.Until], row)
	}
	return c, err
}

// take takes the walk over a commit. It gives what that did to the score, if it did
// anything in the scope.
func (w *scoreWalk) take(c ledger.Commit, of *changes) (move ScoreMove, did bool) {
	moved := w.replant(c.Number, of.scopes[c.Number])
	touched := maps.Clone(moved)
	effects := map[string][]ledger.Effect{}
	for _, e := range of.effects[c.Number] {
		folded := posture.Fold(e.Unit)
		w.unit(e.Unit)
		effects[folded] = append(effects[folded], e)
		touched[folded] = true
	}
	weights := map[string]int64{}
	for i := range of.scores[c.Number] {
		row := &of.scores[c.Number][i]
		folded := posture.Fold(row.Unit)
		w.unit(row.Unit)
		touched[folded] = true
		if row.Since == c.Number {
			weights[folded] = w.weightOf(row)
		} else if _, begun := weights[folded]; !begun {
			weights[folded] = 0
		}
	}
	seen := true
	var turns []unitTurn
	for _, folded := range slices.Sorted(maps.Keys(touched)) {
		weight, changed := weights[folded]
		t := w.turn(folded, effects[folded], weight, changed)
		seen = seen && (t.unit.within || t.wasWithin || w.Sees(t.unit.unit, w.tree))
		if t.counts(changed) {
			turns = append(turns, t)
		}
	}
	if len(turns) == 0 {
		return ScoreMove{}, false
	}
	causes := w.causes(c, turns)
	move = w.move(c)
	move.Causes, move.Seen = causes, seen
	return move, true
}

// replant changes the tree, and gives the units that may stand elsewhere now.
func (w *scoreWalk) replant(n ledger.Number, rows []ledger.ScopeVersion) map[string]bool {
	moved := map[string]bool{}
	begun := map[string]bool{}
	for _, row := range rows {
		if row.Since == n {
			begun[row.ID] = true
		}
	}
	for _, row := range rows {
		switch known, was := w.tree.Scope(row.ID); {
		case row.Since == n && was && posture.Fold(known.Parent) == posture.Fold(row.Parent) && known.Kind == row.Kind:
			w.tree.Set(row.Scope) // it has another name
			continue
		case row.Since == n:
			w.plant(row.Scope)
		case !begun[row.ID]:
			w.uproot(row.ID)
		}
		w.beneath(row.ID, moved)
	}
	return moved
}

// unitTurn is what a commit did to one unit.
type unitTurn struct {
	score.Turn
	unit      *unitStanding
	effects   []ledger.Effect // on its number
	weights   []ledger.Effect // on its weight, where they tell it
	wasWithin bool
}

// counts says whether it belongs to the history of the scope.
func (t *unitTurn) counts(row bool) bool {
	in := t.unit.within || t.wasWithin
	return in && (row || len(t.effects)+len(t.weights) > 0) || t.Before != t.Now
}

func (w *scoreWalk) turn(folded string, effects []ledger.Effect, weight int64, changed bool) unitTurn {
	u := w.units[folded]
	t := unitTurn{unit: u, wasWithin: u.within}
	t.Before = u.standing()
	had := u.weight > 0
	for _, e := range effects {
		if e.Weight != 0 {
			t.weights = append(t.weights, e)
		}
		if e.Points == 0 && e.Weight != 0 {
			continue
		}
		t.effects = append(t.effects, e)
		points := hundredths(e.Points)
		u.ratio += points
		t.Effects = append(t.Effects, points)
	}
	if changed {
		u.weight = weight
	}
	w.place(u)
	t.Now = u.standing()
	if came, went := u.within && !t.wasWithin, t.wasWithin && !u.within; came && had || went && u.weight > 0 {
		t.Effects = nil // it moved; its own score says nothing of that
	}
	return t
}

// causes takes the mean over the turns of a commit, and gives their causes.
func (w *scoreWalk) causes(c ledger.Commit, turns []unitTurn) []ScoreCause {
	own := make([]score.Turn, len(turns))
	for i := range turns {
		own[i] = turns[i].Turn
	}
	var causes []ScoreCause
	for _, step := range w.mean.Move(own) {
		t := &turns[step.Turn]
		if step.Effect == score.ByWeight {
			causes = append(causes, t.byWeight(c, step.Points, step.Exact)...)
			continue
		}
		e := t.effects[step.Effect]
		causes = append(causes, ScoreCause{Kind: e.Cause, Object: e.Object, Unit: t.unit.unit, Points: step.Points, Exact: step.Exact, UnitPoints: e.Points})
	}
	if len(causes) == 0 { // by which the number stays, or there is none
		for i := range turns {
			t := &turns[i]
			if t.Before.Weight != t.Now.Weight {
				causes = append(causes, t.byWeight(c, 0, 0)...)
			}
		}
	}
	slices.SortStableFunc(causes, func(a, b ScoreCause) int { return compareText(a.Unit, b.Unit) })
	return causes
}

// byWeight are the causes by which a unit has another weight: that of each document
// where several ended and the effects tell what each did, by its part of the change.
func (t *unitTurn) byWeight(c ledger.Commit, points, exact float64) []ScoreCause {
	change := 0
	for _, e := range t.weights {
		change += e.Weight
	}
	whole := ScoreCause{Unit: t.unit.unit, Points: points, Exact: exact, Before: int(t.Before.Weight), Now: int(t.Now.Weight)}
	if whole.Kind, whole.Object = t.weighed(c); t.wasWithin != t.unit.within || change == 0 || change != whole.Now-whole.Before {
		return []ScoreCause{whole}
	}
	var causes []ScoreCause
	sum, told := 0, 0.0
	for i, e := range t.weights {
		part := ScoreCause{Kind: e.Cause, Object: ByWeight, Unit: whole.Unit, Before: whole.Before + sum, Exact: exact * float64(e.Weight) / float64(change)}
		if sum += e.Weight; whole.Before == 0 || whole.Now == 0 {
			part.Object = e.Object
		}
		part.Now = whole.Before + sum
		next := points
		if i < len(t.weights)-1 {
			next = float64(hundredths(exact*float64(sum)/float64(change))) / 100
		}
		part.Points = float64(hundredths(next-told)) / 100
		told = next
		causes = append(causes, part)
	}
	return causes
}

// weighed says why a unit has another weight, where effects do not tell.
func (t *unitTurn) weighed(c ledger.Commit) (kind ledger.CauseKind, object string) {
	switch {
	case t.wasWithin != t.unit.within:
		return ledger.Scope, t.unit.unit
	case len(t.effects) > 0 && (t.Before.Weight == 0 || t.Now.Weight == 0):
		return t.effects[0].Cause, t.effects[0].Object
	case len(t.effects) > 0:
		return t.effects[0].Cause, ByWeight
	case c.Kind == ledger.Document && (t.Before.Weight == 0 || t.Now.Weight == 0):
		return usualCause(c), c.Object
	}
	return usualCause(c), ByWeight
}

// usualCause is what a commit does to checks where no effect says so.
func usualCause(c ledger.Commit) ledger.CauseKind {
	switch {
	case c.Kind == ledger.Import:
		return ledger.Estate
	case c.Kind == ledger.Document:
		kind, _, _ := strings.Cut(c.Words, " ") // the words of a document begin with its kind
		return causeOf(ledger.DocumentKind(kind))
	case c.Object == expiries && !strings.Contains(c.Words, string(ledger.ExemptionOf)): // see [endedWords]
		return ledger.Attestation
	case c.Object == expiries:
		return ledger.Exemption
	}
	return ledger.Rules
}

func (w *scoreWalk) move(c ledger.Commit) ScoreMove {
	m := ScoreMove{Commit: c, Weight: w.mean.Weight()}
	m.Percent, m.Has = w.mean.Percent()
	return m
}
