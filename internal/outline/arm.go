package outline

import "bytes"

// The members of an ARM resource that tell what it is: numbers for
// [Record.Head].
const (
	ID = iota
	Name
	Type
	Location
	Variant // kind
	ManagedBy
	Properties
	ResourceGroup
	SubscriptionID
	Marker // "bartizan": a record about resources rather than one
	// From here on the case of the key does not matter.
	Tags
	SKU
	Plan
	Identity
	Zones
	ExtendedLocation
	TenantID
	headCount

	firstInAnyCase = Tags
)

var headNames = [headCount]string{
	"id", "name", "type", "location", "kind", "managedBy", "properties", "resourceGroup", "subscriptionId", "bartizan",
	"tags", "sku", "plan", "identity", "zones", "extendedLocation", "tenantId",
}

// Map is the text of a record, mapped for reading.
type Map struct {
	text   []byte
	quotes quoteMap
	ok     bool
}

// Read maps a record.
func (m *Map) Read(record []byte) {
	m.text = record
	m.ok = m.quotes.read(record)
}

// Type guesses the resource type of a record, from its member type if it
// stands in front, otherwise from the first ARM id in it. The result may be
// wrong, and is nil where nothing looks like one. It is written to dst where
// the record does not have it as such.
func (m *Map) Type(dst []byte) []byte {
	at, end := 0, 0
	for _, before := range inFront {
		if !bytes.HasPrefix(m.text[end:], before) {
			return typeOfID(dst, m.text)
		}
		at = end + len(before)
		if end = m.quotes.next(at); end >= len(m.text) {
			return nil
		}
	}
	return m.text[at:end]
}

// inFront is what stands before id, name and type where they come first.
var inFront = [...][]byte{[]byte(`{"id":"`), []byte(`","name":"`), []byte(`","type":"`)}

func typeOfID(dst, record []byte) []byte {
	at := bytes.Index(record, []byte(`"/subscriptions/`))
	if at < 0 {
		return nil
	}
	id := record[at+1:]
	end := bytes.IndexByte(id, '"')
	if end < 0 {
		return nil
	}
	const word = "/providers/"
	id = id[:end]
	if at = bytes.LastIndex(id, []byte(word)); at < 0 {
		return nil
	}
	// Namespace, then a type and a name in turns.
	for i, segment := range bytes.Split(id[at+len(word):], []byte{'/'}) {
		if i == 0 {
			dst = append(dst, segment...)
		} else if i%2 == 1 {
			dst = append(append(dst, '/'), segment...)
		}
	}
	return dst
}
