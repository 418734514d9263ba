// Command storedesign compares two ways to keep the verdicts of an estate in
// SQLite, with the figures that docs/decisions/0011-posture-store.md argues
// with. It is a module of its own.
//
//	go run . --resources 1000000
//
// "rows" keeps one row a verdict and interval. "tuples" keeps one row a resource
// and interval, which points to the tuple of all its verdicts; equal tuples are
// kept once.
package main

import (
	"database/sql"
	"encoding/binary"
	"flag"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/RoaringBitmap/roaring/v2"
	_ "modernc.org/sqlite"
)

const (
	types    = 120
	rules    = 15      // of each type
	always   = 1 << 40 // the end of an interval that has none yet
	pageRows = 50      // of one INSERT
)

// estate is who has which verdicts: state 0 healthy, 1 unhealthy, 2 unknown.
type estate struct {
	kind   []uint8 // type of each resource
	states [][rules]uint8
}

func newEstate(n int) *estate {
	r := rand.New(rand.NewPCG(1, 2))
	e := &estate{make([]uint8, n), make([][rules]uint8, n)}
	var fail [types][rules]float64
	for t := range fail {
		for k := range fail[t] {
			fail[t][k] = r.Float64() * r.Float64() * 0.6
		}
	}
	for i := range n {
		t := int(float64(types) * r.Float64() * r.Float64())
		e.kind[i] = uint8(t)
		unread := r.Float64() < 0.02
		for k := range rules {
			switch {
			case unread:
				e.states[i][k] = 2
			case r.Float64() < fail[t][k]:
				e.states[i][k] = 1
			}
		}
	}
	return e
}

func (e *estate) evaluation(i, k int) int { return int(e.kind[i])*rules + k }

// flip changes one verdict of a resource and tells which.
func (e *estate) flip(r *rand.Rand, i int) int {
	k := r.IntN(rules)
	e.states[i][k] = (e.states[i][k] + 1) % 2
	return k
}

type design interface {
	load(e *estate)
	change(e *estate, i, k int, commit int64)
	scan(commit int64) *index // what held at a commit
	durable(tx func(exec))
}

type exec interface {
	Exec(query string, args ...any) (sql.Result, error)
	QueryRow(query string, args ...any) *sql.Row
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func open(path string) *sql.DB {
	db := must(sql.Open("sqlite", "file:"+path+"?_pragma=journal_mode(wal)&_pragma=synchronous(full)&_pragma=cache_size(-200000)&_pragma=wal_autocheckpoint(20000)"))
	db.SetMaxOpenConns(1)
	return db
}

// inserter writes rows fifty at a time.
type inserter struct {
	into string
	args []any
	n    int
	tx   exec
}

func (in *inserter) add(args ...any) {
	in.args = append(in.args, args...)
	if in.n++; in.n == pageRows {
		in.flush()
	}
}

func (in *inserter) flush() {
	if in.n > 0 {
		one := "(?" + strings.Repeat(",?", len(in.args)/in.n-1) + ")"
		must(in.tx.Exec("INSERT INTO "+in.into+" VALUES "+one+strings.Repeat(","+one, in.n-1), in.args...))
		in.args, in.n = in.args[:0], 0
	}
}

type base struct{ db *sql.DB }

func (b base) durable(work func(exec)) {
	tx := must(b.db.Begin())
	work(tx)
	if err := tx.Commit(); err != nil {
		panic(err)
	}
}

// rowDesign keeps one row a verdict.
type rowDesign struct{ base }

func newRows(path string) design {
	d := rowDesign{base{open(path)}}
	must(d.db.Exec(`CREATE TABLE verdict(resource INTEGER, evaluation INTEGER, since INTEGER, until INTEGER, state INTEGER,
		PRIMARY KEY(resource, evaluation, since)) WITHOUT ROWID;
		CREATE INDEX verdict_since ON verdict(since) WHERE since > 1; CREATE INDEX verdict_until ON verdict(until) WHERE until < 1099511627776`))
	return d
}

func (d rowDesign) load(e *estate) {
	d.durable(func(tx exec) {
		in := inserter{into: "verdict", tx: tx}
		for i := range e.kind {
			for k, s := range e.states[i] {
				in.add(i, e.evaluation(i, k), 1, always, s)
			}
		}
		in.flush()
	})
}

func (d rowDesign) change(e *estate, i, k int, commit int64) {
	d.durable(func(tx exec) { d.write(tx, e, i, k, commit) })
}

func (d rowDesign) write(tx exec, e *estate, i, k int, commit int64) {
	v := e.evaluation(i, k)
	must(tx.Exec("UPDATE verdict SET until=? WHERE resource=? AND evaluation=? AND until=?", commit, i, v, always))
	must(tx.Exec("INSERT INTO verdict VALUES(?,?,?,?,?)", i, v, commit, always, e.states[i][k]))
}

func (d rowDesign) scan(commit int64) *index {
	x := &index{}
	rows := must(d.db.Query("SELECT resource, evaluation, state FROM verdict WHERE since<=? AND until>?", commit, commit))
	defer rows.Close()
	for rows.Next() {
		var i, v, s int
		if err := rows.Scan(&i, &v, &s); err != nil {
			panic(err)
		}
		x.rows++
		x.set(v, s).Add(uint32(i))
	}
	return x
}

// tupleDesign keeps one row a resource.
type tupleDesign struct {
	base
	known map[uint64]int64
}

func newTuples(path string) design {
	d := tupleDesign{base{open(path)}, map[uint64]int64{}}
	must(d.db.Exec(`CREATE TABLE outcome(id INTEGER PRIMARY KEY, hash INTEGER, tuple BLOB);
		CREATE TABLE judged(resource INTEGER, since INTEGER, until INTEGER, outcome INTEGER, PRIMARY KEY(resource, since)) WITHOUT ROWID;
		CREATE INDEX judged_since ON judged(since) WHERE since > 1; CREATE INDEX judged_until ON judged(until) WHERE until < 1099511627776`))
	return d
}

func (d tupleDesign) outcome(tx exec, e *estate, i int) int64 {
	tuple := binary.AppendUvarint(nil, uint64(e.kind[i]))
	for k, s := range e.states[i] {
		tuple = binary.AppendUvarint(tuple, uint64(e.evaluation(i, k)))
		tuple = append(tuple, s)
	}
	h := fnv.New64a()
	h.Write(tuple)
	sum := h.Sum64()
	id, ok := d.known[sum]
	if !ok {
		id = int64(len(d.known) + 1)
		d.known[sum] = id
		must(tx.Exec("INSERT INTO outcome VALUES(?,?,?)", id, int64(sum), tuple))
	}
	return id
}

func (d tupleDesign) load(e *estate) {
	d.durable(func(tx exec) {
		in := inserter{into: "judged", tx: tx}
		for i := range e.kind {
			in.add(i, 1, always, d.outcome(tx, e, i))
		}
		in.flush()
	})
}

func (d tupleDesign) change(e *estate, i, k int, commit int64) {
	d.durable(func(tx exec) { d.write(tx, e, i, k, commit) })
}

func (d tupleDesign) write(tx exec, e *estate, i, _ int, commit int64) {
	must(tx.Exec("UPDATE judged SET until=? WHERE resource=? AND until=?", commit, i, always))
	must(tx.Exec("INSERT INTO judged VALUES(?,?,?,?)", i, commit, always, d.outcome(tx, e, i)))
}

func (d tupleDesign) scan(commit int64) *index {
	x := &index{}
	verdicts := make([][]*roaring.Bitmap, len(d.known)+1) // by outcome: the sets that its resources are in
	tuples := must(d.db.Query("SELECT id, tuple FROM outcome"))
	defer tuples.Close()
	for tuples.Next() {
		var o int
		var tuple []byte
		if err := tuples.Scan(&o, &tuple); err != nil {
			panic(err)
		}
		_, n := binary.Uvarint(tuple)
		for tuple = tuple[n:]; len(tuple) > 0; {
			v, n := binary.Uvarint(tuple)
			verdicts[o] = append(verdicts[o], x.set(int(v), int(tuple[n])))
			tuple = tuple[n+1:]
		}
	}
	rows := must(d.db.Query("SELECT resource, outcome FROM judged WHERE since<=? AND until>?", commit, commit))
	defer rows.Close()
	for rows.Next() {
		var i, o int
		if err := rows.Scan(&i, &o); err != nil {
			panic(err)
		}
		x.rows++
		for _, s := range verdicts[o] {
			s.Add(uint32(i))
		}
	}
	return x
}

type index struct {
	sets [types * rules][3]*roaring.Bitmap
	rows int
}

func (x *index) set(evaluation, state int) *roaring.Bitmap {
	s := &x.sets[evaluation][state]
	if *s == nil {
		*s = roaring.New()
	}
	return *s
}

func (x *index) unhealthy() (n uint64) {
	for _, s := range x.sets {
		if s[1] != nil {
			n += s[1].GetCardinality()
		}
	}
	return n
}

func (x *index) bytes() (n uint64) {
	for _, states := range x.sets {
		for _, s := range states {
			if s != nil {
				n += s.GetSizeInBytes()
			}
		}
	}
	return n
}

func size(path string) (n int64) {
	for _, suffix := range []string{"", "-wal"} {
		if info, err := os.Stat(path + suffix); err == nil && suffix == "" {
			n += info.Size()
		}
	}
	return n
}

func took(work func()) time.Duration {
	began := time.Now()
	work()
	return time.Since(began)
}

func main() {
	n := flag.Int("resources", 100_000, "resources of the estate, fifteen verdicts each")
	only := flag.String("only", "rows,tuples", "designs")
	flag.Parse()
	dir := must(os.MkdirTemp("", "storedesign"))
	defer os.RemoveAll(dir)
	for _, name := range strings.Split(*only, ",") {
		path := filepath.Join(dir, name+".db")
		d := newRows
		if name == "tuples" {
			d = newTuples
		}
		measure(name, path, d(path), newEstate(*n))
	}
}

func measure(name, path string, d design, e *estate) {
	db := func() *sql.DB {
		switch d := d.(type) {
		case rowDesign:
			return d.db
		case tupleDesign:
			return d.db
		}
		return nil
	}()
	say := func(what, figure string, args ...any) {
		fmt.Printf("%-7s %-46s %s\n", name, what, fmt.Sprintf(figure, args...))
	}
	say("load, one commit", "%.1f s", took(func() { d.load(e) }).Seconds())
	must(db.Exec("PRAGMA wal_checkpoint(TRUNCATE)"))
	loaded := size(path)
	say("file", "%.1f MB", float64(loaded)/1e6)
	var x *index
	say("index from all rows", "%.2f s", took(func() { x = d.scan(1) }).Seconds())
	say("rows, unhealthy, index", "%d, %d, %.1f MB", x.rows, x.unhealthy(), float64(x.bytes())/1e6)
	r := rand.New(rand.NewPCG(3, 4))
	commit := int64(1)
	var single []time.Duration
	for range 300 {
		commit++
		i := r.IntN(len(e.kind))
		k := e.flip(r, i)
		single = append(single, took(func() { d.change(e, i, k, commit) }))
	}
	slices.Sort(single)
	say("one change, durable, median", "%.2f ms", single[150].Seconds()*1e3)
	must(db.Exec("PRAGMA wal_checkpoint(TRUNCATE)"))
	before := size(path)
	days := took(func() {
		for range 30 {
			commit++
			d.durable(func(tx exec) {
				for range len(e.kind) / 100 {
					i := r.IntN(len(e.kind))
					k := e.flip(r, i)
					switch d := d.(type) {
					case rowDesign:
						must(tx.Exec("DELETE FROM verdict WHERE resource=? AND evaluation=? AND since=?", i, e.evaluation(i, k), commit))
						d.write(tx, e, i, k, commit)
					case tupleDesign:
						must(tx.Exec("DELETE FROM judged WHERE resource=? AND since=?", i, commit))
						d.write(tx, e, i, k, commit)
					}
				}
			})
		}
	})
	must(db.Exec("PRAGMA wal_checkpoint(TRUNCATE)"))
	say("thirty days of 1 % changes", "%.1f s, %.1f MB more", days.Seconds(), float64(size(path)-before)/1e6)
	say("index as of the first commit", "%.2f s", took(func() { x = d.scan(1) }).Seconds())
	say("rows, unhealthy", "%d, %d", x.rows, x.unhealthy())
	say("index of now", "%.2f s", took(func() { x = d.scan(commit) }).Seconds())
	say("rows, unhealthy", "%d, %d", x.rows, x.unhealthy())
	var outcomes int
	if name == "tuples" {
		if err := db.QueryRow("SELECT count(*) FROM outcome").Scan(&outcomes); err != nil {
			panic(err)
		}
		say("different tuples", "%d", outcomes)
	}
}
