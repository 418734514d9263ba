//go:build unix

package store

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// testEstate is what the tests import: some resources of one unit, each with a body
// and verdicts that depend on a round. Another round changes every third
// resource, lets every fifth go, and brings one of a type of its own.
type testEstate struct {
	unit         string
	count, round int
}

func (e testEstate) resources() []ledger.Resource {
	var resources []ledger.Resource
	for i := range e.count {
		if e.round > 1 && i%5 == 0 {
			continue
		}
		name := fmt.Sprintf("thing%d", i)
		resources = append(resources, ledger.Resource{
			ID: e.unit + "/resourceGroups/g/providers/" + modelTypes[i%3] + "/" + name, Type: modelTypes[i%3], Name: name,
			Cloud: posture.CloudOfUnit(e.unit), Unit: e.unit, Group: e.unit + "/resourceGroups/g",
		})
	}
	if e.round > 1 {
		resources = append(resources, ledger.Resource{ID: e.unit + "/new", Type: fmt.Sprint("new type ", e.round), Name: "new", Unit: e.unit})
	}
	return resources
}

// version is the round in which a resource became what it is.
func (e testEstate) version(i int) int {
	if i%3 == 0 {
		return e.round
	}
	return 1
}

// importTo imports as the server does: bodies first, then one commit. Resources
// that are no longer there are deleted.
func (e testEstate) importTo(ctx context.Context, s *Store) (ledger.Commit, error) {
	resources := e.resources()
	in, err := s.Intake(ctx)
	if err != nil {
		return ledger.Commit{}, err
	}
	defer in.Close()
	bodies := make([]ledger.Body, len(resources))
	facts := make([]ledger.Facts, len(resources))
	for i, r := range resources {
		record := fmt.Appendf(nil, `{"id":%q,"type":%q,"properties":{"minimumTlsVersion":"TLS1_2","round":%d,"text":"so that bodies of a type are much alike"}}`, r.ID, r.Type, e.version(i))
		bodies[i] = ledger.Body{Hash: ledger.HashOf(record), Type: r.Type, Record: record}
		facts[i] = ledger.Facts{Location: "westeurope", Tags: map[string]string{"round": fmt.Sprint(e.version(i) % 7)}}
	}
	bodyNumbers, err := in.PutBodies(ctx, bodies)
	if err != nil {
		return ledger.Commit{}, err
	}
	factNumbers, err := in.PutFacts(ctx, facts)
	if err != nil {
		return ledger.Commit{}, err
	}
	return s.Write(ctx, commitOf(ledger.Import), func(tx ledger.Tx) error { return e.commit(ctx, tx, resources, bodyNumbers, factNumbers) })
}

func (e testEstate) commit(ctx context.Context, tx ledger.Tx, resources []ledger.Resource, bodies, facts []int64) error {
	if err := tx.NewResources(ctx, resources); err != nil {
		return err
	}
	evaluations := []ledger.Evaluation{{Rule: "tls"}, {Rule: "open", Parameters: "p"}, {Rule: "tagged", Definition: ledger.HashOf([]byte("text"))}}
	if err := tx.Evaluations(ctx, evaluations); err != nil {
		return err
	}
	versions, judged, tuples := make([]ledger.Version, len(resources)), make([]ledger.Judged, len(resources)), make([][]ledger.Verdict, len(resources))
	here := map[string]bool{}
	for i, r := range resources {
		versions[i] = ledger.Version{Resource: r.Number, Body: bodies[i], Facts: facts[i]}
		state := posture.Healthy
		if e.version(i)%2 == 0 {
			state = posture.Unhealthy
		}
		tuples[i] = []ledger.Verdict{{Evaluation: evaluations[0].Number, State: state}, {Evaluation: evaluations[i%2+1].Number, State: posture.Unknown, Reason: posture.Denied}}
		here[r.ID] = true
	}
	numbers, err := tx.Tuples(ctx, tuples)
	if err != nil {
		return err
	}
	for i, r := range resources {
		judged[i] = ledger.Judged{Resource: r.Number, Tuple: numbers[i]}
	}
	if err := tx.SetVersions(ctx, versions); err != nil {
		return err
	}
	if err := tx.SetVerdicts(ctx, judged); err != nil {
		return err
	}
	if err := e.deleteOthers(ctx, tx, here); err != nil {
		return err
	}
	return e.commitRest(ctx, tx)
}

func (e testEstate) deleteOthers(ctx context.Context, tx ledger.Tx, here map[string]bool) error {
	var gone []ledger.Resource
	for _, r := range (testEstate{e.unit, e.count, 1}).resources() {
		if !here[r.ID] {
			gone = append(gone, r)
		}
	}
	if err := tx.NewResources(ctx, gone); err != nil {
		return err
	}
	var numbers []uint32
	for _, r := range gone {
		numbers = append(numbers, r.Number)
	}
	return tx.Delete(ctx, numbers)
}

func (e testEstate) commitRest(ctx context.Context, tx ledger.Tx) error {
	read := ledger.Read{Record: posture.ReadRecord{Scope: e.unit, Type: "*", Complete: true, StartedAt: noon}}
	if e.round > 1 {
		read.Record.Gaps = []posture.Gap{{Reason: posture.Denied, Type: "machine"}}
	}
	if err := tx.SetReads(ctx, []ledger.Read{read}); err != nil {
		return err
	}
	loss := ledger.Loss{Scope: e.unit, Type: "*", At: noon, Total: e.round, Places: []ledger.LostPlace{{File: "in", Line: 3, Reason: "r"}}}
	if err := tx.SetLosses(ctx, []ledger.Loss{loss}); err != nil {
		return err
	}
	if err := tx.SetScopes(ctx, []posture.Scope{{ID: e.unit, Kind: posture.Unit, Name: fmt.Sprint("round ", e.round)}, {ID: e.unit + "/resourceGroups/g", Parent: e.unit, Kind: posture.Group}}); err != nil {
		return err
	}
	text := fmt.Sprint("round ", e.round)
	if err := tx.SetDocuments(ctx, []ledger.DocumentVersion{{Kind: ledger.Assignment, ID: e.unit, Scope: e.unit, Text: []byte(text)}}); err != nil {
		return err
	}
	score := ledger.UnitScore{Unit: e.unit, Controls: []ledger.ControlCount{{Control: "Encrypt data in transit", Healthy: uint32(e.count), Unhealthy: uint32(e.round)}}}
	if err := tx.SetUnitScores(ctx, []ledger.UnitScore{score}); err != nil || !tx.(*Tx).wrote {
		return err
	}
	return tx.AddEffects(ctx, []ledger.Effect{{Unit: e.unit, Cause: ledger.Estate, Object: "machine", Points: -1.5}})
}

// dump is the state as of the last commit.
func dump(t testing.TB, s *Store) string {
	t.Helper()
	head, err := s.Head(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return dumpAt(t, s, head)
}

func dumpAt(t testing.TB, s *Store, n ledger.Number) string {
	t.Helper()
	var text bytes.Buffer
	if err := s.Dump(context.Background(), &text, n); err != nil {
		t.Fatal(err)
	}
	return text.String()
}

// sound fails the test if a check finds anything, but for checks that are named: of
// resources that a test gave no verdicts.
func sound(t testing.TB, s *Store, but ...string) {
	t.Helper()
	findings, err := s.Check(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range findings {
		if !f.OK && !slices.Contains(but, f.Check) {
			t.Errorf("%s: %s", f.Check, f.Finding)
		}
	}
}
