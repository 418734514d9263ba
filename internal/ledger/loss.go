package ledger

import "time"

// Loss is what of inventories about a scope could not be read, and was not read since,
// for an interval.
type Loss struct {
	Interval
	Scope string
	Type  string // of what was lost; "*" where nobody knows
	// At is when the newest read began that lost something; another one is no commit.
	At     time.Time
	Total  int         // places
	Places []LostPlace // the first of them
}

// LostPlace is a part of an inventory that could not be read.
type LostPlace struct {
	File   string   `json:"file,omitempty"`
	Line   int      `json:"line,omitempty"`
	Reason string   `json:"reason"`
	IDs    []string `json:"ids,omitempty"` // what was lost is among them; none: nobody knows
	// Key is that of a resource of whose body a part is lost, until it is read anew; 0
	// for what is lost as a whole.
	Key uint64 `json:"key,omitempty"`
	// Content is a keyed hash of what was lost, by which it is the same wherever in the
	// file it stands; 0 where that is not known.
	Content uint64 `json:"content,omitempty"`
}
