// Package inventory reads resources out of the shapes in which clouds and
// their tools export them, and brings them into the one shape that rules are
// judged on. It works on readers and byte slices; who opens files is another
// package's business.
//
// [Split] cuts a stream into chunks of whole records without holding more than
// one chunk; a [Decoder] turns a chunk's records into [Resource]s, scopes and
// read records. One Decoder serves one goroutine, so chunks decode in parallel.
// docs/inventory.md lists the shapes.
//
// Two contents of one Google asset, its data and its IAM policy, come as two
// records, often in two files, in either order. A [Merger] between decoders
// and sink brings them together in one pass: it holds detached halves under a
// byte budget and lets the oldest go unmerged when the budget is spent, so
// that an export with only one content streams through. A half that stays
// alone says what it lacks: Resource.Unread, or Whole false. It also leaves out
// older states of a resource where records have dates: see [Dated].
//
// [ParseHierarchy] reads the scope tree that a user writes by hand; [Tree]
// keeps scopes from there and from the data.
package inventory

import (
	"fmt"

	"github.com/valyala/fastjson"

	"github.com/bartizan-dev/bartizan/internal/outline"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// Resource is one thing in the inventory. All strings and the body belong to
// the decoder and are valid only inside the sink's call; clone what stays.
type Resource struct {
	ID       string // as the cloud writes it
	Type     string // as the cloud writes it: Microsoft.Storage/storageAccounts, AWS::S3::Bucket, storage.googleapis.com/Bucket, machine
	Name     string // last segment
	Cloud    posture.Cloud
	Unit     string // scope id of the unit, "" for what stands above units
	Group    string // scope id of the ARM resource group, else ""
	Location string
	// Whole says that the body was read completely, so that an absent
	// property is absent and not merely unread.
	Whole bool
	// Body is the normalised root. ARM: the ARM resource as it came (id, name,
	// type, location, tags, sku, kind, identity, properties …). All others:
	// {id, type, name, location, tags{}, properties{}, …}, where properties is
	// the CloudFormation properties, the Cloud Asset resource.data or the
	// machine's facts, tags is an object, and iamPolicy, orgPolicy and
	// accessPolicy stand beside it where the export has them.
	Body *fastjson.Value
	// Outline is what [Decoder.Outline] made of the record, in place of the Body,
	// which Outline.Tree then gives.
	Outline *outline.Record
	// Unread names paths that the export did not carry although the body is
	// whole, such as "iamPolicy" or "properties.UserData": they and what is
	// below them are unknown, not absent. The slice is shared; do not change it.
	Unread []string
	// Broken names paths that are there and cannot be read or believed: they and
	// what is below them are unknown, with the reason error.
	Broken []string
	// PolicyOnly marks the half of a Google asset that came without data:
	// Body holds its iamPolicy, orgPolicy or accessPolicy. See [Merger].
	PolicyOnly bool
	File       string
	Line       int // of the record's first byte, from 1
	// At is where in the file the record begins, in bytes, and Size its length;
	// Size is 0 where the record cannot be read there, or holds other resources.
	At   int64
	Size int
	// Dated says of when the record is, where several may tell of one resource.
	Dated Dated
}

// Problem is something in the input that could not be read. The rest went on.
type Problem struct {
	File   string
	Line   int
	Reason string
	// Listed is the ARM id of the resource of which the record tells no more than
	// that it exists, else "".
	Listed string
	// Kept says that the resource of the record was handed over all the same: only a
	// part of its body is lost.
	Kept bool
	// Named has the ARM ids, one a line, in a record that breaks behind its own, or the one
	// of a record whose type is no text: what is lost is among them. Empty: nobody knows
	// what it was.
	Named string
	// Content tells by its hash what could not be read, wherever in the file it stands; 0
	// where that is not known.
	Content uint64
	// Unread says that the file could not be opened, or not be read to its end: nobody
	// knows what else it has.
	Unread bool
	// Cut says that the last of JSON lines ends within its record, as a file does of which
	// the rest is missing: nobody knows what else it was to have.
	Cut bool
	// Notice says that nothing was lost: a duplicate was left out, or a
	// statement had no effect. Notices are not rejected.
	Notice bool
}

// Place is where the problem stands, "" for nowhere: what sums up others.
func (p *Problem) Place() string {
	if p.Line == 0 {
		return p.File
	}
	return fmt.Sprintf("%s:%d", p.File, p.Line)
}

// Sink takes what a decoder finds.
type Sink interface {
	Resource(*Resource)
	// Outdated takes a record that does not count because its resource has gone or
	// changed since, and why; "" where the record itself says that it is gone. Of
	// the resource only the id, the place and Dated are sure to be set.
	Outdated(r *Resource, why string)
	Scope(posture.Scope)
	Read(posture.ReadRecord)
	Problem(Problem)
}
