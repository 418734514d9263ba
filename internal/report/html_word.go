package report

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// thin is the space between a number and its unit.
const thin = "\u2009"

// oneDecimal writes a percentage's number. What is incomplete is never
// rounded to all, and what is there never to nothing.
func oneDecimal(percent float64, incomplete bool) string {
	text := strconv.FormatFloat(round(percent, 1), 'f', 1, 64)
	switch {
	case incomplete && text == "100.0":
		return "> 99.9"
	case percent > 0 && text == "0.0":
		return "< 0.1"
	}
	return text
}

// twoDecimals writes points as the score has them.
func twoDecimals(points float64) string { return strconv.FormatFloat(round(points, 2), 'f', 2, 64) }

func percentText(percent float64, incomplete bool) string {
	return oneDecimal(percent, incomplete) + thin + "%"
}

// coverageWords gives the coverage in percent, or says that there is none.
func coverageWords(c assess.Coverage) string {
	if c.Judged+c.Unknown == 0 {
		return "nothing judged"
	}
	return percentText(c.Percent, c.Unknown > 0)
}

// gainWords writes a gain in percentage points with its unit.
func gainWords(gain float64) string {
	if text := gainText(gain); text != "" {
		return text + " pp"
	}
	return ""
}

// reasonWords says what a reason means to somebody who has never met it.
var reasonWords = map[posture.Reason]string{
	posture.Denied:       "the reader lacked the right",
	posture.Throttled:    "the provider refused for the time being",
	posture.Failed:       "the rule or the read ended in an error",
	posture.Partial:      "the resource was read in part only",
	posture.NotCollected: "what the rule needs was not read",
	posture.Stale:        "the last complete read is too old",
	posture.NotEvaluable: "the rule needs what configuration cannot tell",
}

// checksAt gives the address of a list of checks: filters in turn, name and
// value.
func checksAt(filters ...string) string {
	query := make([]string, 0, len(filters)/2)
	for i := 0; i+1 < len(filters); i += 2 {
		query = append(query, filters[i]+"="+hashValue(filters[i+1]))
	}
	return "#checks?" + strings.Join(query, "&")
}

// hashValue escapes a value as the page's script does. What is harmless is what
// the page knows things by.
func hashValue(value string) string {
	return strings.ReplaceAll(url.QueryEscape(Harmless(value)), "+", "%20")
}

// anchor gives the id of the element that shows a thing, anchorAt its address.
func anchor(kind, id string) string { return kind + ":" + strings.ReplaceAll(id, " ", "_") }

func anchorAt(kind, id string) string { return "#" + hashValue(anchor(kind, id)) }

// plural gives the noun for a number that stands elsewhere.
func plural(n int, noun string) string { return strings.TrimLeft(counted(n, noun), "0123456789, ") }
