package report

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
)

// objectWriter writes one JSON object member by member, and its lists item by
// item: a report may have thousands, which need not all be in memory as text.
// It looks as if the whole had been written with an indent of two spaces.
type objectWriter struct {
	out     *bufio.Writer
	members int
	err     error // the first; nothing is written after it
	text    bytes.Buffer
	encoder *json.Encoder
}

func newObjectWriter(w io.Writer) *objectWriter {
	o := &objectWriter{out: bufio.NewWriterSize(w, 1<<16)}
	o.encoder = json.NewEncoder(&o.text)
	o.encoder.SetEscapeHTML(false)
	return o
}

func (o *objectWriter) member(key string, value any) {
	o.key(key)
	o.encoder.SetIndent("  ", "  ")
	o.value(value)
}

// listMember writes what f makes of the items. An empty list is [], not null.
func listMember[T, U any](o *objectWriter, key string, items []T, f func(T) U) {
	o.key(key)
	o.encoder.SetIndent("    ", "  ")
	o.write("[")
	for i := range items {
		separator := ",\n    "
		if i == 0 {
			separator = separator[1:]
		}
		o.write(separator)
		o.value(f(items[i]))
	}
	if len(items) > 0 {
		o.write("\n  ")
	}
	o.write("]")
}

// end closes the object and gives the first error.
func (o *objectWriter) end() error {
	o.write("\n}\n")
	if o.err != nil {
		return o.err
	}
	return o.out.Flush()
}

func (o *objectWriter) key(key string) {
	if o.members++; o.members == 1 {
		o.write("{")
	} else {
		o.write(",")
	}
	o.write("\n  \"" + key + "\": ")
}

func (o *objectWriter) value(value any) {
	o.text.Reset()
	if err := o.encoder.Encode(value); err != nil && o.err == nil {
		o.err = err
	}
	if text := bytes.TrimSuffix(o.text.Bytes(), []byte("\n")); o.err == nil {
		_, o.err = o.out.Write(text)
	}
}

func (o *objectWriter) write(text string) {
	if o.err == nil {
		_, o.err = o.out.WriteString(text)
	}
}
