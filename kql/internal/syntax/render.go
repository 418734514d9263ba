package syntax

import (
	"maps"
	"slices"
)

var charts = set(`table list barchart piechart ladderchart timechart linechart anomalychart pivotchart areachart
	stackedareachart scatterchart timepivot columnchart timeline 3Dchart card treemap plotly graph sankey`)

// renderOptions are the properties of a chart; oldRenderOptions stood before
// there was "with (…)".
var (
	renderOptions = optionSet{
		"kind": {formWord, "default unstacked stacked stacked100 map"}, "title": {formText, ""}, "accumulate": {formValue, ""},
		"xcolumn": {formColumn, ""}, "ycolumns": {formColumns, ""}, "anomalycolumns": {formColumns, ""}, "series": {formColumns, ""},
		"xtitle": {formText, ""}, "ytitle": {formText, ""}, "xaxis": {formWord, "linear log"}, "yaxis": {formWord, "linear log"},
		"legend": {formWord, "visible hidden"}, "ysplit": {formWord, "none axes panels"},
		"ymin": {formReal, ""}, "ymax": {formReal, ""}, "xmin": {formValue, ""}, "xmax": {formValue, ""},
	}
	oldRenderOptions = []string{"kind", "title", "accumulate"}
)

// render reads render chart with (property=value, …).
func (p *parser) render(h Head) Operator {
	r := &Render{Head: h}
	switch token := p.peek(); {
	case charts[token.text]:
	case token.Kind == TokenName: // which Kusto's analyser refuses, not its parser
		p.report(token.Span, CodeMeaning, "%s", unknownWord("kind of chart", token.text, slices.Collect(maps.Keys(charts))))
	default:
		p.want("a kind of chart, such as table or timechart")
		return r
	}
	r.Chart = p.take().text
	for slices.Contains(oldRenderOptions, p.peek().text) && p.isAt(1, "=") {
		r.Options = append(r.Options, p.option(renderOptions))
	}
	p.oldRender(r)
	if p.accept("with") {
		p.expect("(")
		p.accept(",")
		r.With = p.onlyOptions(renderOptions)
		p.expect(")")
	}
	return r
}

// oldRender reads what no one writes any more: by a, b and with "title".
func (p *parser) oldRender(r *Render) {
	for p.is("by") || p.is("with") && !p.isAt(1, "(") {
		token := p.take()
		o := Option{Name: Name{token.text, token.Span}}
		if token.text == "by" {
			o.Value = p.columnList(renderOptions)
		} else {
			o.Value = p.constant()
		}
		r.Options = append(r.Options, o)
	}
}
