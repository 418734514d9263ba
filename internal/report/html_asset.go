package report

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"unicode"
)

//go:embed html/*.css html/*.js html/tokens.json html/marks.svg html/font/*.woff2
var assetFiles embed.FS

// scripts are joined in this order into one, whose names they share: a reader
// finds one subject a file, a browser one script that it may run.
var scripts = []string{"inflate", "words", "data", "filter", "facet", "list", "command", "panel", "rules", "print", "view"}

// htmlAssets is what every page carries besides its content.
type htmlAssets struct {
	style, script, early, marks trusted
	policy                      string // allows exactly these, and no request
}

// The early script runs before anything is painted, so that the page does not
// flash in the wrong colours. Storage may be shut where a page comes from a
// file; then the choice lives as long as the page.
const early = `document.documentElement.classList.add("js");
try { document.documentElement.dataset.theme = localStorage.getItem("bartizan-theme") || "" } catch {}`

var assets = sync.OnceValue(func() htmlAssets {
	read := func(name string) string {
		text, err := assetFiles.ReadFile("html/" + name)
		if err != nil {
			panic(err) // the files are part of the program
		}
		return string(text)
	}
	var script strings.Builder
	script.WriteString("(() => {\n\"use strict\";\n")
	for _, name := range scripts {
		script.WriteString(read(name + ".js"))
	}
	script.WriteString("})();\n")
	style := fontFace("Inter Variable", "100 900", read("font/inter.woff2")) +
		fontFace("JetBrains Mono", "100 800", read("font/jetbrains-mono.woff2")) +
		variables(read("tokens.json")) + read("page.css") + read("list.css") + read("print.css")
	a := htmlAssets{style: trusted(style), script: trusted(script.String()), early: early, marks: trusted(read("marks.svg"))}
	a.policy = fmt.Sprintf("default-src 'none'; style-src %s; script-src %s %s; font-src data:; img-src data:; base-uri 'none'; form-action 'none'",
		fingerprint(style), fingerprint(early), fingerprint(script.String()))
	return a
})

func fontFace(name, weights, file string) string {
	return fmt.Sprintf("@font-face{font-family:%q;font-weight:%s;font-display:swap;src:url(data:font/woff2;base64,%s) format(\"woff2\")}\n",
		name, weights, base64.StdEncoding.EncodeToString([]byte(file)))
}

func fingerprint(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// variables makes the design's colours and fonts properties of the page:
// textSecondary becomes --text-secondary. Dark ones hold where the reader's
// system is dark, unless the switch says otherwise; paper is light.
func variables(tokens string) string {
	var t struct {
		Color map[string]map[string]string
		Font  map[string]string
	}
	if err := json.Unmarshal([]byte(tokens), &t); err != nil {
		panic(err)
	}
	list := func(values map[string]string) string {
		var b strings.Builder
		for _, name := range slices.Sorted(maps.Keys(values)) {
			fmt.Fprintf(&b, "--%s:%s;", kebab(name), values[name])
		}
		return b.String()
	}
	light, dark := list(t.Color["light"])+"color-scheme:light;", list(t.Color["dark"])+"color-scheme:dark;"
	return ":root{" + list(t.Font) + light + "}\n" +
		"@media screen and (prefers-color-scheme:dark){:root:not([data-theme=light]){" + dark + "}}\n" +
		"@media screen{:root[data-theme=dark]{" + dark + "}}\n"
}

func kebab(name string) string {
	var b strings.Builder
	for _, r := range name {
		if unicode.IsUpper(r) {
			b.WriteByte('-')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}
