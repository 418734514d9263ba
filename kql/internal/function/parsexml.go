package function

import (
	"encoding/xml"
	"io"
	"strings"

	"github.com/bartizan-dev/bartizan/kql/data"
)

// An element of XML on its way to becoming a node.
type xmlElement struct {
	name   string
	keys   []string
	values map[string][]*data.Node
	text   string
}

const mostXML, deepestXML = 1 << 20, 500

// parseXML gives null for what is no XML. Elements of one name become an
// array, attributes get an @, text beside them is #text.
func parseXML(_ *Context, args []data.Value) data.Value {
	text := args[0].String()
	if len(text) > mostXML {
		return data.Null(data.Dynamic)
	}
	decoder := xml.NewDecoder(strings.NewReader(text))
	decoder.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }
	root := &xmlElement{}
	if !root.read(decoder) || len(root.keys) != 1 {
		return data.Null(data.Dynamic)
	}
	return data.OfNode(root.node())
}

// read fills the element with all that the decoder gives.
func (e *xmlElement) read(decoder *xml.Decoder) bool {
	open := []*xmlElement{e}
	for {
		token, err := decoder.Token()
		if err == io.EOF {
			return len(open) == 1
		}
		if err != nil || len(open) > deepestXML {
			return false
		}
		top := open[len(open)-1]
		switch t := token.(type) {
		case xml.StartElement:
			open = append(open, startXML(t))
		case xml.EndElement:
			open = open[:len(open)-1]
			open[len(open)-1].add(top.name, top.node())
		case xml.CharData:
			if top != e {
				top.text += string(t)
			}
		}
	}
}

func startXML(t xml.StartElement) *xmlElement {
	e := &xmlElement{name: xmlName(t.Name)}
	for _, a := range t.Attr {
		e.add("@"+xmlName(a.Name), xmlText(a.Value))
	}
	return e
}

func xmlName(n xml.Name) string { return n.Local }

func (e *xmlElement) add(key string, value *data.Node) {
	if e.values == nil {
		e.values = map[string][]*data.Node{}
	}
	if e.values[key] == nil {
		e.keys = append(e.keys, key)
	}
	e.values[key] = append(e.values[key], value)
}

func (e *xmlElement) node() *data.Node {
	text := strings.TrimSpace(e.text)
	if len(e.keys) == 0 {
		if text == "" {
			return nil
		}
		return xmlText(text)
	}
	var keys []string
	var values []*data.Node
	for _, key := range e.keys {
		keys = append(keys, key)
		if found := e.values[key]; len(found) == 1 {
			values = append(values, found[0])
		} else {
			values = append(values, data.NodeOfArray(found))
		}
	}
	if text != "" {
		keys, values = append(keys, "#text"), append(values, xmlText(text))
	}
	return data.NodeOfBag(keys, values)
}

// xmlText is a number where that prints the same again, else a text.
func xmlText(s string) *data.Node {
	if s != "" && (s[0] == '-' || s[0]-'0' <= 9) {
		if n, err := data.ParseJSON(s); err == nil && n.JSON() == s {
			return n
		}
	}
	return data.NodeOfString(s)
}
