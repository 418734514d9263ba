package inventory

import (
	"math"
	"strconv"

	"github.com/valyala/fastjson"
)

// Page is one answer of a list call that stood around records, kept if it, or
// the one before it, says that there is more.
type Page struct {
	First, Last int    // lines of the input
	List        string // the key of its list
	// More is the key that says that more follows, "" if none does.
	More string
	// Count of Total records are in it; Total is 0 where it does not say so.
	Count, Total int
}

// moreKeys are the members by which an answer says that it is one page of
// several: a text such as a link or a token, or a plain true.
var moreKeys = map[string]bool{
	"nextLink": true, "odata.nextLink": true, "@odata.nextLink": true,
	"skip_token": true, "skipToken": true, "$skipToken": true, "resultTruncated": true, "result_truncated": true,
	"NextToken": true, "nextToken": true, "nextPageToken": true, "next_page_token": true, "next_link": true,
	"NextLink": true, "SkipToken": true, "NextPageToken": true, "continuationToken": true, "ContinuationToken": true,
}

// pageKeys are those, and the members that say how many records there are.
var pageKeys = map[string]bool{"count": true, "total_records": true, "totalRecords": true}

func isPageKey(key string) bool { return moreKeys[key] || pageKeys[key] }

// say notes what a member of the answer says, given as text without quotes.
func (p *Page) say(key, value string) {
	switch {
	case moreKeys[key]:
		if value != "" && value != "null" && value != "false" && p.More == "" {
			p.More = key
		}
	case key == "count":
		p.Count = countOf(value)
	default:
		p.Total = countOf(value)
	}
}

func countOf(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > math.MaxInt32 {
		return 0
	}
	return n
}

// pageList keeps pages in their order. Of millions that say nothing of others
// it keeps the first.
type pageList struct {
	kept []Page
	open bool // the last one says that more follows
}

func (l *pageList) add(p Page) {
	if p.List == "configurationItems" || p.List == "ConfigurationItems" {
		p.More = "" // older states of the one resource
	}
	if p.List == "" {
		p.Total = 0
	}
	if len(l.kept) == 0 || l.open || p.More != "" || p.Total > 0 {
		l.kept = append(l.kept, p)
	}
	l.open = p.More != ""
}

// page notes what an answer that came as one record says of others.
func (d *Decoder) page(v *fastjson.Value) {
	p, records := Page{First: d.line, Last: d.line}, 0
	v.GetObject().Visit(func(key []byte, item *fastjson.Value) {
		name := string(key)
		switch {
		case listKeys[name] && p.List == "":
			p.List, records = name, len(item.GetArray())+len(item.GetArray("rows"))
		case isUnprocessedKey(name):
			for _, reason := range notProcessed(item) {
				d.reject("%s", reason)
			}
		case !isPageKey(name):
		case item.Type() == fastjson.TypeString:
			p.say(name, string(item.GetStringBytes()))
		case item.Type() != fastjson.TypeObject && item.Type() != fastjson.TypeArray:
			p.say(name, item.String())
		}
	})
	if p.Count == 0 {
		p.Count = records
	}
	d.pages.add(p)
}

// pageMember reads a member that says something of other pages.
func (m *memberWalk) pageMember(key string) error {
	value, err := m.plainText()
	if err == nil && !m.dropped {
		m.page.say(key, value)
	}
	return err
}

// plainText reads the string, number or literal at pos, and moves past
// anything else.
func (m *memberWalk) plainText() (string, error) {
	switch m.buf[m.pos] {
	case '"':
		return m.text()
	case '{', '[':
		return "", m.value()
	}
	held, at := m.keep >= 0, m.pos-max(m.keep, 0)
	if !held {
		m.keep, at = m.pos, 0
	}
	if err := m.value(); err != nil || m.dropped {
		return "", err
	}
	text := string(m.buf[m.keep+at : m.pos])
	if !held {
		m.keep = -1
	}
	return text, nil
}
