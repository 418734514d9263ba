package store

import (
	"context"
	"database/sql"
	"encoding/hex"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// Finding is the outcome of one check, or one of the things that it found.
type Finding struct {
	Check   string // what was looked at
	OK      bool   // nothing was found; the rest is empty
	Finding string
	Remedy  string
}

// FromBackup is what helps against most damage.
const FromBackup = "restore the newest backup; what was read since is read again by the next import"

const judgeAgain = "judge again; if it stays, restore the newest backup"

// mostFindings is how many of one check are told.
const mostFindings = 20

// Damage is what is found of a database that [Open] refused with [ErrDamaged].
func Damage(err error) Finding {
	return Finding{Check: "database", Finding: err.Error(), Remedy: FromBackup}
}

// check is one of the things that [Store.Check] looks at.
type check struct {
	name, remedy string
	look         func(context.Context, *checking) error
}

// checks are all there are, the file or the server's tables first.
func (s *Store) checks() []check {
	return []check{
		{"database", FromBackup, s.checkDatabase},
		{"commits", FromBackup, s.checkCommits},
		{"intervals", FromBackup, s.checkIntervals},
		{"references", FromBackup, s.checkReferences},
		{"resources", FromBackup, s.checkResources},
		{"bodies", FromBackup, s.checkBodies},
		{"facts", FromBackup, s.checkFacts},
		{"documents", FromBackup, s.checkDocuments},
		{"verdicts", judgeAgain, s.checkTuples},
		{"judged resources", judgeAgain, s.checkJudged},
		{"access", FromBackup, s.checkAccess},
	}
}

// Check reads everything and says what is damaged; it changes nothing. A check
// that found nothing is one Finding that is OK. The error says that it could not
// look, not that something is wrong.
func (s *Store) Check(ctx context.Context) ([]Finding, error) {
	return s.run(ctx, s.checks())
}

func (s *Store) run(ctx context.Context, checks []check) ([]Finding, error) {
	if err := s.pool.PingContext(ctx); err != nil {
		return nil, fmt.Errorf("check %s: %w", s.place(), err)
	}
	var findings []Finding
	for _, c := range checks {
		at := &checking{}
		if err := c.look(ctx, at); err != nil {
			if ctx.Err() != nil {
				return nil, fmt.Errorf("check %s: %w", s.place(), ctx.Err())
			}
			at.found("cannot be read: %v", err)
		}
		if at.n == 0 {
			findings = append(findings, Finding{Check: c.name, OK: true})
		}
		if at.n > mostFindings {
			at.texts = append(at.texts, fmt.Sprintf("and %d more", at.n-mostFindings))
		}
		for _, text := range at.texts {
			findings = append(findings, Finding{Check: c.name, Finding: text, Remedy: c.remedy})
		}
	}
	return findings, nil
}

// checking gathers what one check finds.
type checking struct {
	n     int
	texts []string
}

func (c *checking) found(format string, args ...any) {
	if c.n++; c.n <= mostFindings {
		c.texts = append(c.texts, fmt.Sprintf(format, args...))
	}
}

func (s *Store) checkDatabase(ctx context.Context, c *checking) error {
	return s.reading(ctx, func(at *session) error {
		complaints, err := s.dialect.sound(ctx, at)
		for _, text := range complaints {
			c.found("%s", text)
		}
		return err
	})
}

func (s *Store) checkCommits(ctx context.Context, c *checking) error {
	return s.reading(ctx, func(at *session) error {
		var last, lastMs, lastResource int64
		return at.each(ctx, "SELECT number, at_ms, last_resource FROM commit_log ORDER BY number", nil, func(scan func(...any) error) error {
			var n, ms, resource int64
			err := scan(&n, &ms, &resource)
			switch {
			case n != last+1:
				c.found("commit %d follows %d", n, last)
			case ms < lastMs:
				c.found("commit %d is before commit %d in time", n, last)
			case resource < lastResource:
				c.found("commit %d knows fewer resources than commit %d", n, last)
			}
			last, lastMs, lastResource = n, ms, resource
			return err
		})
	})
}

func (s *Store) checkIntervals(ctx context.Context, c *checking) error {
	return s.reading(ctx, func(at *session) error {
		head, _, err := at.kept(ctx)
		if err != nil {
			return err
		}
		for _, in := range intervalTables {
			key := strings.Join(in.key, ", ")
			query := "SELECT " + in.key[len(in.key)-1] + ", since, until, coalesce(next, until) FROM (SELECT " + key + ", since, until, lead(since) OVER (PARTITION BY " + key +
				" ORDER BY since) AS next FROM " + in.table + ") x WHERE since >= until OR since > ? OR until > ? AND until < 4611686018427387904 OR until > 4611686018427387904 OR next < until"
			err := at.each(ctx, query, []any{int64(head), int64(head)}, func(scan func(...any) error) error {
				cells, err := scanCells(scan, 4)
				if err == nil {
					c.found("%s of %v holds from commit %v to %v, the next from %v, and the last commit is %d", in.table, cells[0], cells[1], cells[2], cells[3], head)
				}
				return err
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// references are columns whose numbers have to be in a table; 0 is none.
var references = []struct{ table, column, to string }{
	{"version", "resource", "resource"},
	{"version", "body", "body"},
	{"version", "facts", "facts"},
	{"judged", "resource", "resource"},
	{"judged", "tuple", "tuple"},
	{"body", "dictionary", "body_dictionary"},
	{"body", "type", "type_name"},
	{"resource", "type", "type_name"},
	{"resource", "unit", "scope_name"},
	{"resource", "grp", "scope_name"},
	{"read_record", "type", "type_name"},
	{"read_record", "scope", "scope_name"},
	{"loss", "type", "type_name"},
	{"loss", "scope", "scope_name"},
	{"scope", "id", "scope_name"},
	{"scope", "parent", "scope_name"},
	{"document", "scope", "scope_name"},
	{"unit_score", "unit", "scope_name"},
	{"role_assignment", "scope", "scope_name"},
	{"token", "scope", "scope_name"},
	{"effect", "unit", "scope_name"},
	{"effect", "number", "commit_log"},
	{"audit", "commit_number", "commit_log"},
}

func (s *Store) checkReferences(ctx context.Context, c *checking) error {
	for _, r := range references {
		err := s.reading(ctx, func(at *session) error {
			missing, err := at.column(ctx, "SELECT "+r.column+" FROM "+r.table+" WHERE "+r.column+" <> 0 EXCEPT SELECT number FROM "+r.to)
			for _, n := range missing {
				c.found("%s refers to %s %d, which is not there", r.table, r.to, n)
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) checkResources(ctx context.Context, c *checking) error {
	return s.reading(ctx, func(at *session) error {
		var last int64
		var former []int64
		if _, err := at.one(ctx, "SELECT last_resource FROM commit_log ORDER BY number DESC LIMIT 1", nil, &last); err != nil {
			return err
		}
		err := at.each(ctx, `SELECT r.number, r.key, r.id, t.name, u.name, r.region FROM resource r
			LEFT JOIN type_name t ON t.number = r.type LEFT JOIN scope_name u ON u.number = r.unit`, nil, func(scan func(...any) error) error {
			var n, key int64
			var id, region string
			var kind, unit sql.NullString // of none, which is found elsewhere
			if err := scan(&n, &key, &id, &kind, &unit, &region); err != nil {
				return err
			}
			switch of := ledger.KeyOf(posture.IdentityOf(id, kind.String, unit.String, region)); uint64(key) {
			case of:
			case ledger.FormerKey(of, uint32(n)):
				former = append(former, n)
			default:
				c.found("resource %d has another key than its id %q", n, id)
			}
			if n > last {
				c.found("resource %d is not known to the last commit", n)
			}
			return nil
		})
		if err != nil {
			return err
		}
		return eachOf(ctx, at, "SELECT resource FROM version WHERE until = 4611686018427387904 AND resource IN ", nil, former, func(scan func(...any) error) error {
			var n int64
			err := scan(&n)
			if err == nil {
				c.found("resource %d is there, and its id has another number", n)
			}
			return err
		})
	})
}

// checkJudged looks whether each resource has verdicts for as long as it is there, and
// no longer. What was given up of the history does not count.
func (s *Store) checkJudged(ctx context.Context, c *checking) error {
	return s.reading(ctx, func(at *session) error {
		_, oldest, err := at.kept(ctx)
		if err != nil {
			return err
		}
		n := int64(oldest)
		// Intervals of one resource do not overlap, so that equal ends and lengths are
		// equal times.
		times := func(table string) string {
			return "SELECT resource, CAST(sum(until - CASE WHEN since < ? THEN ? ELSE since END) AS BIGINT), min(CASE WHEN since < ? THEN ? ELSE since END), max(until) FROM " + table + " WHERE until > ? GROUP BY resource"
		}
		args := []any{n, n, n, n, n, n, n, n, n, n}
		version, judged := times("version"), times("judged")
		query := "SELECT resource FROM (" + version + " EXCEPT " + judged + ") x UNION SELECT resource FROM (" + judged + " EXCEPT " + version + ") y ORDER BY 1"
		numbers, err := at.column(ctx, query, slices.Concat(args, args)...)
		if err != nil {
			return err
		}
		for _, number := range numbers {
			c.found("resource %d has verdicts at other times than it is there", number)
		}
		if oldest > 0 {
			return nil // resources without any are swept later
		}
		numbers, err = at.column(ctx, "SELECT number FROM resource EXCEPT SELECT resource FROM version ORDER BY 1")
		for _, number := range numbers {
			c.found("resource %d was never there", number)
		}
		return err
	})
}

// numbersFrom gives the numbers of a table's rows, some at a time.
func (s *Store) numbersFrom(ctx context.Context, table string) iter.Seq2[[]int64, error] {
	return func(yield func([]int64, error) bool) {
		for last := int64(0); ; {
			var some []int64
			err := s.reading(ctx, func(at *session) (err error) {
				some, err = at.column(ctx, "SELECT number FROM "+table+" WHERE number > ? ORDER BY number LIMIT 200", last)
				return err
			})
			if len(some) == 0 && err == nil || !yield(some, err) || err != nil {
				return
			}
			last = some[len(some)-1]
		}
	}
}

func (s *Store) checkBodies(ctx context.Context, c *checking) error {
	for some, err := range s.numbersFrom(ctx, "body") {
		if err != nil {
			return err
		}
		err := s.reading(ctx, func(at *session) error {
			for _, n := range some {
				// One by one, so that one that is damaged does not hide others.
				found, err := s.readBodies(ctx, at, []int64{n})
				if err != nil {
					c.found("%v", err)
				} else if b := found[n]; ledger.HashOf(b.Record) != b.Hash {
					c.found("body %d is not what its hash says", n)
				}
			}
			return ctx.Err()
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) checkFacts(ctx context.Context, c *checking) error {
	return s.checkHashes(ctx, c, "SELECT 'facts ' || number, hash, json FROM facts", func(text any) []byte { return []byte(text.(string)) })
}

func (s *Store) checkDocuments(ctx context.Context, c *checking) error {
	return s.checkHashes(ctx, c, "SELECT kind || ' ' || id, hash, text FROM document", func(text any) []byte { return text.([]byte) })
}

// checkHashes compares hashes with contents; the query gives a name, the hash
// and the content.
func (s *Store) checkHashes(ctx context.Context, c *checking, query string, bytes func(any) []byte) error {
	return s.reading(ctx, func(at *session) error {
		return at.each(ctx, query, nil, func(scan func(...any) error) error {
			cells, err := scanCells(scan, 3)
			if err != nil {
				return err
			}
			hash, _ := cells[1].([]byte)
			if sum := ledger.HashOf(bytes(cells[2])); hex.EncodeToString(hash) != hex.EncodeToString(sum[:]) {
				c.found("%v is not what its hash says", cells[0])
			}
			return nil
		})
	})
}

func (s *Store) checkTuples(ctx context.Context, c *checking) error {
	evaluations, err := s.Evaluations(ctx)
	if err != nil {
		return err
	}
	known := map[uint32]bool{}
	for _, e := range evaluations {
		known[e.Number] = true
	}
	return s.reading(ctx, func(at *session) error {
		return at.each(ctx, "SELECT number, hash, verdicts FROM tuple", nil, func(scan func(...any) error) error {
			var n int64
			var hash, data []byte
			if err := scan(&n, &hash, &data); err != nil {
				return err
			}
			verdicts, err := decodeTuple(data)
			sum := ledger.HashOf(data)
			if err != nil || string(sum[:]) != string(hash) {
				c.found("tuple %d is not what its hash says", n)
			}
			for _, v := range verdicts {
				if !known[v.Evaluation] {
					c.found("tuple %d refers to evaluation %d, which is not there", n, v.Evaluation)
				}
			}
			return nil
		})
	})
}

// belongings are rows that belong to something that is there now; each query
// gives those that do not.
var belongings = []struct{ what, query string }{
	{"role assignment %s gives a role to a principal that is not there", "SELECT a.id FROM role_assignment a LEFT JOIN principal p ON p.id = a.principal AND p." + isNow + " WHERE a." + isNow + " AND p.id IS NULL"},
	{"token %s belongs to a principal that is not there", "SELECT t.id FROM token t LEFT JOIN principal p ON p.id = t.principal AND p." + isNow + " WHERE t." + isNow + " AND p.id IS NULL"},
	{"token %s was made by one that is not there", "SELECT t.id FROM token t LEFT JOIN token m ON m.id = t.made_by AND m." + isNow + " WHERE t." + isNow + " AND t.made_by <> '' AND m.id IS NULL"},
	{"token %s has no secret", "SELECT t.id FROM token t LEFT JOIN token_secret x ON x.id = t.id WHERE t." + isNow + " AND x.id IS NULL"},
	{"the secret of token %s is kept although it was revoked", "SELECT x.id FROM token_secret x LEFT JOIN token t ON t.id = x.id AND t." + isNow + " WHERE t.id IS NULL"},
	{"principal %s has a password and is not there", "SELECT x.principal FROM password x LEFT JOIN principal p ON p.id = x.principal AND p." + isNow + " WHERE p.id IS NULL"},
}

func (s *Store) checkAccess(ctx context.Context, c *checking) error {
	return s.reading(ctx, func(at *session) error {
		for _, b := range belongings {
			names, err := at.names(ctx, b.query)
			if err != nil {
				return err
			}
			for _, name := range names {
				c.found(b.what, name)
			}
		}
		return nil
	})
}
