package govern

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/spelling"
	"github.com/bartizan-dev/bartizan/policy"
)

// Bounds of what a document holds.
const (
	MaxText      = 4_000     // characters of a reason or text
	MaxName      = 400       // characters of a name, owner, link or word
	MaxID        = 2_000     // characters of an id of a scope or resource
	MaxResources = 10_000    // resources of a document
	MaxWords     = 1_000     // recommendations, types, locations, tags of a document
	MaxSize      = 8_000_000 // bytes of a document
)

// Problem is one thing that is wrong with a document.
type Problem struct {
	Path string          // of the property, such as resources[2].id; "" for the whole
	Want string          // what is wanted there, and what was found
	Pos  policy.Position // in the text instead of Path, where that is known
}

// Error says where, and what is wanted.
func (p Problem) Error() string {
	switch {
	case p.Pos != policy.Position{}:
		return fmt.Sprintf("%d:%d: %s", p.Pos.Line, p.Pos.Column, p.Want)
	case p.Path == "":
		return p.Want
	}
	return p.Path + ": " + p.Want
}

// Problems are all that is wrong with a document.
type Problems []Problem

// Error gives a line for each.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i := range p {
		lines[i] = p[i].Error()
	}
	return strings.Join(lines, "\n")
}

// Parse reads a document of a kind. Its error is all that is wrong, as
// [Problems].
func Parse(kind ledger.DocumentKind, text []byte) (Document, error) {
	var d Document
	switch kind {
	case ledger.ExemptionOf:
		d = &Exemption{}
	case ledger.AttestationOf:
		d = &Attestation{}
	case ledger.Disabling:
		d = &Disabling{}
	default:
		return nil, Problems{{Want: fmt.Sprintf("a document of kind %q lies over no verdict; want an exemption, attestation or disabling", kind)}}
	}
	var problems Problems
	value, err := decode(text)
	if err != nil {
		return nil, Problems{{Want: "want a JSON object: " + err.Error()}}
	}
	if kind == ledger.ExemptionOf && isAzures(value) {
		return parseAzures(text, value)
	}
	o := object{problems: &problems, has: map[string]any{}, met: map[string]bool{}}
	if !o.take(value) {
		return nil, problems
	}
	d.read(&o)
	o.end()
	if len(problems) > 0 {
		return nil, problems
	}
	return d, nil
}

func decode(text []byte) (value any, err error) {
	if len(text) > MaxSize {
		return nil, fmt.Errorf("it has %d bytes, at most %d are read", len(text), MaxSize)
	}
	if !utf8.Valid(text) {
		return nil, errors.New("it is not UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&value); err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something stands behind it")
	}
	return value, nil
}

func (e *Exemption) read(o *object) {
	e.ID, e.DisplayName = o.name(), o.text("displayName", MaxName)
	o.place(&e.Place)
	if s, ok := o.object("selector"); ok {
		e.Selector = s.selector()
		s.end()
	}
	e.Recommendations = o.texts("recommendations", MaxWords)
	e.readReferences(o)
	e.Category = o.oneOf("category", "waiver", "mitigated")
	if e.Owner = o.text("owner", MaxName); e.isAzures() == "" {
		e.Reason = o.needed("reason", MaxText)
	} else {
		e.Reason = o.text("reason", MaxText)
	}
	e.ExpiresOn = o.expiry("expiresOn")
}

func (a *Attestation) read(o *object) {
	a.ID, a.Recommendation = o.name(), o.needed("recommendation", MaxName)
	o.place(&a.Place)
	a.State = o.oneOf("state", "healthy", "unhealthy")
	a.Text, a.Link = o.needed("text", MaxText), o.text("link", MaxName)
	if a.Link != "" && !strings.HasPrefix(a.Link, "https://") && !strings.HasPrefix(a.Link, "http://") {
		o.wrong("link", "want an address that begins with https:// or http://")
	}
	a.ExpiresOn = o.expiry("expiresOn")
}

func (d *Disabling) read(o *object) {
	d.ID, d.Scope = o.name(), o.needed("scope", MaxID)
	d.Recommendation, d.Reason = o.needed("recommendation", MaxName), o.needed("reason", MaxText)
}

func (o *object) place(p *Place) {
	p.Scope = o.text("scope", MaxID)
	for _, r := range o.objects("resources", MaxResources) {
		p.Resources = append(p.Resources, Resource{
			ID: r.needed("id", MaxID), Type: r.text("type", MaxName), Unit: r.text("unit", MaxName), Region: r.text("region", MaxName),
		})
		r.end()
	}
	_, listed := o.has["resources"]
	list, _ := o.has["resources"].([]any)
	switch {
	case p.Scope == "" && !listed:
		o.wrong("scope", "want a scope, or resources instead")
	case p.Scope != "" && listed:
		o.wrong("resources", "want either a scope or resources, not both; a selector narrows a scope")
	case list != nil && len(list) == 0:
		o.wrong("resources", "want at least one resource")
	}
}

func (o *object) selector() *Selector {
	s := &Selector{Types: o.texts("types", MaxWords), Locations: o.texts("locations", MaxWords), Text: o.text("text", MaxName)}
	for _, t := range o.objects("tags", MaxWords) {
		tag := Tag{Key: t.needed("key", MaxName), Not: t.flag("not")}
		if _, has := t.has["value"]; has {
			value := t.text("value", MaxName)
			tag.Value = &value
		}
		t.end()
		s.Tags = append(s.Tags, tag)
	}
	if len(s.Types)+len(s.Locations)+len(s.Tags) == 0 && s.Text == "" {
		o.wrong("", "want types, locations, tags or text; leave the selector out to mean all")
	}
	return s
}

// object is a JSON object while it is read.
type object struct {
	path     string // with a dot at its end, "" for the document
	has      map[string]any
	met      map[string]bool // properties that were asked for
	problems *Problems
}

// wrong notes a problem of a property, or of the object for "".
func (o *object) wrong(property, want string) {
	path := o.path + property
	if property == "" {
		path = strings.TrimSuffix(path, ".")
	}
	*o.problems = append(*o.problems, Problem{Path: path, Want: want})
}

// take begins the reading of a value that has to be an object.
func (o *object) take(value any) bool {
	has, ok := value.(map[string]any)
	if !ok {
		o.wrong("", "want an object, not "+nameOf(value))
		return false
	}
	o.has = has
	return true
}

// end tells of the properties that nobody asked for.
func (o *object) end() {
	known := make([]string, 0, len(o.met))
	for name := range o.met {
		known = append(known, name)
	}
	slices.Sort(known)
	var unknown []string
	for name := range o.has {
		if !o.met[name] {
			unknown = append(unknown, name)
		}
	}
	slices.Sort(unknown)
	for _, name := range unknown {
		if len(name) > 100 {
			name = name[:100] // it is shown
		}
		o.wrong(name, "there is no such property; want some of "+strings.Join(known, ", ")+spelling.Meant(name, known))
	}
}

func (o *object) value(property string) (any, bool) {
	o.met[property] = true
	value, ok := o.has[property]
	return value, ok && value != nil
}

func (o *object) text(property string, most int) string {
	value, ok := o.value(property)
	if !ok {
		return ""
	}
	text, ok := value.(string)
	switch {
	case !ok:
		o.wrong(property, "want a text, not "+nameOf(value))
	case utf8.RuneCountInString(text) > most:
		o.wrong(property, fmt.Sprintf("want at most %d characters", most))
	case strings.ContainsRune(text, 0):
		o.wrong(property, "want a text without the character of number 0")
	default:
		return strings.TrimSpace(text)
	}
	return ""
}

// needed is a text that has to be there.
func (o *object) needed(property string, most int) string {
	before := len(*o.problems)
	text := o.text(property, most)
	if text == "" && len(*o.problems) == before {
		o.wrong(property, "it has to be given")
	}
	return text
}

// name is the document's id.
func (o *object) name() string { return strings.ToLower(o.text("id", MaxName)) }

func (o *object) oneOf(property string, words ...string) string {
	before := len(*o.problems)
	text := o.text(property, MaxName)
	if !slices.Contains(words, text) && len(*o.problems) == before {
		found := ""
		if text != "" {
			found = fmt.Sprintf(", not %q", text)
		}
		o.wrong(property, "want "+strings.Join(words, " or ")+found+spelling.Meant(text, words))
	}
	return text
}

func (o *object) flag(property string) bool {
	value, ok := o.value(property)
	if !ok {
		return false
	}
	flag, ok := value.(bool)
	if !ok {
		o.wrong(property, "want true or false, not "+nameOf(value))
	}
	return flag
}

// expiry reads when something ends, to the millisecond, in the forms that files of
// exemptions and attestations have; nil for never. An empty text is no time: what should
// have stood there is not known, and for good is the most that it may mean.
func (o *object) expiry(property string) *time.Time {
	before := len(*o.problems)
	text := o.text(property, MaxName)
	if _, given := o.value(property); !given || len(*o.problems) > before {
		return nil
	}
	at, ok := policy.ParseExpiry(text)
	if at = at.UTC().Truncate(time.Millisecond); !ok || at.Year() < 1 || at.Year() > 9999 {
		forGood := ""
		if text == "" {
			forGood = "; null, or leaving it out, is for good"
		}
		o.wrong(property, fmt.Sprintf("want an instant such as 2026-12-31T23:59:00Z, or a day such as 2026-12-31, to the end of which it holds, not %q%s", text, forGood))
		return nil
	}
	return &at
}

func (o *object) list(property string, most int) []any {
	value, ok := o.value(property)
	if !ok {
		return nil
	}
	list, ok := value.([]any)
	switch {
	case !ok:
		o.wrong(property, "want a list, not "+nameOf(value))
	case len(list) > most:
		o.wrong(property, fmt.Sprintf("want at most %d, there are %d", most, len(list)))
		return nil
	}
	return list
}

// texts is a list of texts, each once.
func (o *object) texts(property string, most int) []string {
	var texts []string
	for i, value := range o.list(property, most) {
		at := fmt.Sprintf("%s[%d]", property, i)
		text, ok := value.(string)
		switch {
		case !ok:
			o.wrong(at, "want a text, not "+nameOf(value))
		case text == "" || utf8.RuneCountInString(text) > MaxName:
			o.wrong(at, fmt.Sprintf("want 1 to %d characters", MaxName))
		case !slices.Contains(texts, text):
			texts = append(texts, text)
		}
	}
	if value, given := o.has[property].([]any); given && len(value) == 0 {
		o.wrong(property, "want at least one; leave it out to mean all")
	}
	return texts
}

func (o *object) object(property string) (*object, bool) {
	value, ok := o.value(property)
	if !ok {
		return nil, false
	}
	inner := &object{path: o.path + property + ".", met: map[string]bool{}, problems: o.problems}
	return inner, inner.take(value)
}

func (o *object) objects(property string, most int) []*object {
	var all []*object
	for i, value := range o.list(property, most) {
		inner := &object{path: fmt.Sprintf("%s%s[%d].", o.path, property, i), met: map[string]bool{}, problems: o.problems}
		if inner.take(value) {
			all = append(all, inner)
		}
	}
	return all
}

// nameOf says what a JSON value is.
func nameOf(value any) string {
	switch value.(type) {
	case nil:
		return "null"
	case bool:
		return "true or false"
	case json.Number:
		return "a number"
	case string:
		return "a text"
	case []any:
		return "a list"
	}
	return "an object"
}
