package inventory

import (
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
