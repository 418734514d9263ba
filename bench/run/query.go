package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// asked is a filter on type and on a value inside, and a count: what a question
// about a file can hardly do without.
const asked = `resources | where type =~ 'microsoft.compute/virtualmachines' and properties.diagnosticsProfile.bootDiagnostics.enabled == true | summarize count() by location`

// queries measures package kql: over files, against SQLite, and on its own.
func (b *bench) queries() error {
	return errors.Join(b.queryFiles(), b.querySQLite(), b.queryEngine())
}

// queryFiles measures a query over estates against parsing alone, on two
// cores, in turns.
func (b *bench) queryFiles() error {
	if err := b.build("baseline", "bartizan"); err != nil {
		return err
	}
	for _, n := range b.sizes() {
		var parse, query []usage
		var counted int
		for round := range b.rounds {
			b.say("query of %s resources, round %d", count(n), round+1)
			p, err := start(2, b.file("baseline"), b.estate(n))
			if err != nil {
				return err
			}
			q, err := start(2, b.file("bartizan"), "query", asked, "--inventory", b.estate(n), "--format", "csv")
			if err != nil {
				return err
			}
			if counted, err = total(q.stdout); err != nil {
				return err
			}
			parse, query = append(parse, p), append(query, q)
		}
		p, q := median(parse), median(query)
		b.table.ratio(fmt.Sprintf("query %s ÷ fastjson alone, two cores", count(n)), times(quotient(q.wall, p.wall)), wantedOfQuery(n))
		b.table.ratio("the same, CPU time", times(quotient(q.cpu, p.cpu)), "")
		b.table.figure("query, "+count(n), fmt.Sprintf("%s, %s resources counted", amount(q), count(counted)))
	}
	return nil
}

func wantedOfQuery(resources int) string {
	if resources == 1_000_000 {
		return "≤ 1.3×"
	}
	return ""
}

// total sums the last column of CSV, so that an answer that found nothing does
// not pass for a fast one.
func total(csv []byte) (sum int, err error) {
	lines := strings.Split(strings.TrimSpace(string(csv)), "\n")
	for _, line := range lines[1:] {
		n, err := strconv.Atoi(strings.TrimSpace(line[strings.LastIndexByte(line, ',')+1:]))
		if err != nil {
			return 0, fmt.Errorf("read answer: %w", err)
		}
		sum += n
	}
	if sum == 0 {
		return 0, fmt.Errorf("the query found nothing: %.80q", csv)
	}
	return sum, nil
}

// sides is a line that kqlsqlite prints.
type sides struct {
	Name         string
	Rows         int
	Ours, SQLite struct{ WallSeconds, CPUSeconds float64 }
}

// querySQLite compares work in memory with SQLite's.
func (b *bench) querySQLite() error {
	if err := b.build("kqlsqlite"); err != nil {
		return err
	}
	n := b.sizes()[len(b.sizes())-1]
	b.say("kql and SQLite over %s resources", count(n))
	u, err := start(2, b.file("kqlsqlite"), "--input", b.estate(n), "--rounds", fmt.Sprint(b.rounds))
	if err != nil {
		return err
	}
	return eachLine(u.stdout, func(s sides) {
		b.table.ratio("SQLite ÷ kql: "+s.Name, fmt.Sprintf("%.1f× (CPU %.1f×)", s.SQLite.WallSeconds/s.Ours.WallSeconds, s.SQLite.CPUSeconds/s.Ours.CPUSeconds), "≥ 3×")
		b.table.figure(s.Name, fmt.Sprintf("kql %.1f ms, SQLite %.1f ms; %s rows", s.Ours.WallSeconds*1e3, s.SQLite.WallSeconds*1e3, count(s.Rows)))
	})
}

// alone is a line that kqlengine prints.
type alone struct {
	Name            string
	CPUMicroseconds float64
	Rows            int
}

// queryEngine measures what is compared with nothing else.
func (b *bench) queryEngine() error {
	if err := b.build("kqlengine"); err != nil {
		return err
	}
	b.say("kql on its own")
	u, err := start(2, b.file("kqlengine"), "--rounds", fmt.Sprint(b.rounds))
	if err != nil {
		return err
	}
	micros := map[string]float64{}
	err = eachLine(u.stdout, func(a alone) {
		micros[a.Name] = a.CPUMicroseconds
		b.table.figure(a.Name, fmt.Sprintf("%.3f ms CPU, %s rows", a.CPUMicroseconds/1e3, count(a.Rows)))
	})
	for _, work := range []string{"index, take 100 of %d", "index, another condition, take 100 of %d"} {
		small, large := micros[fmt.Sprintf(work, 10_000)], micros[fmt.Sprintf(work, 1_000_000)]
		b.table.ratio(fmt.Sprintf(strings.ReplaceAll(work, "%d", "%s"), "1,000,000 ÷ of 10,000"), times(large/small), "1×")
	}
	return err
}

// eachLine decodes lines of JSON.
func eachLine[T any](text []byte, each func(T)) error {
	for line := range bytes.Lines(text) {
		var v T
		if err := json.Unmarshal(line, &v); err != nil {
			return fmt.Errorf("read result: %w: %.80q", err, line)
		}
		each(v)
	}
	return nil
}
