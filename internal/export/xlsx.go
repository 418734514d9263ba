package export

import (
	"archive/zip"
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	sheetRows = 1_048_576 // of a sheet, its head among them
	cellText  = 32_767    // characters that a cell holds
)

// The styles of cells, by number in styles.xml.
const (
	usual  = 0
	head   = 1
	quoted = 2 // text, whatever it looks like
)

// xlsx writes a workbook: sheets of rows, as many as it takes, and one that says
// what the file is of. Texts are texts to it, also where they look like formulas.
type xlsx struct {
	zip     *zip.Writer
	title   string
	columns []string
	most    int // rows of a sheet
	names   []string
	sheet   *bufio.Writer // nil before the first
	rows    int           // of the sheet
}

func newXLSX(w io.Writer, title string, columns []string) (Writer, error) {
	return &xlsx{zip: zip.NewWriter(w), title: title, columns: columns, most: sheetRows}, nil
}

func (x *xlsx) begin(name string) error {
	if err := x.end(); err != nil {
		return err
	}
	x.names = append(x.names, name)
	part, err := x.zip.Create(fmt.Sprintf("xl/worksheets/sheet%d.xml", len(x.names)))
	if err != nil {
		return err
	}
	x.sheet, x.rows = bufio.NewWriterSize(part, 1<<16), 0
	_, err = x.sheet.WriteString(xmlHead + `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><sheetData>`)
	return err
}

func (x *xlsx) end() error {
	if x.sheet == nil {
		return nil
	}
	if _, err := x.sheet.WriteString("</sheetData></worksheet>"); err != nil {
		return err
	}
	return x.sheet.Flush()
}

func (x *xlsx) Row(cells []any) error {
	if x.sheet == nil || x.rows == x.most {
		name := x.title
		if n := len(x.names); n > 0 {
			name = fmt.Sprintf("%s %d", x.title, n+1)
		}
		if err := x.begin(name); err != nil {
			return err
		}
		names := make([]any, len(x.columns))
		for i, name := range x.columns {
			names[i] = name
		}
		if err := x.row(names, head); err != nil {
			return err
		}
	}
	return x.row(cells, usual)
}

func (x *xlsx) row(cells []any, style int) error {
	x.rows++
	b := x.sheet.AvailableBuffer()
	b = append(b, "<row>"...)
	for _, cell := range cells {
		var err error
		if b, err = appendCell(b, cell, style); err != nil {
			return err
		}
	}
	_, err := x.sheet.Write(append(b, "</row>"...))
	return err
}

func appendCell(b []byte, cell any, style int) ([]byte, error) {
	if cell == nil {
		return append(b, "<c/>"...), nil
	}
	text, err := textOf(cell)
	if err != nil {
		return b, err
	}
	if yes, ok := cell.(bool); ok {
		return append(append(append(b, `<c t="b"><v>`...), map[bool]byte{true: '1', false: '0'}[yes]), "</v></c>"...), nil
	}
	if isNumber(cell) {
		return append(append(append(b, "<c><v>"...), text...), "</v></c>"...), nil
	}
	if style == usual && looksLikeFormula(text) {
		style = quoted
	}
	b = append(b, `<c t="inlineStr" s="`...)
	b = append(strconv.AppendInt(b, int64(style), 10), `"><is><t xml:space="preserve">`...)
	return append(appendXML(b, text), "</t></is></c>"...), nil
}

// appendXML appends text, cut to what a cell holds, without what XML has no form
// for.
func appendXML(b []byte, text string) []byte {
	units := 0
	for _, r := range text {
		if units++; r > 0xffff {
			units++
		}
		if units > cellText-1 {
			return append(b, "…"...)
		}
		switch {
		case r == '&':
			b = append(b, "&amp;"...)
		case r == '<':
			b = append(b, "&lt;"...)
		case r == '>':
			b = append(b, "&gt;"...)
		case r < ' ' && r != '\t' && r != '\n', r == 0xfffe, r == 0xffff:
			b = utf8.AppendRune(b, utf8.RuneError)
		default:
			b = utf8.AppendRune(b, r)
		}
	}
	return b
}

func (x *xlsx) Close(about []Fact) error {
	if x.sheet == nil { // a list without rows has its head
		if err := x.begin(x.title); err != nil {
			return err
		}
		names := make([]any, len(x.columns))
		for i, name := range x.columns {
			names[i] = name
		}
		if err := x.row(names, head); err != nil {
			return err
		}
	}
	if err := x.begin("About"); err != nil {
		return err
	}
	if err := x.row([]any{"what", "value"}, head); err != nil {
		return err
	}
	for _, f := range about {
		if err := x.row([]any{f.Name, f.Value}, usual); err != nil {
			return err
		}
	}
	if err := x.end(); err != nil {
		return err
	}
	for name, text := range x.parts() {
		part, err := x.zip.Create(name)
		if err == nil {
			_, err = io.WriteString(part, xmlHead+text)
		}
		if err != nil {
			return err
		}
	}
	return x.zip.Close()
}

const xmlHead = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"

// parts are those of the workbook besides its sheets.
func (x *xlsx) parts() map[string]string {
	var types, sheets, relations strings.Builder
	for i, name := range x.names {
		n := strconv.Itoa(i + 1)
		types.WriteString(`<Override PartName="/xl/worksheets/sheet` + n + `.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>`)
		sheets.WriteString(`<sheet name="` + string(appendXML(nil, name)) + `" sheetId="` + n + `" r:id="rId` + n + `"/>`)
		relations.WriteString(`<Relationship Id="rId` + n + `" Type="` + officeRelation + `worksheet" Target="worksheets/sheet` + n + `.xml"/>`)
	}
	return map[string]string{
		"[Content_Types].xml": `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/>` + types.String() + `</Types>`,
		"_rels/.rels":         `<Relationships xmlns="` + relationships + `"><Relationship Id="rId1" Type="` + officeRelation + `officeDocument" Target="xl/workbook.xml"/></Relationships>`,
		"xl/workbook.xml":     `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>` + sheets.String() + `</sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships xmlns="` + relationships + `">` + relations.String() + `<Relationship Id="rId` + strconv.Itoa(len(x.names)+1) + `" Type="` + officeRelation +
			`styles" Target="styles.xml"/></Relationships>`,
		"xl/styles.xml": `<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="3"><xf xfId="0"/><xf xfId="0" fontId="1" applyFont="1"/><xf xfId="0" numFmtId="49" quotePrefix="1"/></cellXfs></styleSheet>`,
	}
}

const (
	relationships  = "http://schemas.openxmlformats.org/package/2006/relationships"
	officeRelation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
)
