package inventory

import (
	"hash/maphash"
	"slices"

	"github.com/valyala/fastjson"
)

// tornPaths are what is not known of a torn resource.
var tornPaths = []string{"properties", "tags", "location", "iamPolicy", "accessPolicy"}

// Tear leaves of a resource that it is there. It is for one whose records contradict
// each other and may be of several, because they do not name all that tells these apart:
// nothing of what they tell is believed of it. See [posture.MayBeSeveral].
func (r *Resource) Tear() {
	var arena fastjson.Arena
	body := arena.NewObject()
	body.Set("id", arena.NewString(r.ID))
	body.Set("type", arena.NewString(r.Type))
	body.Set("name", arena.NewString(r.Name))
	r.Body, r.Outline, r.Unread, r.Broken = body, nil, nil, slices.Clip(tornPaths)
}

var contentsSeed = maphash.MakeSeed()

// Contents hashes the body, whatever the order of names in its objects; it compares with
// others of this process.
func (r *Resource) Contents() uint64 {
	if r.Outline != nil {
		return hashJSON(r.Outline.Tree())
	}
	return hashJSON(r.Body)
}

// hashJSON hashes a value, whatever the order of names in its objects.
func hashJSON(v *fastjson.Value) uint64 {
	switch v.Type() {
	case fastjson.TypeObject:
		var sum uint64
		v.GetObject().Visit(func(key []byte, of *fastjson.Value) {
			sum += hashPair(maphash.Bytes(contentsSeed, key), hashJSON(of))
		})
		return hashPair(uint64(fastjson.TypeObject), sum)
	case fastjson.TypeArray:
		sum := uint64(fastjson.TypeArray)
		for _, of := range v.GetArray() {
			sum = hashPair(sum, hashJSON(of))
		}
		return sum
	case fastjson.TypeString:
		return maphash.Bytes(contentsSeed, v.GetStringBytes())
	}
	return hashPair(uint64(v.Type()), maphash.Bytes(contentsSeed, v.MarshalTo(nil)))
}

func hashPair(a, b uint64) uint64 { return maphash.Comparable(contentsSeed, [2]uint64{a, b}) }
