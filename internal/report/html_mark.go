package report

import (
	"fmt"
	"math"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/compliance"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// What is drawn follows the design: a shape and a word for every state and
// severity, so that colour only repeats. Drawings carry no inline style, which
// the page's policy forbids: sizes are attributes, colours classes.

// look is how a state or severity is shown: mark is both the drawing's id and
// the colour's class.
type look struct{ mark, word string }

var stateLooks = map[posture.State]look{
	posture.Unhealthy:     {"unhealthy", "Unhealthy"},
	posture.Unknown:       {"unknown", "Unknown"},
	posture.Healthy:       {"healthy", "Healthy"},
	posture.Manual:        {"manual", "Manual"},
	posture.Exempt:        {"exempt", "Exempt"},
	posture.NotApplicable: {"notApplicable", "Not applicable"},
}

var severityLooks = map[posture.Severity]look{
	posture.Critical: {"critical", "Critical"},
	posture.High:     {"high", "High"},
	posture.Medium:   {"medium", "Medium"},
	posture.Low:      {"low", "Low"},
	posture.NotRated: {"notRated", "Not rated"},
}

var controlLooks = map[compliance.State]look{
	compliance.Failed:        {"unhealthy", compliance.Failed.String()},
	compliance.Unknown:       {"unknown", compliance.Unknown.String()},
	compliance.Manual:        {"manual", compliance.Manual.String()},
	compliance.Passed:        {"healthy", compliance.Passed.String()},
	compliance.NotApplicable: {"notApplicable", compliance.NotApplicable.String()},
	compliance.NotCovered:    {"notCovered", compliance.NotCovered.String()},
}

// barOrder is that of the parts of every bar.
var barOrder = [...]posture.State{
	posture.Unhealthy, posture.Unknown, posture.Manual, posture.Healthy, posture.Exempt, posture.NotApplicable,
}

var cloudWords = map[posture.Cloud]string{posture.Azure: "Az", posture.AWS: "AWS", posture.GCP: "GCP", posture.Machine: "On-prem"}

// mark draws a symbol of marks.svg that says nothing the words beside it do
// not say.
func (s *markup) mark(name string) {
	s.raw(`<svg class="mark" aria-hidden="true"><use href="#m-`)
	s.text(name)
	s.raw(`"/></svg>`)
}

// labelled writes the mark and its word.
func (s *markup) labelled(l look) {
	s.in("span", class("label "+l.mark), func() {
		s.mark(l.mark)
		s.text(l.word)
	})
}

// part is one state's share of a bar.
type part struct {
	look
	n int
}

// bar draws the shares of a whole. What is there at all is visible, however
// little it is. The words beside a bar say the numbers, or its label does.
func (s *markup) bar(height int, unit string, parts []part) {
	total, words := 0, []string{}
	for _, p := range parts {
		total += p.n
		if p.n > 0 {
			words = append(words, count(p.n)+" "+strings.ToLower(p.word))
		}
	}
	if total == 0 {
		return
	}
	s.start("svg", with{"class", "bar", "height", fmt.Sprint(height), "role", "img", "aria-label", unit + ": " + strings.Join(words, ", ")})
	s.leaf("title", nil, strings.Join(words, ", "))
	const least = 1.5 // percent
	weights, sum := make([]float64, len(parts)), 0.0
	for i, p := range parts {
		if p.n > 0 {
			weights[i] = max(least, 100*float64(p.n)/float64(total))
		}
		sum += weights[i]
	}
	x := 0.0
	for i, p := range parts {
		if w := weights[i] * 100 / sum; w > 0 {
			fmt.Fprintf(s, `<rect class="p-%s" x="%.2f%%" width="%.2f%%" height="%d"/>`, p.mark, x, w, height)
			x += w
		}
	}
	s.raw("</svg>")
}

// legend writes the parts in words, each a door to what it counts where door
// gives one.
func (s *markup) legend(parts []part, door func(part) string) {
	s.in("span", class("legend"), func() {
		for _, p := range parts {
			if p.n == 0 {
				continue
			}
			s.in("span", class("label "+p.mark), func() {
				s.mark(p.mark)
				s.text(p.word + " ")
				s.door(door(p), count(p.n))
			})
		}
	})
}

// door writes a number that leads to what it counts, if there is a way.
func (s *markup) door(href, number string) {
	if href == "" || number == "0" {
		s.leaf("span", class("number"), number)
		return
	}
	s.leaf("a", with{"class", "door", "href", href}, number)
}

// doorOfRules is a door to checks of recommendations and policies. A person's
// word about a manual control is in no sum of theirs; where there are such
// checks, the script takes them out of what the door leads to.
func (s *markup) doorOfRules(href, number string) {
	if number == "0" {
		s.door("", number)
		return
	}
	s.leaf("a", with{"class", "door", "href", href, "data-rules", ""}, number)
}

// dial draws the score as an arc of 300 degrees with coverage as a thin ring
// around it, whose gap is dashed.
func (s *markup) dial(score float64, hasScore, partial bool, coverage float64, below, label string) {
	kind := "dial"
	if partial || !hasScore {
		kind += " partial"
	}
	s.start("svg", with{"class", kind, "viewBox", "0 0 160 150", "role", "img", "aria-label", label})
	fmt.Fprintf(s, `<path class="track" d="%s"/>`, arc(62, 0, 1))
	if hasScore && score > 0 {
		fmt.Fprintf(s, `<path class="value" d="%s"/>`, arc(62, 0, score/100))
	}
	if coverage > 0 {
		fmt.Fprintf(s, `<path class="ring" d="%s"/>`, arc(73, 0, coverage/100))
	}
	if coverage < 100 {
		fmt.Fprintf(s, `<path class="gap" d="%s"/>`, arc(73, coverage/100, 1))
	}
	if hasScore {
		s.raw(`<text class="score" x="80" y="90">`)
		s.text(oneDecimal(score, score < 100))
		s.raw(`<tspan class="percent" dx="3">%</tspan></text>`)
	} else {
		s.raw(`<text class="none" x="80" y="86">none</text>`)
	}
	s.raw(`<text class="below" x="80" y="112">`)
	s.text(below)
	s.raw(`</text></svg>`)
}

// arc gives the path of a piece of the dial, from and to in shares of it.
func arc(radius, from, to float64) string {
	to = max(to, from+0.002)
	point := func(share float64) (x, y float64) {
		angle := (120 + 300*share) * math.Pi / 180
		return 80 + radius*math.Cos(angle), 80 + radius*math.Sin(angle)
	}
	x1, y1 := point(from)
	x2, y2 := point(to)
	large := 0
	if (to-from)*300 > 180 {
		large = 1
	}
	return fmt.Sprintf("M%.2f %.2fA%g %g 0 %d 1 %.2f %.2f", x1, y1, radius, radius, large, x2, y2)
}

// coverageRing draws a small ring: what is judged, and a gap for the rest.
func (s *markup) coverageRing(percent float64) {
	const length = 2 * math.Pi * 5
	fmt.Fprintf(s, `<svg class="mark ring" viewBox="0 0 14 14" aria-hidden="true"><circle class="rest" cx="7" cy="7" r="5"/>`+
		`<circle class="judged" cx="7" cy="7" r="5" stroke-dasharray="%.2f %.2f" transform="rotate(-90 7 7)"/></svg>`,
		length*percent/100, length)
}
