package contoso

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/inventory"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// kept is what stays of a resource that the inventory reads.
type kept struct {
	Type, Name, Unit, Location string
	Whole                      bool
	Body                       map[string]any
	unread                     []string
}

// keeper is a sink that keeps everything.
type keeper struct {
	t         *testing.T
	resources map[string]kept
	tree      inventory.Tree
	reads     int
}

func (k *keeper) Resource(r *inventory.Resource) {
	var body map[string]any
	if err := json.Unmarshal(inventory.AppendJSON(nil, r.Body), &body); err != nil {
		k.t.Fatalf("%s: %v", r.ID, err)
	}
	key := strings.ToLower(r.Type + " " + r.ID)
	if _, twice := k.resources[key]; twice {
		k.t.Errorf("%s: read twice", key)
	}
	var unread []string
	for _, path := range r.Unread {
		unread = append(unread, strings.Clone(path))
	}
	k.resources[key] = kept{
		Type: strings.Clone(strings.ToLower(r.Type)), Name: strings.Clone(r.Name), Unit: strings.Clone(r.Unit),
		Location: strings.Clone(r.Location), Whole: r.Whole, Body: body, unread: unread,
	}
}

func (k *keeper) Scope(s posture.Scope)                { k.tree.Add(s) }
func (k *keeper) Read(posture.ReadRecord)              { k.reads++ }
func (k *keeper) Outdated(*inventory.Resource, string) {}
func (k *keeper) Problem(p inventory.Problem)          { k.t.Errorf("%s:%d: %s", p.File, p.Line, p.Reason) }

// readAll reads files as an assessment does.
func readAll(t *testing.T, files []File) *keeper {
	t.Helper()
	k := &keeper{t: t, resources: map[string]kept{}}
	merger, decoder := inventory.NewMerger(inventory.DefaultHold), inventory.NewDecoder()
	for _, f := range files {
		var b bytes.Buffer
		if err := f.Write(&b); err != nil {
			t.Fatalf("%s: %v", f.Path, err)
		}
		err := inventory.Split(&b, f.Path, func(c inventory.Chunk) error {
			decoder.Decode(c, merger.Sink(k))
			return nil
		})
		if err != nil {
			t.Fatalf("%s: %v", f.Path, err)
		}
	}
	merger.Flush(k)
	for key, r := range k.resources {
		r.Unit = k.tree.Unit(r.Unit)
		k.resources[key] = r
	}
	return k
}

// TestFilesHoldWhatEstateHolds reads both through the inventory and compares
// what rules would see.
func TestFilesHoldWhatEstateHolds(t *testing.T) {
	stream := readAll(t, []File{{"estate.jsonl", Estate}})
	files := readAll(t, Files())
	if stream.reads != files.reads {
		t.Errorf("%d read records in the stream, %d in files", stream.reads, files.reads)
	}
	if diff := cmp.Diff(stream.tree.All(), files.tree.All()); diff != "" {
		t.Errorf("scopes (-stream +files):\n%s", diff)
	}
	for key, want := range stream.resources {
		got, ok := files.resources[key]
		if !ok {
			t.Errorf("%s is not in the files", key)
			continue
		}
		forget(&want, got.unread)
		normalise(&want)
		normalise(&got)
		got.unread, want.unread = nil, nil
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(kept{})); diff != "" {
			t.Errorf("%s (-stream +files):\n%s", key, diff)
		}
	}
	for key := range files.resources {
		if _, ok := stream.resources[key]; !ok {
			t.Errorf("%s is in the files only", key)
		}
	}
}

// forget takes out what the reader of the other shape says it never carries.
func forget(r *kept, unread []string) {
	properties, _ := r.Body["properties"].(map[string]any)
	for _, path := range unread {
		delete(properties, strings.TrimPrefix(path, "properties."))
	}
}

// normalise takes out what no rule tells apart: nulls beside nothing, columns
// that Resource Graph adds, the case of types, tags that stand twice.
func normalise(r *kept) {
	for _, column := range []string{"resourceGroup", "subscriptionId", "tenantId", "location"} {
		delete(r.Body, column)
	}
	if kind, ok := r.Body["type"].(string); ok {
		r.Body["type"] = strings.ToLower(kind)
	}
	for key, value := range r.Body {
		if value == nil {
			delete(r.Body, key)
		}
	}
	if properties, ok := r.Body["properties"].(map[string]any); ok && strings.HasPrefix(r.Type, "aws::") {
		delete(properties, "Tags")
		if r.Type == "aws::s3::bucket" {
			delete(properties, "Arn")
		}
	}
}
