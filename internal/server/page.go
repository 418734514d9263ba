package server

import (
	"crypto/rand"
	"embed"
	"fmt"
	"html"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// docsPath is the page that shows the API.
const docsPath = "/api/docs"

//go:embed page.css
var pageFiles embed.FS

func (s *Server) registerDocs(mux *http.ServeMux) {
	r := route{method: http.MethodGet, path: docsPath, id: "get-docs", summary: "This API as a page to read", need: signedIn}
	s.routes = append(s.routes, r)
	mux.HandleFunc("GET "+docsPath, func(w http.ResponseWriter, request *http.Request) {
		if err := s.allow(r, callerOf(request.Context()), nil); err != nil {
			s.fail(w, request, r, err)
			return
		}
		style, err := pageFiles.ReadFile("page.css")
		if err != nil {
			s.fail(w, request, r, err)
			return
		}
		nonce := rand.Text()
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'nonce-"+nonce+"'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
		p := page{api: s.api.OpenAPI()}
		p.write(nonce, string(style))
		_, _ = w.Write([]byte(p.String()))
	})
}

// page writes the description of the API as HTML without scripts: whatever can be
// opened is a details element. Every text is escaped by text.
type page struct {
	strings.Builder
	api *huma.OpenAPI
}

// add writes HTML; its arguments are texts.
func (p *page) add(format string, texts ...string) {
	escaped := make([]any, len(texts))
	for i, t := range texts {
		escaped[i] = html.EscapeString(t)
	}
	fmt.Fprintf(p, format, escaped...)
}

// operation is one of the API, with its place.
type operation struct {
	method, path string
	*huma.Operation
}

// operations gives all by their noun, in the order of their paths.
func (p *page) operations() (nouns []string, of map[string][]operation) {
	of = map[string][]operation{}
	for path, item := range p.api.Paths {
		for method, o := range map[string]*huma.Operation{"GET": item.Get, "POST": item.Post, "PUT": item.Put, "PATCH": item.Patch, "DELETE": item.Delete, "HEAD": item.Head} {
			if o == nil {
				continue
			}
			noun := nounOf(path)
			of[noun] = append(of[noun], operation{method, path, o})
		}
	}
	for noun, list := range of {
		nouns = append(nouns, noun)
		slices.SortFunc(list, func(a, b operation) int {
			return strings.Compare(a.path+" "+a.method, b.path+" "+b.method)
		})
	}
	slices.Sort(nouns)
	return nouns, of
}

// nounOf is what a path is about: its first part behind the version.
func nounOf(path string) string {
	rest, ok := strings.CutPrefix(path, "/api/v1/")
	if !ok {
		return "server"
	}
	noun, _, _ := strings.Cut(rest, "/")
	return noun
}

func (p *page) write(nonce, style string) {
	p.add(`<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>%s API</title><style nonce="%s">`, p.api.Info.Title, nonce)
	p.WriteString(style) // our own
	p.add(`</style></head><body><header><h1>%s API <small>%s</small></h1><p>The same for programs: <a href="/api/openapi.json">/api/openapi.json</a> (OpenAPI %s)</p></header>`, p.api.Info.Title, p.api.Info.Version, p.api.OpenAPI)
	nouns, of := p.operations()
	p.add(`<nav aria-label="Nouns"><ul>`)
	for _, noun := range nouns {
		p.add(`<li><a href="#%s">%s</a></li>`, noun, noun)
	}
	p.add(`</ul></nav><main>`)
	for _, noun := range nouns {
		p.add(`<section><h2 id="%s">%s</h2>`, noun, noun)
		for _, o := range of[noun] {
			p.operation(o)
		}
		p.add(`</section>`)
	}
	p.schemas()
	p.add(`</main></body></html>`)
}

func (p *page) operation(o operation) {
	p.add(`<details id="%s"><summary><b>%s</b> <code>%s</code> %s</summary>`, o.OperationID, o.method, o.path, o.Summary)
	if o.Description != "" {
		p.add(`<p>%s</p>`, o.Description)
	}
	if len(o.Security) == 0 {
		p.add(`<p>Needs no sign-in.</p>`)
	}
	if len(o.Parameters) > 0 {
		p.add(`<table><caption>Parameters</caption><tr><th>name</th><th>in</th><th>type</th><th></th></tr>`)
		for _, param := range o.Parameters {
			p.add(`<tr><td><code>%s</code>%s</td><td>%s</td><td>`, param.Name, required(param.Required), param.In)
			p.schema(param.Schema)
			p.add(`</td><td>%s</td></tr>`, describe(param.Description, param.Schema))
		}
		p.add(`</table>`)
	}
	if o.RequestBody != nil {
		p.content("Body", o.RequestBody.Description, o.RequestBody.Content)
	}
	statuses := []string{}
	for status := range o.Responses {
		statuses = append(statuses, status)
	}
	slices.Sort(statuses)
	for _, status := range statuses {
		p.content("Answer "+status, o.Responses[status].Description, o.Responses[status].Content)
	}
	p.add(`</details>`)
}

func required(is bool) string {
	if is {
		return " (required)"
	}
	return ""
}

func describe(description string, s *huma.Schema) string {
	if description == "" && s != nil {
		return s.Description
	}
	return description
}

func (p *page) content(what, description string, content map[string]*huma.MediaType) {
	p.add(`<p><b>%s</b> %s`, what, description)
	types := []string{}
	for media := range content {
		types = append(types, media)
	}
	slices.Sort(types)
	for _, media := range types {
		p.add(` <code>%s</code> `, media)
		p.schema(content[media].Schema)
	}
	p.add(`</p>`)
}

// schema names what a value is: a link where it has a name.
func (p *page) schema(s *huma.Schema) {
	switch {
	case s == nil:
	case s.Ref != "":
		name := s.Ref[strings.LastIndexByte(s.Ref, '/')+1:]
		p.add(`<a href="#schema-%s">%s</a>`, name, name)
	case s.Type == huma.TypeArray:
		p.add(`list of `)
		p.schema(s.Items)
	case len(s.Enum) > 0:
		var words []string
		for _, e := range s.Enum {
			words = append(words, fmt.Sprint(e))
		}
		p.add(`%s`, strings.Join(words, " | "))
	case s.Type == huma.TypeObject && len(s.Properties) > 0:
		p.properties(s)
	default:
		p.add(`%s`, strings.TrimSpace(s.Type+" "+s.Format))
	}
}

func (p *page) schemas() {
	all := p.api.Components.Schemas.Map()
	names := []string{}
	for name := range all {
		names = append(names, name)
	}
	slices.Sort(names)
	p.add(`<section><h2 id="schemas">schemas</h2>`)
	for _, name := range names {
		p.add(`<h3 id="schema-%s">%s</h3>`, name, name)
		if all[name].Description != "" {
			p.add(`<p>%s</p>`, all[name].Description)
		}
		if len(all[name].Properties) == 0 {
			p.schema(all[name])
			continue
		}
		p.properties(all[name])
	}
	p.add(`</section>`)
}

func (p *page) properties(s *huma.Schema) {
	names := []string{}
	for name := range s.Properties {
		names = append(names, name)
	}
	slices.Sort(names)
	p.add(`<table><tr><th>property</th><th>type</th><th></th></tr>`)
	for _, name := range names {
		of := s.Properties[name]
		p.add(`<tr><td><code>%s</code>%s</td><td>`, name, required(slices.Contains(s.Required, name)))
		p.schema(of)
		p.add(`</td><td>%s</td></tr>`, of.Description)
	}
	p.add(`</table>`)
}
