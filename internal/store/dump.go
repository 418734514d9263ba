package store

import (
	"bufio"
	"cmp"
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// Dump writes all that holds as of commit n as lines of text, in an order of
// their own and without what differs between two ways to the same state: times,
// numbers, the spelling of words that compare alike. Equal dumps are equal
// states.
func (s *Store) Dump(ctx context.Context, w io.Writer, n ledger.Number) error {
	d := dumper{store: s, n: n, to: bufio.NewWriter(w), tuples: map[int64][]string{}}
	for _, part := range []func(context.Context) error{d.scopes, d.documents, d.reads, d.losses, d.scores, d.access, d.resources} {
		if err := part(ctx); err != nil {
			return fmt.Errorf("dump commit %d: %w", n, err)
		}
	}
	return d.to.Flush()
}

// dumper writes one dump.
type dumper struct {
	store       *Store
	n           ledger.Number
	to          *bufio.Writer
	evaluations []ledger.Evaluation
	tuples      map[int64][]string // lines of each that was met
}

// lines writes lines in their order.
func (d *dumper) lines(lines []string) error {
	slices.Sort(lines)
	for _, line := range lines {
		if _, err := d.to.WriteString(line + "\n"); err != nil {
			return err
		}
	}
	return nil
}

func (d *dumper) scopes(ctx context.Context) error {
	scopes, err := d.store.Scopes(ctx, d.n)
	if err != nil {
		return err
	}
	var lines []string
	for _, c := range scopes {
		lines = append(lines, fmt.Sprintf("scope %q parent=%q kind=%s name=%q cloud=%s named=%d", foldScope(c.ID), foldScope(c.Parent), c.Kind, c.Name, c.Cloud, c.Named))
	}
	return d.lines(lines)
}

func (d *dumper) documents(ctx context.Context) error {
	documents, err := d.store.Documents(ctx, d.n, "")
	if err != nil {
		return err
	}
	var lines []string
	for _, c := range documents {
		lines = append(lines, fmt.Sprintf("document %s %q name=%q scope=%q text=%x", c.Kind, c.ID, c.Name, foldScope(c.Scope), ledger.HashOf(c.Text)))
	}
	return d.lines(lines)
}

func (d *dumper) reads(ctx context.Context) error {
	reads, err := d.store.Reads(ctx, d.n)
	if err != nil {
		return err
	}
	var lines []string
	for _, r := range reads {
		var gaps []string
		for _, g := range r.Record.Gaps {
			gaps = append(gaps, fmt.Sprintf("%s %q %q %q %q %t", g.Reason, g.Type, g.ID, g.Path, g.Action, g.Body))
		}
		slices.Sort(gaps)
		lines = append(lines, fmt.Sprintf("read %q type=%q complete=%t stale=%q gaps=[%s]",
			foldScope(r.Record.Scope), foldType(r.Record.Type), r.Record.Complete, r.Stale.String(), strings.Join(gaps, "; ")))
	}
	return d.lines(lines)
}

func (d *dumper) losses(ctx context.Context) error {
	losses, err := d.store.Losses(ctx, d.n)
	if err != nil {
		return err
	}
	var lines []string
	for _, l := range losses {
		lines = append(lines, fmt.Sprintf("loss %q type=%q total=%d places=%+v", foldScope(l.Scope), foldType(l.Type), l.Total, l.Places))
	}
	return d.lines(lines)
}

func (d *dumper) scores(ctx context.Context) error {
	scores, err := d.store.UnitScores(ctx, d.n)
	if err != nil {
		return err
	}
	var lines []string
	for _, u := range scores {
		lines = append(lines, fmt.Sprintf("score %q weight=%d", foldScope(u.Unit), u.Weight))
		for _, c := range u.Controls {
			lines = append(lines, fmt.Sprintf("score %q control=%q healthy=%d unhealthy=%d unknown=%d", foldScope(u.Unit), c.Control, c.Healthy, c.Unhealthy, c.Unknown))
		}
	}
	return d.lines(lines)
}

// access writes who may do what, by names: ids are random, and secrets nobody's
// business.
func (d *dumper) access(ctx context.Context) error {
	var principals []access.Principal
	var assignments []access.RoleAssignment
	var tokens []access.Token
	err := d.store.view(ctx, d.n, func(at *session) (err error) {
		n := int64(d.n)
		if principals, err = at.principals(ctx, "since <= ? AND until > ?", n, n); err != nil {
			return err
		}
		if assignments, err = d.store.readAssignments(ctx, at, "since <= ? AND until > ?", n, n); err != nil {
			return err
		}
		tokens, err = d.store.readTokens(ctx, at, "t.since <= ? AND t.until > ?", n, n)
		return err
	})
	if err != nil {
		return err
	}
	named := map[string]string{}
	var lines []string
	for _, p := range principals {
		named[p.ID] = fmt.Sprintf("%s %q", p.Kind, access.Fold(p.Name))
		lines = append(lines, fmt.Sprintf("principal %s disabled=%t", named[p.ID], p.Disabled))
	}
	for _, a := range assignments {
		lines = append(lines, fmt.Sprintf("role %s at %q of %s", a.Role, foldScope(a.Scope), named[a.Principal]))
	}
	for _, t := range tokens {
		line := fmt.Sprintf("token %s %q of %s", t.Kind, t.Name, named[t.Principal])
		if t.Limit != nil {
			line += fmt.Sprintf(" role=%s at %q", t.Limit.Role, foldScope(t.Limit.Scope))
		}
		if t.MadeBy != "" {
			line += " made by another"
		}
		lines = append(lines, line)
	}
	return d.lines(lines)
}

// resources writes what is known of resources, unit by unit: that is what is in
// memory at a time.
func (d *dumper) resources(ctx context.Context) (err error) {
	if d.evaluations, err = d.store.Evaluations(ctx); err != nil {
		return err
	}
	units := map[string]int64{}
	err = d.store.reading(ctx, func(at *session) error {
		numbers := map[int64]bool{}
		err := at.each(ctx, "SELECT DISTINCT unit FROM resource", nil, func(scan func(...any) error) error {
			var n int64
			err := scan(&n)
			numbers[n] = true
			return err
		})
		if err == nil {
			err = d.store.scopes.spell(ctx, at, numbers)
		}
		for n := range numbers {
			units[foldScope(d.store.scopes.name(n))] = n
		}
		return err
	})
	if err != nil {
		return err
	}
	for _, unit := range slices.Sorted(maps.Keys(units)) {
		if err := d.unit(ctx, units[unit]); err != nil {
			return err
		}
	}
	return nil
}

// dumped is what a dump tells of one resource.
type dumped struct {
	resourceRow
	hash  []byte // nil without a version
	facts string
	tuple int64
}

func (d *dumper) unit(ctx context.Context, unit int64) error {
	var rows []dumped
	var wanted []int64
	err := d.store.view(ctx, d.n, func(at *session) (err error) {
		if rows, err = d.rows(ctx, at, unit); err != nil {
			return err
		}
		for _, r := range rows {
			if _, met := d.tuples[r.tuple]; !met && r.tuple != 0 {
				d.tuples[r.tuple] = nil
				wanted = append(wanted, r.tuple)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	tuples, err := d.store.TuplesOf(ctx, wanted)
	if err != nil {
		return err
	}
	for _, t := range tuples {
		if d.tuples[t.Number], err = d.verdicts(t); err != nil {
			return err
		}
	}
	slices.SortFunc(rows, func(a, b dumped) int { return cmp.Compare(posture.Fold(a.ID), posture.Fold(b.ID)) })
	for _, r := range rows {
		if err := d.resource(r); err != nil {
			return err
		}
	}
	return nil
}

func (d *dumper) rows(ctx context.Context, at *session, unit int64) ([]dumped, error) {
	const query = "SELECT " + resourceColumns + `, b.hash, coalesce(f.json, ''), coalesce(j.tuple, 0) FROM resource r
		LEFT JOIN version v ON v.resource = r.number AND +v.since <= ? AND +v.until > ?
		LEFT JOIN body b ON b.number = v.body LEFT JOIN facts f ON f.number = v.facts
		LEFT JOIN judged j ON j.resource = r.number AND +j.since <= ? AND +j.until > ?
		WHERE r.unit = ? AND (v.resource IS NOT NULL OR j.resource IS NOT NULL)`
	n := int64(d.n)
	var rows []dumped
	var resources []resourceRow
	err := at.each(ctx, query, []any{n, n, n, n, unit}, func(scan func(...any) error) error {
		var r dumped
		err := scan(append(r.scanned(new(int64)), &r.hash, &r.facts, &r.tuple)...)
		rows, resources = append(rows, r), append(resources, r.resourceRow)
		return err
	})
	if err == nil {
		err = d.store.spellResources(ctx, at, resources)
	}
	for i := range rows {
		rows[i].resourceRow = resources[i]
	}
	return rows, err
}

func (d *dumper) resource(r dumped) error {
	_, err := fmt.Fprintf(d.to, "resource %q type=%q unit=%q group=%q name=%q cloud=%s body=%s facts=%s\n",
		posture.Fold(r.ID), foldType(r.Type), foldScope(r.Unit), foldScope(r.Group), r.Name, r.Cloud, hex.EncodeToString(r.hash), r.facts)
	if err != nil {
		return err
	}
	return d.lines(d.tuples[r.tuple])
}

func (d *dumper) verdicts(t ledger.Tuple) ([]string, error) {
	var lines []string
	for _, v := range t.Verdicts {
		if int(v.Evaluation) > len(d.evaluations) {
			return nil, fmt.Errorf("tuple %d: evaluation %d is not there", t.Number, v.Evaluation)
		}
		e := d.evaluations[v.Evaluation-1]
		lines = append(lines, fmt.Sprintf("  verdict %q parameters=%q definition=%x state=%s reason=%q", e.Rule, e.Parameters, e.Definition, v.State, v.Reason.String()))
	}
	return lines, nil
}
