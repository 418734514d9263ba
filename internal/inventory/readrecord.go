package inventory

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/valyala/fastjson"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

// own takes a record in a shape of our own.
func (d *Decoder) own(v *fastjson.Value) {
	switch kind := text(d.f.marker); kind {
	case "read":
		d.read(v)
	case "resource":
		d.kept(v)
	default:
		d.reject(`bartizan record %q, want "read" or "resource"`, kind)
	}
}

// read takes a record that says how far a scope was read. One of which a part
// cannot be read promises nothing: it is not complete, and it is named.
func (d *Decoder) read(v *fastjson.Value) {
	r := posture.ReadRecord{Scope: strings.Clone(textAt(v, "scope")), Type: strings.Clone(text(d.f.typ))}
	if why := unfit(r.Scope, r.Type); why != "" {
		d.reject("read record of %s", why)
		return
	}
	p := readParts{record: &r}
	p.subject()
	if started := v.Get("startedAt"); present(started) {
		at, err := time.Parse(time.RFC3339, text(started))
		if err != nil {
			p.refuse("startedAt %s, want a time as 2026-01-31T10:00:00Z", started)
		}
		r.StartedAt = at
	}
	v.GetObject().Visit(p.member)
	if len(p.wrong) > 0 {
		r.Complete = false
		d.reject("read record: %s", strings.Join(p.wrong, "; "))
	}
	if p.nameless && len(r.Gaps) == 0 {
		return
	}
	for i := range r.Gaps {
		r.Gaps[i].ID = posture.InAccount(r.Gaps[i].ID, r.Scope)
	}
	d.shapes[shapeRead]++
	d.sink.Read(r)
}

// At gives file and line of the record at hand, inside a sink's call.
func (d *Decoder) At() (file string, line int) { return d.chunk.File, d.line }

// readParts takes the members of a read record that say how much was read.
type readParts struct {
	record   *posture.ReadRecord
	wrong    []string
	nameless bool // it does not say what it is about
}

// subject looks at what the record is about. Where it does not say, what it names
// as not read is so wherever it may be meant.
func (p *readParts) subject() {
	r := p.record
	if p.nameless = r.Scope == "" || r.Type == ""; p.nameless {
		p.refuse("it is without scope or type")
	}
	r.Scope, r.Type = orElse(r.Scope, "/"), orElse(strings.TrimSpace(r.Type), "*")
	if !isTypeName(r.Type) {
		p.refuse("type %q is no resource type, want one such as Microsoft.Storage/storageAccounts, or *", r.Type)
		r.Type, p.nameless = "*", true
	}
}

func (p *readParts) refuse(format string, args ...any) {
	p.wrong = append(p.wrong, fmt.Sprintf(format, args...))
}

const wantedList = "an array of {type, id, path, action}"

// gapLists are the lists of what was not read.
var gapLists = map[string]posture.Reason{
	"denied": posture.Denied, "throttled": posture.Throttled, "error": posture.Failed,
}

func (p *readParts) member(key []byte, v *fastjson.Value) {
	name := strings.ToLower(string(key))
	reason, isList := gapLists[name]
	switch {
	case isList || name == "complete":
		if name != string(key) {
			p.refuse("key %q, want %q", key, name)
		}
	case isArray(v):
		p.refuse("list %q, want denied, throttled or error; what it names is taken as not read", key)
		for _, entry := range v.GetArray() {
			p.unknownEntry(entry)
		}
		return
	}
	switch {
	case v.Type() == fastjson.TypeNull:
	case isList && isObject(v):
		p.refuse("%s is an object, want %s", name, wantedList)
		p.gap(name, reason, v)
	case isList && !isArray(v):
		p.wrongEntry(name, wantedList, reason, v)
	case isList:
		for i, gap := range v.GetArray() {
			p.gap(fmt.Sprintf("%s[%d]", name, i), reason, gap)
		}
	case name == "complete" && v.Type() != fastjson.TypeTrue && v.Type() != fastjson.TypeFalse:
		p.refuse("complete is %s, want true or false", kindOf(v))
	case name == "complete":
		p.record.Complete = v.GetBool()
	}
}

// unknownEntry takes an entry of a list that nobody knows, as far as it names what
// it is about.
func (p *readParts) unknownEntry(v *fastjson.Value) {
	const at = "its entry"
	switch {
	case isObject(v) && (present(inAnyCase(v, "type")) || present(inAnyCase(v, "id")) || present(inAnyCase(v, "path"))):
		p.gap(at, posture.Failed, v)
	case v.Type() == fastjson.TypeString:
		if id, kind := named(text(v)); id != "" || kind != "" {
			p.record.Gaps = append(p.record.Gaps, posture.Gap{Reason: posture.Failed, ID: id, Type: kind})
		}
	}
}

// named gives what a text names that stands for an entry: an id or a type.
func named(name string) (id, kind string) {
	name = strings.Clone(strings.TrimSpace(name))
	switch {
	case posture.IsARM(name), strings.HasPrefix(name, "arn:"), strings.HasPrefix(name, "//"):
		return name, ""
	case isTypeName(name) && !isActionName(name):
		return "", name
	}
	return "", ""
}

// isActionName reports whether a text is the name of an ARM operation.
func isActionName(name string) bool {
	last := strings.ToLower(name[strings.LastIndexByte(name, '/')+1:])
	return last == "read" || last == "write" || last == "delete" || last == "action"
}

// entryKeys are the keys of an entry.
var entryKeys = [...]string{"type", "id", "path", "action"}

// wrongEntry takes an entry of a list that is no object. One that does not name an
// id or a type is about all that the record is about.
func (p *readParts) wrongEntry(at, wanted string, reason posture.Reason, v *fastjson.Value) {
	gap := posture.Gap{Reason: reason}
	taken := "all of its type"
	if v.Type() == fastjson.TypeString {
		if gap.ID, gap.Type = named(text(v)); gap.ID != "" {
			taken = "an id"
		} else if gap.Type != "" {
			taken = "a type"
		}
	}
	p.refuse("%s is %s, want %s; taken as %s", at, kindOf(v), wanted, taken)
	p.record.Gaps = append(p.record.Gaps, gap)
}

// inAnyCase gives a member, the exact spelling of its key preferred.
func inAnyCase(v *fastjson.Value, key string) *fastjson.Value {
	found := v.Get(key)
	if found != nil {
		return found
	}
	v.GetObject().Visit(func(k []byte, member *fastjson.Value) {
		if found == nil && strings.EqualFold(string(k), key) {
			found = member
		}
	})
	return found
}

// keys names what is wrong with the keys of an entry.
func (p *readParts) keys(at string, v *fastjson.Value) {
	known, others := 0, []string(nil)
	v.GetObject().Visit(func(key []byte, member *fastjson.Value) {
		name := strings.ToLower(string(key))
		switch {
		case !slices.Contains(entryKeys[:], name):
			others = append(others, strconv.Quote(string(key)))
		case name != string(key):
			p.refuse("%s: key %q, want %q", at, key, name)
			known++
		default:
			if known++; present(member) && member.Type() != fastjson.TypeString {
				p.refuse("%s: %s is %s, want a string", at, key, kindOf(member))
			}
		}
	})
	if known == 0 && len(others) > 0 {
		p.refuse("%s: it has %s, want type, id, path or action", at, strings.Join(others, ", "))
	}
}

// gap takes an entry of a list. A path that is none makes it one of the whole
// body, with all that is there: less is then known, never more.
func (p *readParts) gap(at string, reason posture.Reason, v *fastjson.Value) {
	if !isObject(v) {
		p.wrongEntry(at, "an object", reason, v)
		return
	}
	p.keys(at, v)
	kind := strings.Clone(text(inAnyCase(v, "type")))
	if kind != "" && !isTypeName(kind) {
		p.refuse("%s: type %q is no resource type, want one such as Microsoft.Storage/storageAccounts; taken as every type", at, kind)
		kind = "*"
	}
	gap := posture.Gap{Reason: reason, Type: kind, ID: strings.Clone(text(inAnyCase(v, "id"))), Action: strings.Clone(text(inAnyCase(v, "action")))}
	path := inAnyCase(v, "path")
	cloud := cloudOfGap(p.record, &gap)
	understood := !present(path) || path.Type() == fastjson.TypeString // else keys names it
	if known, ok := gapPath(text(path), cloud); ok {
		gap.Path = known
	} else {
		understood = false
		p.refuse("%s: path %.100q is no path of a body, want names with dots such as properties.minimumTlsVersion; taken as the whole body, also what is there", at, text(path))
	}
	gap.Path = strings.Clone(gap.Path)
	gap.Body = gap.Path == "" && present(path)
	p.record.Gaps = append(p.record.Gaps, gap)
	if understood {
		return
	}
	gap.Body = false
	for _, gap.Path = range bodyMembers(cloud) {
		p.record.Gaps = append(p.record.Gaps, gap)
	}
}

// kindOf names what v is, with its article.
func kindOf(v *fastjson.Value) string {
	switch v.Type() {
	case fastjson.TypeObject:
		return "an object"
	case fastjson.TypeArray:
		return "an array"
	case fastjson.TypeTrue, fastjson.TypeFalse:
		return "a boolean"
	case fastjson.TypeNull:
		return "null"
	}
	return "a " + v.Type().String()
}

// hierarchy takes a line {id, parent, kind, name}.
func (d *Decoder) hierarchy(v *fastjson.Value) {
	s := scopeOfLine(v)
	if why := unfit(s.ID, s.Parent); why != "" {
		d.reject("scope %s", why)
		return
	}
	d.shapes[shapeHierarchy]++
	if said := s.Kind; said != posture.KindOf(s.ID, said) {
		s.Kind = posture.KindOf(s.ID, said)
		d.notice(fmt.Sprintf("kind %q of %q has no effect: the id is that of a %s", textAt(v, "kind"), s.ID, s.Kind))
	}
	d.scope(s)
}

// scopeOfLine reads a line of a hierarchy.
func scopeOfLine(v *fastjson.Value) posture.Scope {
	id := textAt(v, "id")
	return posture.Scope{
		ID: id, Parent: textAt(v, "parent"), Kind: posture.ParseScopeKind(textAt(v, "kind")), Name: textAt(v, "name"),
		Cloud: cloudOf(id),
	}
}

// cloudOf tells a scope's cloud by the form of its id.
func cloudOf(id string) posture.Cloud {
	switch {
	case posture.IsARM(id), isGUID(id):
		return posture.Azure
	case strings.HasPrefix(id, "o-"), strings.HasPrefix(id, "ou-"), strings.HasPrefix(id, "r-"), isAccount(id):
		return posture.AWS
	case strings.HasPrefix(id, "organizations/"), strings.HasPrefix(id, "folders/"), strings.HasPrefix(id, "projects/"):
		return posture.GCP
	case strings.HasPrefix(id, "machines/"):
		return posture.Machine
	}
	return posture.NoCloud
}

// isAccount reports whether s is an AWS account's number.
func isAccount(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return len(s) == 12
}

// isTypeName reports whether a text may be a resource type of some cloud, or
// stands for all.
func isTypeName(name string) bool {
	if name = strings.TrimSpace(name); name == "*" || strings.EqualFold(name, "machine") {
		return true
	}
	separator := "/"
	if strings.Contains(name, "::") {
		separator = "::"
	}
	parts := strings.Split(name, separator)
	if separator == "::" && len(parts) == 3 && parts[1] == "" {
		parts = slices.Delete(parts, 1, 2) // AWS::::Account and AWS::::Region are no service's
	}
	for _, part := range parts {
		if part == "" || strings.ContainsAny(part, "* ") {
			return false
		}
	}
	return len(parts) > 1
}

// AppendRead appends a read record as one line of JSON, without its end, which
// a [Decoder] reads as the same; what is partial of it has no list there.
func AppendRead(dst []byte, r *posture.ReadRecord) []byte {
	pair := func(key, value string) {
		if value != "" {
			dst = append(append(append(dst, `,"`...), key...), `":`...)
			dst = appendString(dst, []byte(value))
		}
	}
	dst = append(dst, `{"bartizan":"read"`...)
	pair("scope", r.Scope)
	pair("type", r.Type)
	dst = strconv.AppendBool(append(dst, `,"complete":`...), r.Complete)
	if !r.StartedAt.IsZero() {
		pair("startedAt", r.StartedAt.Format(time.RFC3339Nano))
	}
	for _, list := range [...]struct {
		name   string
		reason posture.Reason
	}{{"denied", posture.Denied}, {"throttled", posture.Throttled}, {"error", posture.Failed}} {
		begun := false
		for i := range r.Gaps {
			g := &r.Gaps[i]
			if g.Reason != list.reason {
				continue
			}
			if begun {
				dst = append(dst, ',')
			} else {
				dst = append(append(append(dst, `,"`...), list.name...), `":[`...)
			}
			begun = true
			dst = appendGap(dst, g)
		}
		if begun {
			dst = append(dst, ']')
		}
	}
	return append(dst, '}')
}

// AppendListed appends a row of which only the id and type are known as one line of
// JSON, without its end, of which a [Decoder] tells that it is listed.
func AppendListed(dst []byte, id, typeName string) []byte {
	dst = appendString(append(dst, `{"id":`...), []byte(id))
	dst = appendString(append(dst, `,"type":`...), []byte(typeName))
	return append(dst, '}')
}

func appendGap(dst []byte, g *posture.Gap) []byte {
	dst = append(dst, '{')
	path := g.Path
	for _, member := range [...]struct{ key, value string }{{"type", g.Type}, {"id", g.ID}, {"path", path}, {"action", g.Action}} {
		if member.value == "" {
			continue
		}
		if dst[len(dst)-1] != '{' {
			dst = append(dst, ',')
		}
		dst = append(append(append(dst, '"'), member.key...), `":`...)
		dst = appendString(dst, []byte(member.value))
	}
	return append(dst, '}')
}
