package intake

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/valyala/fastjson"

	"github.com/bartizan-dev/bartizan/internal/inventory"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// words are the texts that many resources share, each kept once: an import holds
// what it found of all its resources until they are committed.
type words struct {
	texts map[string]string
	tags  map[string]map[string]string // by their text
}

func newWords() words { return words{map[string]string{}, map[string]map[string]string{}} }

// of gives a text that does not share memory with its record.
func (w words) of(text string) string {
	kept, ok := w.texts[text]
	if !ok {
		kept = strings.Clone(text)
		w.texts[kept] = kept
	}
	return kept
}

// facts gives what lists show of a resource, of its sealed body.
func (w words) facts(r *inventory.Resource) ledger.Facts {
	f := ledger.Facts{Location: w.of(r.Location), Partial: !r.Whole}
	if r.Cloud == posture.Azure {
		f.Kind = w.of(string(r.Body.GetStringBytes("kind")))
		f.SKU = w.of(string(r.Body.GetStringBytes("sku", "name")))
	}
	if tags := r.Body.GetObject("tags"); tags != nil && tags.Len() > 0 {
		f.Tags = w.tagsOf(tags)
	}
	return f
}

// FactsOf gives what lists show of one resource.
func FactsOf(r *inventory.Resource) ledger.Facts { return newWords().facts(r) }

// tagsOf gives tags; equal ones are the same map, which is not to be changed.
func (w words) tagsOf(object *fastjson.Object) map[string]string {
	tags := map[string]string{}
	object.Visit(func(key []byte, v *fastjson.Value) {
		if v.Type() == fastjson.TypeString {
			tags[string(key)] = string(v.GetStringBytes())
		}
	})
	var text strings.Builder
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		fmt.Fprintf(&text, "%q%q", key, tags[key])
	}
	kept, ok := w.tags[text.String()]
	if !ok {
		kept = tags
		w.tags[text.String()] = kept
	}
	return kept
}

// regionOf is the location where it tells a resource from others.
func regionOf(r *inventory.Resource) string {
	if r.Cloud != posture.AWS {
		return ""
	}
	return r.Location
}

// nameIn gives a name as a part of the id where it ends that.
func nameIn(id, name string) string {
	if strings.HasSuffix(id, name) {
		return id[len(id)-len(name):]
	}
	return strings.Clone(name)
}
