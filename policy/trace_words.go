package policy

import (
	"fmt"
	"slices"
	"strings"
)

// words puts one leaf into a sentence.
func (t *Trace) words() string {
	subject := t.Field
	switch {
	case subject != "":
	case t.counts:
		subject = "count of " + t.left
	case t.left != "":
		subject = t.left
	default:
		subject = t.Kind
	}
	var read []string
	found := t.Found
	if t.apart && !t.computes { // no field of the resource that the condition is on
		subject = "field('" + t.left + "')"
		if slices.ContainsFunc(found, func(f Found) bool { return f.Path != "" }) {
			found = slices.DeleteFunc(slices.Clone(found), func(f Found) bool { return f.Path == "" })
		}
	}
	for i, f := range found {
		if i == 5 {
			read = append(read, fmt.Sprintf("and %d more", len(found)-i))
			break
		}
		value := f.Value.isWords()
		switch {
		case f.Path == "":
			read = append(read, value)
		case f.Resource != "":
			read = append(read, f.Path+" in "+f.Resource+" "+value)
		default:
			read = append(read, f.Path+" "+value)
		}
	}
	wanted := short(t.Wanted)
	if t.Wanted.Kind() == Missing && t.right != "" {
		wanted = t.right
	}
	text := fmt.Sprintf("%s %s %s", subject, t.Operator, wanted)
	if len(read) > 0 {
		text += ": " + strings.Join(read, ", ")
	}
	if len(t.Errors) > 0 {
		text += " (" + strings.Join(t.Errors, "; ") + ")"
	}
	return text
}

// memberWords says where the member of a count stands, and of a value count what
// it is.
func (t *Trace) memberWords(i int) string {
	words := ""
	if i < len(t.places) && t.places[i] != "" {
		words = ", " + t.places[i]
	}
	if i < len(t.members) && t.members[i].Kind() != Missing {
		words += " (" + short(t.members[i]) + ")"
	}
	return words
}

// isWords says what a value is.
func (v Value) isWords() string {
	switch v.kind {
	case Missing:
		return "is not there"
	case Unread:
		return "is " + v.words()
	}
	return "is " + short(v)
}

// short writes a value as JSON of at most about a line.
func short(v Value) string {
	return shortText(string(v.AppendJSON(nil)))
}

// shortText cuts a text to at most about a line.
func shortText(text string) string {
	if len(text) > 120 {
		return strings.ToValidUTF8(text[:117], "") + "…"
	}
	return text
}

// write prints a trace, indented, a line a condition.
func (t *Trace) write(b *strings.Builder, indent string) {
	mark := map[bool]string{true: "✔", false: "✘"}[t.Outcome.True()]
	if !t.Outcome.Known() {
		mark = "?"
	}
	if t.Operator != "" {
		fmt.Fprintf(b, "%s%s %s\n", indent, mark, t.words())
	} else if t.Kind == "constant" {
		fmt.Fprintf(b, "%s%s always %s\n", indent, mark, t.Outcome)
	} else {
		fmt.Fprintf(b, "%s%s %s\n", indent, mark, map[string]string{
			"allOf": "all of:", "anyOf": "any of:", "not": "not:",
		}[t.Kind])
	}
	for i, child := range t.Children {
		if t.Kind == "count" {
			fmt.Fprintf(b, "%s  member %d%s:\n", indent, i, t.memberWords(i))
			child.write(b, indent+"    ")
			continue
		}
		child.write(b, indent+"  ")
	}
}
