// Package ledger holds the words of what a server keeps: commits and their
// causes, resources and their versions, verdict tuples, reads, documents. Every
// row but a commit holds for an interval of commits, so that one number answers
// "as of then". It knows no database; internal/store writes and reads it.
//
// docs/decisions/0011-posture-store.md says why it is kept like this.
package ledger

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

// Number is that of a commit, from 1. The order of commits is the axis of
// history; 0 is before all of them.
type Number int64

// Open is the end of an interval that has none yet.
const Open Number = 1 << 62

// Interval is the commits at which a row holds: Since and later, before Until.
type Interval struct{ Since, Until Number }

// Holds reports whether the row held right after commit n.
func (i Interval) Holds(n Number) bool { return i.Since <= n && n < i.Until }

// Kind says what sort of work a commit was.
type Kind uint8

// The kinds of commits.
const (
	NoKind    Kind = iota
	Import         // resources of one unit, as they were read
	Judge          // verdicts anew: another catalogue, an instant that came
	Document       // a definition, assignment, exemption, attestation … written or removed
	Access         // principals, roles, tokens
	Retention      // history before a commit was given up
)

var kindNames = [...]string{"", "import", "judge", "document", "access", "retention"}

// String gives the kind's word.
func (k Kind) String() string { return kindNames[k] }

// ParseKind reads a kind's word.
func ParseKind(text string) (Kind, error) {
	for i, name := range kindNames {
		if i > 0 && name == text {
			return Kind(i), nil
		}
	}
	return 0, fmt.Errorf("kind of commit %q is not known", text)
}

// CauseKind says why a score or a state changed.
type CauseKind uint8

// The kinds of causes, in the order in which the effects of one commit are
// told.
const (
	NoCause     CauseKind = iota
	Scope                 // a unit appeared or went
	Rules                 // catalogue, definition, assignment, parameter, disabled
	Estate                // a resource appeared, changed, went
	Coverage              // became unknown, or judged
	Exemption             // granted, ended
	Attestation           // given, ended
	Clock                 // a rule about dates
)

var causeNames = [...]string{"", "scope", "rules", "estate", "coverage", "exemption", "attestation", "clock"}

// String gives the published word.
func (c CauseKind) String() string { return causeNames[c] }

// ParseCauseKind reads a cause's word.
func ParseCauseKind(text string) (CauseKind, error) {
	for i, name := range causeNames {
		if i > 0 && name == text {
			return CauseKind(i), nil
		}
	}
	return 0, fmt.Errorf("cause %q: want one of scope, rules, estate, coverage, exemption, attestation, clock", text)
}

// Commit is one change of what is kept, whole or not at all.
type Commit struct {
	Number Number
	At     time.Time // UTC, to the millisecond; never before that of the commit before
	Actor  string    // id of a principal; "system" for the server itself
	Kind   Kind
	Object string // what it was about: a unit, a document
	Words  string // for people, one line
}

// ForgottenResources is the object of commits by which resources went whose
// history was given up.
const ForgottenResources = "resources"

// Forgets reports whether resources are no longer there after the commit, so that
// their numbers mean nothing.
func (c *Commit) Forgets() bool { return c.Kind == Retention && c.Object == ForgottenResources }

// Resource is one thing of the inventory under a number that is never given to
// another. Numbers are dense, from 1, and those that one commit gives follow
// unit and type. All that it says stays as it is: what is found in another unit
// gets another number, and of several numbers of one identity the highest counts.
type Resource struct {
	Number uint32
	Key    uint64 // KeyOf(Identity())
	ID     string // as the cloud writes it
	Type   string
	Name   string
	Cloud  posture.Cloud
	Unit   string
	Group  string // "" for none
	Region string // of AWS, whose ids may be unique in their region only
}

// Identity is what tells the resource from all others.
func (r *Resource) Identity() posture.Identity {
	return posture.IdentityOf(r.ID, r.Type, r.Unit, r.Region)
}

// Hash tells contents apart.
type Hash [16]byte

// Body is what was read of a resource, without secrets. Equal bodies are kept
// once.
type Body struct {
	Hash Hash   // of Record
	Type string // of the resource: bodies of one type are compressed alike
	// Record is one line of JSON that internal/inventory reads as the resource
	// was read: with what was not read of it.
	Record []byte
}

// Facts are what lists show of a resource and filter on besides what never
// changes. Equal facts are kept once.
type Facts struct {
	Location string            `json:"location,omitempty"`
	Kind     string            `json:"kind,omitempty"`
	SKU      string            `json:"sku,omitempty"`
	Tags     map[string]string `json:"tags,omitempty"`
	// Partial says that the body was not read completely.
	Partial bool `json:"partial,omitempty"`
}

// Version is what a resource was for an interval.
type Version struct {
	Resource uint32
	Interval
	Body  int64 // number of the body
	Facts int64 // number of the facts
}

// Evaluation is one rule with one set of parameters: what is judged once,
// however many initiatives refer to it.
type Evaluation struct {
	Number     uint32
	Rule       string // id of the recommendation or policy definition
	Parameters string // hash of its parameters, "" for the defaults
	Definition Hash   // of the rule's text: another text is another evaluation
}

// Verdict is the judged state of one evaluation, beneath exemptions and
// attestations.
type Verdict struct {
	Evaluation uint32
	State      posture.State
	Reason     posture.Reason // of unknown
}

// Judged is which verdicts a resource had for an interval: the number of a
// tuple of verdicts, in the order of their evaluations. Equal tuples are kept
// once.
type Judged struct {
	Resource uint32
	Interval
	Tuple int64
}

// Read is how far one type was read in one unit, for an interval.
type Read struct {
	Interval
	Record posture.ReadRecord
	// Stale has the reason why a later read did not replace what was known, and
	// StaleSince when that began; zero while the last read was complete.
	Stale      posture.Reason
	StaleSince time.Time
	Missed     Numbers   // resources that the later read did not have: of them what is known is stale
	Begun      time.Time // of the commit that began the row
}

// Renewed reports whether Record's StartedAt is of a read that said the same again
// after the commit which began the row. That makes no commit, so that nothing tells
// whether it had come as of a commit, or a moment, within the interval.
func (r *Read) Renewed() bool { return r.Record.StartedAt.After(r.Begun) }

// DocumentKind says what a document is.
type DocumentKind string

// The kinds of documents.
const (
	Definition    DocumentKind = "definition"
	Initiative    DocumentKind = "initiative"
	Standard      DocumentKind = "standard"
	Assignment    DocumentKind = "assignment"
	AliasTable    DocumentKind = "alias-table"
	ExemptionOf   DocumentKind = "exemption"
	AttestationOf DocumentKind = "attestation"
	Disabling     DocumentKind = "disabling"
	Catalogue     DocumentKind = "catalogue" // the packed content that judged
)

// Judges reports whether documents of the kind say what is judged. Exemptions,
// attestations and disablings lie over verdicts instead.
func (k DocumentKind) Judges() bool {
	return k == Definition || k == Initiative || k == Assignment || k == AliasTable || k == Catalogue
}

// Words are what a document of the kind is called in sentences.
func (k DocumentKind) Words() string { return strings.ReplaceAll(string(k), "-", " ") }

// Plural is what several documents of the kind are called, in paths and commands.
func (k DocumentKind) Plural() string {
	if k == AliasTable {
		return "aliases"
	}
	return string(k) + "s"
}

// Laid are the kinds of documents that lie over verdicts.
var Laid = []DocumentKind{ExemptionOf, AttestationOf, Disabling}

// Lies reports whether documents of the kind lie over verdicts.
func (k DocumentKind) Lies() bool { return slices.Contains(Laid, k) }

// DocumentVersion is a document's text for an interval.
type DocumentVersion struct {
	Kind  DocumentKind
	ID    string // folded
	Name  string // the end of a policy document's id, spelt as it was given; "" where nobody knows
	Scope string // where it holds, "" for what has no scope
	Interval
	Text []byte // as it was given
}

// UnitScore is the counts behind one unit's score for an interval.
type UnitScore struct {
	Unit string
	Interval
	Controls []ControlCount
	Weight   uint32 // healthy + unhealthy scored checks: the unit's share in scores of several
}

// ControlCount counts resources of one secure-score control in a unit.
type ControlCount struct {
	Control                     string
	Healthy, Unhealthy, Unknown uint32
}

// Effect is what one cause did to one unit's score in one commit; those of a
// commit add up to the score's change.
type Effect struct {
	Commit Number
	Unit   string
	Cause  CauseKind
	Object string  // the resource type, recommendation, exemption … it came from
	Points float64 // percentage points of the unit's score
	// Weight is how many checks more count in the unit, fewer below 0: of what ended by
	// itself, as several documents may at once. It is 0 for other effects.
	Weight int
}

// AuditEntry is one line of the audit log: who did what, to what.
type AuditEntry struct {
	Number int64 // given by the store; later ones are higher
	At     time.Time
	Actor  string // id of a principal, "system", or "" for nobody who is known
	Name   string // of the actor, then
	Action string // object.verb: exemption.write, role.create, signIn.failed
	Object string // id or name of what it was done to
	Scope  string // where; "/" for the server's own things
	Commit Number // that it tells of; 0 for what is no change of what is kept
	From   string // address it came from, "" for the command line
	Detail []byte // a JSON object without secrets, or nil
}

// AuditFilter says which entries of the audit log are wanted: those that meet
// all of what is given.
type AuditFilter struct {
	Before       int64  // entries with a lower number, 0 for all
	Actor        string // id
	Action       string // one, or all of an object: "exemption."
	Object       string
	Since, Until time.Time // from Since on, before Until
}
