package inventory

import (
	"fmt"

	"github.com/valyala/fastjson"
)

// isUnprocessedKey tells the members by which AWS Config's batch calls name the
// resources that were asked for and are not in the answer.
func isUnprocessedKey(key string) bool {
	switch key {
	case "unprocessedResourceKeys", "UnprocessedResourceKeys", "unprocessedResourceIdentifiers", "UnprocessedResourceIdentifiers":
		return true
	}
	return false
}

// notProcessed says for each of them that it was not read.
func notProcessed(list *fastjson.Value) []string {
	var reasons []string
	for _, v := range list.GetArray() {
		kind, id := firstText(v, "resourceType", "ResourceType"), firstText(v, "resourceId", "ResourceId")
		reasons = append(reasons, fmt.Sprintf("AWS Config did not process %s %s: it was asked for and not read", kind, id))
	}
	return reasons
}

func firstText(v *fastjson.Value, keys ...string) string {
	for _, key := range keys {
		if b := v.GetStringBytes(key); len(b) > 0 {
			return fmt.Sprintf("%.200q", b)
		}
	}
	return "of unknown name"
}

// unprocessed tells what the list at pos names.
func (m *memberWalk) unprocessed() error {
	line := m.lineOf(m.pos)
	list, err := m.parsed()
	if list != nil {
		for _, reason := range notProcessed(list) {
			m.problem(line, "%s", reason)
		}
	}
	return err
}
