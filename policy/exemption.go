package policy

import "time"

var exemptionCategories = []string{"Waiver", "Mitigated"}

// ParseExemption reads one exemption, with or without the wrapper that has
// its id, name and properties. Its scope is what the id says. The exemption is
// nil exactly if some problem is more than a warning.
func ParseExemption(file string, data []byte) (*Exemption, Problems) {
	return parse(file, data, exemptionFromNode)
}

// ParseResourceSelectors reads the resourceSelectors of an exemption, a JSON array. They
// are nil if some problem is more than a warning.
func ParseResourceSelectors(file string, data []byte) ([]ResourceSelector, Problems) {
	all, problems := parse(file, data, func(file string, n *Node) (*[]ResourceSelector, Problems) {
		r := &docReader{file: file}
		found := r.resourceSelectors(n)
		return finish(r, &found)
	})
	if all == nil {
		return nil, problems
	}
	return *all, problems
}

// exemptionFromNode reads an exemption that is already a tree.
func exemptionFromNode(file string, n *Node) (*Exemption, Problems) {
	r := &docReader{file: file}
	outer, inner, ok := r.envelope(n, "exemption")
	if !ok {
		return finish[Exemption](r, nil)
	}
	e := &Exemption{
		ID: outer.text("id"), File: file, Pos: n.Pos,
		DisplayName:       inner.text("displayName"),
		Description:       inner.text("description"),
		AssignmentID:      inner.text("policyAssignmentId"),
		ReferenceIDs:      r.texts(inner.Get("policyDefinitionReferenceIds"), "policyDefinitionReferenceIds"),
		Category:          r.word(inner, "exemptionCategory", exemptionCategories),
		ExpiresOn:         r.instant(inner, "expiresOn"),
		ResourceSelectors: r.resourceSelectors(inner.Get("resourceSelectors")),
	}
	e.Name = nameOf(e.ID, outer.text("name"), file)
	e.Scope = r.scopeOf(n, e.ID, "Microsoft.Authorization/policyExemptions", "exemption")
	if e.AssignmentID == "" {
		r.refuse(inner.Pos, "exemption without \"policyAssignmentId\"; want the id of an assignment")
	}
	if e.Category == "" {
		r.refuse(inner.Pos, "exemption without \"exemptionCategory\"; want Waiver or Mitigated")
	}
	return finish(r, e)
}

// scopeOf is the part of an id before the given type; without one the
// document is refused, since nothing else says what it is about.
func (r *docReader) scopeOf(n *Node, id, resourceType, what string) string {
	scope := parentOf(id, resourceType)
	if scope == "" {
		r.refuse(n.Pos, "%s without an \"id\" that says its scope; want <scope>/providers/%s/<name>", what, resourceType)
		return ""
	}
	r.scope(n.Get("id").Pos, "scope", scope)
	return scope
}

// instantLayouts are the forms in which times occur in these documents.
var instantLayouts = []string{
	time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999Z07:00", time.DateOnly,
}

// ParseInstant reads a time in one of the forms in which documents write them;
// ok is false for "" and for what is none. A time without a zone is in UTC.
func ParseInstant(text string) (t time.Time, ok bool) {
	for _, layout := range instantLayouts {
		if t, err := time.Parse(layout, text); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// ParseExpiry is ParseInstant for when something expires, from which instant on
// it holds no more. A day, without a time, expires when it is over: people who
// write until when an exemption holds mean the day to be in it. The last one of all,
// 9999-12-31, ends with its last second, as no time can be written beyond.
func ParseExpiry(text string) (t time.Time, ok bool) {
	if day, err := time.Parse(time.DateOnly, text); err == nil {
		if t = day.AddDate(0, 0, 1); t.Year() > 9999 {
			t = t.Add(-time.Second)
		}
		return t, true
	}
	return ParseInstant(text)
}

// instant returns a member that is a time, as written; "" if it is absent.
func (r *docReader) instant(n *Node, key string) string {
	v := n.Get(key)
	if v.absent() {
		return ""
	}
	if v.Kind == String {
		if _, ok := ParseInstant(v.Text); ok {
			return v.Text
		}
	}
	r.refuse(v.Pos, "%s is %s; want a time such as 2026-01-31T00:00:00Z", key, v.quoted())
	return v.Text
}

// quoted is the text of a string in quotes, or what else the node is.
func (n *Node) quoted() string {
	if n.Kind == String {
		return string(appendQuoted(nil, n.Text))
	}
	return n.describe()
}
