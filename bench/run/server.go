package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/bartizan-dev/bartizan/internal/store"
)

// served is what one size of estate took.
type served struct {
	pages  map[string]time.Duration // median, by list
	change time.Duration            // from one changed record to its commit
	peak   int64
}

// server measures imports against assessments of the same file, starts against
// reading what they read, and a running server's answers at two sizes.
func (b *bench) server() error {
	if err := b.build("bartizan"); err != nil {
		return err
	}
	sizes := b.sizes()
	small, large := sizes[0], sizes[len(sizes)-1]
	found := map[int]served{}
	for _, n := range []int{small, large} {
		s, err := b.serveSize(n)
		if err != nil {
			return fmt.Errorf("server of %s resources: %w", count(n), err)
		}
		found[n] = s
	}
	s, l := found[small], found[large]
	for _, list := range lists {
		b.table.ratio(fmt.Sprintf("%s: %s ÷ %s", list.name, count(large), count(small)), times(quotient(l.pages[list.name], s.pages[list.name])), list.wanted)
	}
	b.table.ratio(fmt.Sprintf("one changed resource: %s ÷ %s", count(large), count(small)), times(quotient(l.change, s.change)), "≤ 2×")
	b.table.figure("peak of the server of "+count(large), fmt.Sprintf("%d MiB (wanted ≤ 3,072)", l.peak>>20))
	return nil
}

func (b *bench) serveSize(n int) (served, error) {
	dir := b.file(fmt.Sprintf("server-%d", n))
	if err := os.RemoveAll(dir); err != nil {
		return served{}, err
	}
	if err := b.assign(dir); err != nil {
		return served{}, err
	}
	if err := b.imports(n, dir); err != nil {
		return served{}, err
	}
	if err := b.starts(n, dir); err != nil {
		return served{}, err
	}
	s, err := b.answers(n, dir)
	if err != nil {
		return s, err
	}
	b.say("facets of %s resources in SQLite", count(n))
	took, checks, err := facetsInSQLite(dir)
	if err != nil {
		return s, err
	}
	b.table.ratio(fmt.Sprintf("facets of checks, %s resources: SQLite with indexes ÷ the server", count(n)), times(quotient(took, s.pages[facetList])), "≥ 10×")
	b.table.figure(fmt.Sprintf("facets of %s checks in SQLite", count(checks)), took.Round(time.Microsecond).String())
	return s, nil
}

// imports measures the first import and those of the same file again, which take
// turns with assessments of it.
func (b *bench) imports(n int, dir string) error {
	b.say("first import of %s resources", count(n))
	first, err := start(2, b.file("bartizan"), "import", b.estate(n), "--data", dir, "--quiet")
	if err != nil {
		return err
	}
	b.table.figure("first import, "+count(n), amount(first))
	var again, assess []usage
	for round := range b.rounds {
		b.say("import of %s resources again, round %d", count(n), round+1)
		a, err := start(2, b.file("bartizan"), "assess", b.estate(n), "--catalog", b.file("assigned.jsonl"), "--catalog", b.file("initiative.json"), "--catalog", b.policies+"/aliases.json.gz",
			"--assignments", b.file("assignment.json"), "--format", "json", "--quiet")
		if err != nil {
			return err
		}
		i, err := start(2, b.file("bartizan"), "import", b.estate(n), "--data", dir, "--format", "json", "--quiet")
		if err != nil {
			return err
		}
		var answer struct{ New, Changed, Deleted, Unchanged int }
		if err := json.Unmarshal(i.stdout, &answer); err != nil || answer.New+answer.Changed+answer.Deleted > 0 || answer.Unchanged == 0 {
			return errors.Join(fmt.Errorf("the same import again changed something: %+v", answer), err)
		}
		assess, again = append(assess, a), append(again, i)
	}
	a, i := median(assess), median(again)
	b.table.ratio(fmt.Sprintf("import of unchanged %s ÷ assess", count(n)), times(quotient(i.wall, a.wall)), "≤ 1.5×")
	b.table.figure("import of unchanged "+count(n)+"; assess", amount(i)+"; "+amount(a))
	return nil
}

// starts measures a server's start against reading the files or rows that it
// reads.
func (b *bench) starts(n int, dir string) error {
	checkpoint := filepath.Join(dir, "posture.index")
	var with, without, reading, scanning []time.Duration
	for round := range b.rounds {
		b.say("starts of a server of %s resources, round %d", count(n), round+1)
		if err := os.RemoveAll(checkpoint); err != nil {
			return err
		}
		took, err := scanVerdicts(dir)
		if err != nil {
			return err
		}
		scanning = append(scanning, took)
		for _, all := range []*[]time.Duration{&without, &with} {
			p, err := serve(b.file("bartizan"), dir)
			if err != nil {
				return err
			}
			*all = append(*all, p.ready)
			if err := p.stop(); err != nil {
				return err
			}
		}
		began := time.Now()
		for _, name := range []string{checkpoint, filepath.Join(dir, "inventory.known")} {
			if _, err := os.ReadFile(name); err != nil {
				return err
			}
		}
		reading = append(reading, time.Since(began))
	}
	fast, slow, read, scan := middle(with), middle(without), middle(reading), middle(scanning)
	b.table.ratio(fmt.Sprintf("start of %s from checkpoints ÷ reading them", count(n)), times(quotient(fast, read)), "≤ 3×")
	b.table.ratio(fmt.Sprintf("start of %s without ÷ scanning the verdict rows", count(n)), times(quotient(slow, scan)), "≤ 3×")
	b.table.figure("start of "+count(n)+" from checkpoints; reading them; without; scanning", fmt.Sprintf("%s; %s; %s; %s", fast, read, slow, scan))
	return nil
}

// scanVerdicts reads the rows that a posture index is built of: who has which
// tuple, and the tuples.
func scanVerdicts(dir string) (time.Duration, error) {
	ctx := context.Background()
	s, err := store.Open(ctx, store.Options{Dir: dir, ReadOnly: true})
	if err != nil {
		return 0, err
	}
	defer s.Close()
	head, err := s.Head(ctx)
	if err != nil {
		return 0, err
	}
	began, rows := time.Now(), 0
	for _, err := range s.Tuples(ctx, 0) {
		if err != nil {
			return 0, err
		}
		rows++
	}
	for _, err := range s.Judged(ctx, head) {
		if err != nil {
			return 0, err
		}
		rows++
	}
	for _, err := range s.Versions(ctx, head, "") {
		if err != nil {
			return 0, err
		}
	}
	for _, err := range s.Resources(ctx, head) {
		if err != nil {
			return 0, err
		}
	}
	if rows == 0 {
		return 0, errors.New("there are no verdicts")
	}
	return time.Since(began), nil
}

// A list is asked for at several places.
type list struct{ name, path, wanted string }

const facetList = "checks with facets"

var lists = []list{
	{"a page of checks", "/api/v1/checks?limit=50", "≤ 2×"},
	{"a page of unhealthy checks", "/api/v1/checks?limit=50&state=unhealthy", "≤ 2×"},
	{"a page of one recommendation's checks", "/api/v1/checks?limit=50&recommendation=storage-secure-transfer", "≤ 2×"},
	{"a page of checks by unit", "/api/v1/checks?limit=50&sort=unit", "≤ 2×"},
	{"a page of checks by severity and unit", "/api/v1/checks?limit=50&sort=severity,unit", "≤ 2×"},
	{"a page of unhealthy checks by type", "/api/v1/checks?limit=50&state=unhealthy&sort=type", "≤ 2×"},
	{"a page of unknown checks by unit", "/api/v1/checks?limit=50&state=unknown&sort=unit", "≤ 2×"},
	{"a page of one cloud's checks", "/api/v1/checks?limit=50&cloud=azure", "≤ 2×"},
	{"a page of resources", "/api/v1/resources?limit=50", "≤ 2×"},
	{"a page of resources by type", "/api/v1/resources?limit=50&sort=type", "≤ 2×"},
	{"a page of unhealthy resources by type", "/api/v1/resources?limit=50&resourceState=unhealthy&sort=type", "≤ 2×"},
	{"recommendations", "/api/v1/recommendations?limit=50", ""},
	{facetList, "/api/v1/checks?limit=50&facets=" + strings.Join(facets, ","), ""},
	{"score", "/api/v1/score", ""},
}

// places are where in a list pages are asked for, once a server runs for a while.
const (
	places  = 20
	settled = 3 * time.Second
)

func (b *bench) answers(n int, dir string) (served, error) {
	s := served{pages: map[string]time.Duration{}}
	bin := b.file("bartizan")
	token, err := owner(bin, dir)
	if err != nil {
		return s, err
	}
	p, err := serve(bin, dir)
	if err != nil {
		return s, err
	}
	p.token = token
	time.Sleep(settled) // what lists count is counted ahead in the first second
	b.say("lists of %s resources", count(n))
	for _, l := range lists {
		all := make([]time.Duration, 0, places)
		for place := range places {
			path := l.path
			if strings.Contains(path, "limit=") {
				path += fmt.Sprintf("&seek=%.2f", float64(place)/places)
			}
			took, err := p.get(path)
			if err != nil {
				return s, errors.Join(err, p.stop())
			}
			all = append(all, took)
		}
		s.pages[l.name] = middle(all)
		b.table.figure(l.name+", "+count(n), s.pages[l.name].String())
	}
	if s.change, err = b.changes(n, p); err != nil {
		return s, errors.Join(err, p.stop())
	}
	b.table.figure("one changed resource, "+count(n), s.change.String())
	if err := b.readers(n, p); err != nil {
		return s, errors.Join(err, p.stop())
	}
	if s.peak, err = p.peak(); err != nil {
		return s, errors.Join(err, p.stop())
	}
	return s, p.stop()
}

// changes posts one record at a time, each time with another value.
func (b *bench) changes(n int, p *process) (time.Duration, error) {
	line, err := accountOf(b.estate(n))
	if err != nil {
		return 0, err
	}
	b.say("changes of one of %s resources", count(n))
	var all []time.Duration
	for i := range 9 {
		value := []byte(`"supportsHttpsTrafficOnly":true`)
		if i%2 == 0 {
			value = []byte(`"supportsHttpsTrafficOnly":false`)
		}
		took, err := p.change(https.ReplaceAll(line, value))
		if err != nil {
			return 0, err
		}
		all = append(all, took)
	}
	return middle(all), nil
}

// readers ask for a minute, two hundred at a time, beside changes.
func (b *bench) readers(n int, p *process) error {
	const readers, asked = 200, time.Minute
	line, err := accountOf(b.estate(n))
	if err != nil {
		return err
	}
	b.say("%d readers of %s resources", readers, count(n))
	var failed, changed atomic.Int64
	took := make([][]time.Duration, readers)
	end := time.Now().Add(asked)
	var wait sync.WaitGroup
	for r := range readers {
		wait.Go(func() {
			for i := r; time.Now().Before(end); i++ {
				l := lists[i%len(lists)]
				d, err := p.get(l.path)
				if err != nil {
					failed.Add(1)
					continue
				}
				took[r] = append(took[r], d)
			}
		})
	}
	wait.Go(func() {
		for i := 0; time.Now().Before(end); i++ {
			value := fmt.Appendf(nil, `"supportsHttpsTrafficOnly":%t`, i%2 == 0)
			if _, err := p.change(https.ReplaceAll(line, value)); err != nil {
				failed.Add(1)
				continue
			}
			changed.Add(1)
		}
	})
	wait.Wait()
	all := slices.Concat(took...)
	slices.Sort(all)
	if len(all) == 0 {
		return errors.New("no request was answered")
	}
	b.table.figure(fmt.Sprintf("%d readers for %s, %s resources", readers, asked, count(n)), fmt.Sprintf(
		"%s answers, %d errors, median %s, 99th of a hundred %s, beside %d changes", count(len(all)), failed.Load(),
		all[len(all)/2].Round(time.Millisecond), all[len(all)*99/100].Round(time.Millisecond), changed.Load()))
	if failed.Load() > 0 {
		return fmt.Errorf("%d requests failed", failed.Load())
	}
	return nil
}

func middle(all []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(all))
	return sorted[len(sorted)/2].Round(time.Microsecond)
}
