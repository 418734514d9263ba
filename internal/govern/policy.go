package govern

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

// Policy is a document that says what is judged, by what, or whose compliance is told:
// a definition, an initiative, an assignment, a standard or an alias table. One of the
// five is set.
type Policy struct {
	Kind  ledger.DocumentKind
	ID    string // folded: SCOPE/providers/COLLECTION/NAME
	Name  string // the last part of the id
	Scope string // where it is kept; of an assignment where it holds
	Text  []byte // as people have it, but for an alias table; see [Policy.Document]

	Definition *policy.Definition
	Initiative *policy.Initiative
	Assignment *policy.Assignment
	Standard   *catalog.Standard
	Aliases    *AliasTable

	// Fields are the names of fields that a definition reads, in lower case, each once;
	// any says that some are computed.
	Fields func() (names []string, any bool)
	// Rule tells definitions apart by what judges: titles and words do not matter.
	Rule ledger.Hash
	// At is where it begins in the text that it came in, zero for its beginning.
	At policy.Position
	// Warnings are what its author should look at.
	Warnings policy.Problems
	// Since is the commit that wrote it, 0 of one that is not kept.
	Since ledger.Number
}

// Home says how a document is called and where it is kept, as far as its text does
// not say.
type Home struct {
	ID    string // the whole id, or its last part
	Scope string
}

// collections are what stands before the name in an id.
var collections = map[ledger.DocumentKind]string{
	ledger.Definition: "Microsoft.Authorization/policyDefinitions", ledger.Initiative: "Microsoft.Authorization/policySetDefinitions",
	ledger.Assignment: "Microsoft.Authorization/policyAssignments", ledger.Standard: "Microsoft.Security/securityStandards",
	ledger.AliasTable: "Bartizan/aliasTables",
}

// IsPolicy reports whether documents of a kind are policies.
func IsPolicy(kind ledger.DocumentKind) bool { return collections[kind] != "" }

// PolicyID is the id of a policy document of a name that is kept at a scope.
func PolicyID(kind ledger.DocumentKind, scope, name string) string {
	if scope == "/" {
		scope = ""
	}
	return posture.Fold(scope) + lower("/providers/"+collections[kind]+"/"+name)
}

// lower writes letters of ASCII small, so that nothing changes its length.
func lower(text string) string {
	small := []byte(text)
	for i, c := range small {
		if 'A' <= c && c <= 'Z' {
			small[i] = c + 'a' - 'A'
		}
	}
	return string(small)
}

// SplitPolicyID gives the scope and the name that an id of a policy document has.
func SplitPolicyID(kind ledger.DocumentKind, id string) (scope, name string, ok bool) {
	within := lower("/providers/" + collections[kind] + "/")
	at := strings.LastIndex(lower(id), within)
	if at < 0 {
		return "", "", false
	}
	scope, name = cmp.Or(id[:at], "/"), id[at+len(within):]
	return scope, name, name != "" && !strings.Contains(name, "/")
}

// RuleID is how a recommendation, or a policy definition by its id, is called among
// rules, whatever the case of the id.
func RuleID(id string) string {
	if scope, name, ok := SplitPolicyID(ledger.Definition, id); ok {
		return PolicyID(ledger.Definition, scope, name)
	}
	return id
}

// ParsePolicy reads a policy document. Its error is all that is wrong, as
// [Problems].
func ParsePolicy(kind ledger.DocumentKind, home Home, text []byte) (*Policy, error) {
	p := &Policy{Kind: kind}
	if kind != ledger.AliasTable { // which is reduced first
		if len(text) > MaxSize {
			return nil, Problems{{Want: fmt.Sprintf("want at most %d bytes, there are %d", MaxSize, len(text))}}
		}
		p.Text = bytes.Clone(text) // a caller may use its bytes again
	}
	id, name, problems := p.read(home, text)
	wrong := problemsOf(problems)
	if home.ID != "" {
		id = spelled(home.ID, lastPart(id), name)
	}
	wrong = append(wrong, p.settle(id, name, home.Scope, len(wrong) > 0)...)
	if len(wrong) > 0 {
		return nil, wrong
	}
	p.Warnings = problems.Warnings()
	return p, nil
}

// spelled writes the name at the end of an id as a document itself does: ids that are
// kept are in small letters. What it is called otherwise by is no spelling.
func spelled(id string, names ...string) string {
	last := lastPart(id)
	for _, name := range names {
		if lower(name) == lower(last) {
			return strings.TrimSuffix(id, last) + name
		}
	}
	return id
}

// In is a place in the document as one in the text that it came in.
func (p *Policy) In(at policy.Position) policy.Position {
	if p.At.Line == 0 || at.Line == 0 {
		return at
	}
	if at.Line == 1 {
		at.Column += p.At.Column - 1
	}
	at.Line += p.At.Line - 1
	return at
}

// Beginning is where the document begins, as [Policy.In] tells it.
func (p *Policy) Beginning() policy.Position { return p.In(policy.Position{Line: 1, Column: 1}) }

// scope is where a document is kept as far as its text does not say, "" for unknown.
func (h Home) scope(kind ledger.DocumentKind) string {
	scope, _, _ := SplitPolicyID(kind, h.ID)
	return cmp.Or(h.Scope, scope)
}

// read reads the text, and gives what it says of its id and name.
func (p *Policy) read(home Home, text []byte) (id, name string, problems policy.Problems) {
	switch p.Kind {
	case ledger.Definition:
		if p.Definition, problems = policy.ParseDefinition("", text); p.Definition != nil {
			p.Rule = hashOfDefinition(text)
			return p.Definition.ID, p.Definition.Name, problems
		}
	case ledger.Initiative:
		if p.Initiative, problems = policy.ParseInitiative("", text); p.Initiative != nil {
			return p.Initiative.ID, p.Initiative.Name, problems
		}
	case ledger.Assignment:
		if p.Assignment, problems = policy.ParseAssignmentAt(home.scope(p.Kind), "", text); p.Assignment != nil {
			p.Scope = p.Assignment.Scope
			return p.Assignment.ID, p.Assignment.Name, problems
		}
	case ledger.Standard:
		var found catalog.Problems
		p.Standard, found = catalog.ParseStandard(cmp.Or(lastPart(home.ID), "document"), text)
		for _, f := range found {
			problems = append(problems, policy.Problem{Pos: policy.Position{Line: f.Line, Column: max(f.Column, 1)}, Text: f.Text, Suggestion: f.Suggestion})
		}
	case ledger.AliasTable:
		p.Scope = "/"
		if p.Aliases, problems = readAliases(text); p.Aliases != nil {
			p.Text = p.Aliases.packed
		}
	default:
		problems = policy.Problems{{Text: fmt.Sprintf("a document of kind %q is no policy", p.Kind)}}
	}
	return "", "", problems
}

// maxPolicyName is how many characters the name of a policy document has at most.
const maxPolicyName = 128

// settle says how the document is called and where it is kept.
func (p *Policy) settle(id, name, scope string, broken bool) (wrong Problems) {
	add := func(path, want string) { wrong = append(wrong, Problem{Path: path, Want: want}) }
	if strings.Contains(id, "/") {
		at, last, ok := SplitPolicyID(p.Kind, id)
		switch {
		case !ok:
			add("id", fmt.Sprintf("want SCOPE/providers/%s/NAME, not %q", collections[p.Kind], id))
			return wrong
		case scope != "" && posture.Fold(scope) != posture.Fold(at):
			add("id", fmt.Sprintf("it is kept at %s by its id, and at %s by what is asked for; want one of them", at, scope))
		}
		scope, name = at, last
	} else if id != "" {
		name = id
	}
	scope = cmp.Or(scope, p.Scope)
	if broken { // it says nothing of itself
		return wrong
	}
	switch {
	case name == "" || len(name) > maxPolicyName || strings.ContainsAny(name, "/#?\x00"):
		add("name", fmt.Sprintf("want a name of 1 to %d characters, without / # ?", maxPolicyName))
	case !utf8.ValidString(name+scope) || strings.ContainsFunc(name+scope, unicode.IsControl) || len(scope) > MaxID:
		add("id", "want text without control characters")
	case scope == "":
		add("scope", "want the scope at which it is kept: in the id, or asked for")
	case p.Kind == ledger.AliasTable && scope != "/":
		add("scope", "alias tables are kept at /, for all definitions; want no scope, or /")
	case p.Kind == ledger.Assignment && posture.Fold(scope) != posture.Fold(p.Scope):
		add("scope", fmt.Sprintf("the assignment is for %s, and kept at %s by its id; want one of them", p.Scope, scope))
	}
	p.Name, p.Scope, p.ID = name, scope, PolicyID(p.Kind, scope, name)
	p.call()
	return wrong
}

// GivenID is the id with the name as it was given.
func (p *Policy) GivenID() string { return spelled(p.ID, p.Name) }

// call gives what was read the id under which others find it.
func (p *Policy) call() {
	switch {
	case p.Definition != nil:
		p.Definition.ID, p.Definition.Name, p.Definition.File = p.ID, p.Name, p.ID
		p.Fields = sync.OnceValues(p.fields)
	case p.Initiative != nil:
		p.Initiative.ID, p.Initiative.Name, p.Initiative.File = p.ID, p.Name, p.ID
	case p.Assignment != nil:
		p.Assignment.ID, p.Assignment.Name, p.Assignment.File = p.ID, p.Name, p.ID
	case p.Standard != nil:
		p.Standard.ID = p.Name
	}
}

func (p *Policy) fields() (names []string, any bool) {
	any = p.Definition.FieldNames(func(name string) { names = append(names, strings.ToLower(name)) })
	slices.Sort(names)
	return slices.Compact(names), any
}

// Document gives the text as people have it; of an alias table what it was reduced to.
func (p *Policy) Document() ([]byte, error) {
	if p.Aliases != nil {
		return p.Aliases.Dump()
	}
	return p.Text, nil
}

// Title is what people call it.
func (p *Policy) Title() string {
	title := ""
	switch {
	case p.Definition != nil:
		title = p.Definition.DisplayName
	case p.Initiative != nil:
		title = p.Initiative.DisplayName
	case p.Assignment != nil:
		title = p.Assignment.DisplayName
	case p.Standard != nil:
		title = p.Standard.Title
	}
	return cmp.Or(title, p.Name)
}

// hashOfDefinition tells definitions apart by what judges.
func hashOfDefinition(text []byte) ledger.Hash {
	type judges struct {
		Mode                   string
		Parameters, PolicyRule json.RawMessage
	}
	var d struct {
		judges
		Properties *judges
	}
	if err := json.Unmarshal(bytes.TrimPrefix(text, []byte("\xef\xbb\xbf")), &d); err != nil {
		return ledger.HashOf(text) // another reader takes it
	}
	of := &d.judges
	if d.Properties != nil {
		of = d.Properties
	}
	return ledger.HashOf(bytes.Join([][]byte{[]byte(of.Mode), compacted(of.Parameters), compacted(of.PolicyRule)}, []byte{0}))
}

func compacted(text []byte) []byte {
	var b bytes.Buffer
	if err := json.Compact(&b, text); err != nil {
		return text
	}
	return b.Bytes()
}

// problemsOf are those because of which a document cannot be used.
func problemsOf(all policy.Problems) (wrong Problems) {
	for _, p := range all {
		if !p.Warning {
			wrong = append(wrong, Problem{Want: wantOf(p), Pos: p.Pos})
		}
	}
	return wrong
}

func wantOf(p policy.Problem) string {
	p.File, p.Pos, p.Warning = "", policy.Position{}, false
	return p.Error()
}

func lastPart(id string) string { return id[strings.LastIndexByte(id, '/')+1:] }

// comparePolicies puts them by kind and id.
func comparePolicies(a, b *Policy) int {
	return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.ID, b.ID))
}

// Policies are the policy documents of one moment, by kind and id. They do not
// change.
type Policies struct{ all []*Policy }

// PoliciesOf reads the kept policy documents; known ones that are the same are not
// read again. Texts that cannot be read are left out: they were read before they
// were kept.
func PoliciesOf(documents []ledger.DocumentVersion, known *Policies) *Policies {
	ps := &Policies{}
	for i := range documents {
		kept := &documents[i]
		if !IsPolicy(kept.Kind) {
			continue
		}
		before, _ := known.Find(kept.Kind, kept.ID)
		home := Home{ID: spelled(kept.ID, kept.Name), Scope: kept.Scope}
		switch {
		case before != nil && before.Since == kept.Since && bytes.Equal(before.Text, kept.Text):
			ps.all = append(ps.all, before)
			continue
		case kept.Kind == ledger.AliasTable:
			ps.all = append(ps.all, tableOf(kept, before))
			continue
		}
		if p, err := ParsePolicy(kept.Kind, home, kept.Text); err == nil {
			p.Since = kept.Since
			p.SpellScope(kept.Scope)
			ps.all = append(ps.all, p)
		}
	}
	slices.SortFunc(ps.all, comparePolicies)
	return ps
}

// SpellScope writes the scope as it was when the document was sent: of what is kept it
// comes out of an id, and these are in small letters.
func (p *Policy) SpellScope(as string) {
	if posture.Fold(p.Scope) != posture.Fold(as) {
		return
	}
	if a := p.Assignment; a != nil && posture.Fold(a.Scope) == posture.Fold(as) {
		a.Scope = as
	}
	p.Scope = as
}

// Equal reports whether the documents are the same ones.
func (ps *Policies) Equal(o *Policies) bool { return slices.Equal(ps.all, o.all) }

// Of lists those of a kind, by id.
func (ps *Policies) Of(kind ledger.DocumentKind) []*Policy { return slices.Collect(ps.All(kind)) }

// All visits those of a kind, by id.
func (ps *Policies) All(kind ledger.DocumentKind) iter.Seq[*Policy] {
	return func(yield func(*Policy) bool) {
		if ps == nil {
			return
		}
		for _, p := range ps.all {
			if p.Kind == kind && !yield(p) {
				return
			}
		}
	}
}

// Find gives the document of a kind with an id, whatever its case. For an alias table
// its name will do.
func (ps *Policies) Find(kind ledger.DocumentKind, id string) (*Policy, bool) {
	if ps == nil {
		return nil, false
	}
	scope, name, ok := SplitPolicyID(kind, id)
	if kind == ledger.AliasTable && !strings.Contains(id, "/") {
		scope, name, ok = "/", id, id != ""
	}
	if !ok {
		return nil, false
	}
	wanted := &Policy{Kind: kind, ID: PolicyID(kind, scope, name)}
	at, found := slices.BinarySearchFunc(ps.all, wanted, comparePolicies)
	if !found {
		return nil, false
	}
	return ps.all[at], true
}

// With gives the documents with others, in place of those that have their ids.
func (ps *Policies) With(others ...*Policy) *Policies {
	next := ps.Without(others...)
	next.all = append(next.all, others...)
	slices.SortFunc(next.all, comparePolicies)
	return next
}

// Without gives the documents without those that have the ids of some.
func (ps *Policies) Without(some ...*Policy) *Policies {
	type key struct {
		kind ledger.DocumentKind
		id   string
	}
	leave := map[key]bool{}
	for _, p := range some {
		leave[key{p.Kind, p.ID}] = true
	}
	next := &Policies{}
	if ps == nil {
		return next
	}
	for _, p := range ps.all {
		if !leave[key{p.Kind, p.ID}] {
			next.all = append(next.all, p)
		}
	}
	return next
}

// Assigned gives the assignments that judge and are wanted, and a library of what
// they put to work. Those of standards judge nothing.
func (ps *Policies) Assigned(wanted func(*policy.Assignment) bool) (*policy.Library, []*policy.Assignment) {
	var assignments []*policy.Assignment
	definitions, initiatives := map[*policy.Definition]bool{}, map[*policy.Initiative]bool{}
	for _, p := range ps.Of(ledger.Assignment) {
		a := p.Assignment
		d, alone := ps.Find(ledger.Definition, a.DefinitionID)
		s, several := ps.Find(ledger.Initiative, a.DefinitionID)
		if !alone && !several || !wanted(a) {
			continue
		}
		assignments = append(assignments, a)
		if alone {
			definitions[d.Definition] = true
			continue
		}
		initiatives[s.Initiative] = true
		for i := range s.Initiative.Members {
			if d, ok := ps.Find(ledger.Definition, s.Initiative.Members[i].DefinitionID); ok {
				definitions[d.Definition] = true
			}
		}
	}
	if len(assignments) == 0 {
		return nil, nil
	}
	var ds []*policy.Definition
	var ss []*policy.Initiative
	for _, p := range ps.all {
		switch {
		case definitions[p.Definition] && p.Definition != nil:
			ds = append(ds, p.Definition)
		case initiatives[p.Initiative] && p.Initiative != nil:
			ss = append(ss, p.Initiative)
		}
	}
	return policy.LibraryOf(ds, ss), assignments
}

// Needing lists the documents that refer to one, which would mean nothing without
// it.
func (ps *Policies) Needing(p *Policy) []*Policy {
	is := func(id string) bool {
		scope, name, ok := SplitPolicyID(p.Kind, id)
		return ok && PolicyID(p.Kind, scope, name) == p.ID
	}
	var needing []*Policy
	for _, other := range ps.all {
		needs := false
		switch {
		case other.Assignment != nil:
			needs = is(other.Assignment.DefinitionID)
		case other.Initiative != nil:
			needs = slices.ContainsFunc(other.Initiative.Members, func(m policy.Member) bool { return is(m.DefinitionID) })
		case other.Standard != nil:
			needs = slices.ContainsFunc(other.Standard.Nodes, func(n catalog.Node) bool { return slices.ContainsFunc(n.Policies, is) })
		}
		if needs {
			needing = append(needing, other)
		}
	}
	return needing
}
