package report

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// xsd is an XML Schema, read from its own file. No library for it is at hand
// and no tool may be presumed, so the part of the language that the schema of
// JUnit uses is interpreted here; anything else fails the test when it is met.
type xsd struct{ root *element }

// element is one element of any XML document.
type element struct {
	name     string
	attrs    map[string]string
	children []*element
	text     string
}

func parseXML(r io.Reader) (*element, error) {
	decoder := xml.NewDecoder(r)
	top := &element{}
	open := []*element{top}
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			if len(top.children) != 1 {
				return nil, fmt.Errorf("%d root elements", len(top.children))
			}
			return top.children[0], nil
		}
		if err != nil {
			return nil, err
		}
		at := open[len(open)-1]
		switch t := token.(type) {
		case xml.StartElement:
			e := &element{name: t.Name.Local, attrs: map[string]string{}}
			for _, a := range t.Attr {
				e.attrs[a.Name.Local] = a.Value
			}
			at.children = append(at.children, e)
			open = append(open, e)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			at.text += string(t)
		}
	}
}

// named finds a definition at the top of the schema.
func (s xsd) named(kind, name string) *element {
	for _, e := range s.root.children {
		if e.name == kind && e.attrs["name"] == name {
			return e
		}
	}
	return nil
}

func (e *element) child(name string) *element {
	for _, c := range e.children {
		if c.name == name {
			return c
		}
	}
	return nil
}

// check reports all that is wrong with an element and those in it.
func (s xsd) check(e *element) []string {
	definition := s.named("element", e.name)
	if definition == nil {
		return []string{e.name + ": no such element"}
	}
	kind := definition.child("complexType")
	if kind == nil {
		if name := definition.attrs["type"]; name != "xs:string" {
			kind = s.named("complexType", name)
		}
	}
	if kind == nil { // text alone
		if len(e.attrs)+len(e.children) > 0 {
			return []string{e.name + ": is more than text"}
		}
		return nil
	}
	wrong := s.attributes(e, kind)
	if kind.attrs["mixed"] != "true" && strings.TrimSpace(e.text) != "" {
		wrong = append(wrong, e.name+": text "+e.text)
	}
	var names strings.Builder
	for _, c := range e.children {
		names.WriteString(c.name + ";")
		wrong = append(wrong, s.check(c)...)
	}
	if !s.content(kind).MatchString(names.String()) {
		wrong = append(wrong, e.name+": not these elements in this order: "+names.String())
	}
	return wrong
}

func (s xsd) attributes(e, kind *element) []string {
	var wrong []string
	var known []string
	for _, a := range kind.children {
		if a.name != "attribute" {
			continue
		}
		name := a.attrs["name"]
		known = append(known, name)
		value, given := e.attrs[name]
		switch {
		case !given && a.attrs["use"] == "required":
			wrong = append(wrong, e.name+": no "+name)
		case given && a.attrs["type"] != "xs:string":
			pattern := s.named("simpleType", a.attrs["type"]).child("restriction").child("pattern").attrs["value"]
			if !regexp.MustCompile("^(?:" + pattern + ")$").MatchString(value) {
				wrong = append(wrong, e.name+": "+name+" is "+value)
			}
		}
	}
	for name := range e.attrs {
		if !slices.Contains(known, name) {
			wrong = append(wrong, e.name+": no such attribute: "+name)
		}
	}
	return wrong
}

// content is the model of what is in an element, as an expression over the
// names of its children.
func (s xsd) content(kind *element) *regexp.Regexp {
	var model func(e *element) string
	model = func(e *element) string {
		var parts []string
		for _, c := range e.children {
			if c.name != "attribute" {
				parts = append(parts, model(c))
			}
		}
		text := ""
		switch e.name {
		case "complexType", "sequence":
			text = strings.Join(parts, "")
		case "choice":
			text = strings.Join(parts, "|")
		case "element":
			text = regexp.QuoteMeta(e.attrs["ref"]+e.attrs["name"]) + ";"
		default:
			panic("the test does not know " + e.name)
		}
		text = "(?:" + text + ")"
		switch least, most := e.attrs["minOccurs"], e.attrs["maxOccurs"]; {
		case least == "0" && most == "unbounded":
			return text + "*"
		case least == "0" && most == "":
			return text + "?"
		case least+most == "":
			return text
		default:
			panic("the test does not know minOccurs " + least + " maxOccurs " + most)
		}
	}
	return regexp.MustCompile("^" + model(kind) + "$")
}

// TestXSD: the interpreter sees what is wrong.
func TestXSD(t *testing.T) {
	schema := junitXSD(t)
	tests := map[string]struct{ in, want string }{
		"fine":              {`<testsuites><testsuite name="a" tests="1" failures="0" errors="0" time="1.5"><properties/><testcase name="x"><failure>text</failure></testcase></testsuite></testsuites>`, ""},
		"no_count":          {`<testsuites><testsuite name="a" failures="0" errors="0"/></testsuites>`, "testsuite: no tests"},
		"unknown_attribute": {`<testsuites skipped="1"/>`, "testsuites: no such attribute: skipped"},
		"unknown_element":   {`<testsuites><suite/></testsuites>`, "suite: no such element"},
		"wrong_place":       {`<testsuites><testcase name="x"/></testsuites>`, "testsuites: not these elements"},
		"text":              {`<testsuites>text</testsuites>`, "testsuites: text"},
		"time":              {`<testsuites time="soon"/>`, "testsuites: time is soon"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			root, err := parseXML(strings.NewReader(test.in))
			if err != nil {
				t.Fatal(err)
			}
			got := strings.Join(schema.check(root), "\n")
			if !strings.Contains(got, test.want) || test.want == "" && got != "" {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
