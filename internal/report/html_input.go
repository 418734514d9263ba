package report

import (
	"fmt"

	"github.com/bartizan-dev/bartizan/internal/inventory"
)

// mostLines is how many inputs, problems or policies stand in the page; more
// than that nobody reads there, and --format json has all.
const mostLines = 5000

// input says what the report was made from, and what is not in it.
func (d *document) input() {
	r := d.run.Result
	d.leaf("p", class("lead"), fmt.Sprintf("%s in %s", counted(r.Total, "resource"), counted(r.Units, "unit")))
	if n := r.Duplicates; n > 0 {
		d.leaf("p", class("note"), counted(n, "record")+" left out, because another one of the same id counts.")
	}
	if text := unmappedText(r.Seen, 20); text != "" {
		d.leaf("p", class("note"), "Kept, but not mapped to a schema that rules know: "+text)
	}
	d.notRead()
	d.seen(r.Seen)
	d.problems()
	d.notEvaluated()
}

// notRead names the types that were not read, or not all of them: in no coverage, so
// they have to be said.
func (d *document) notRead() {
	c := d.run.Result.Coverage
	if c.NotReadTotal == 0 {
		return
	}
	d.leaf("h2", class("section"), "Not read")
	d.leaf("p", class("caption"), "Read records say of "+counted(c.NotReadTotal, "type")+" that not all was read there. What is missing has no checks, and stands outside score and coverage.")
	d.in("div", class("panel flush scroll"), func() {
		d.in("table", nil, func() {
			d.raw(`<thead><tr><th>Type</th><th>Where</th><th>Why</th></tr></thead><tbody>`)
			for _, f := range c.NotRead {
				d.in("tr", nil, func() {
					d.leaf("td", class("path"), typeWords(f.Type))
					d.leaf("td", class("path"), f.Scope)
					d.leaf("td", class("words"), f.Reason.String())
				})
			}
			d.raw("</tbody>")
		})
	})
	if more := c.NotReadTotal - len(c.NotRead); more > 0 {
		d.leaf("p", class("caption"), "and "+counted(more, "more type"))
	}
}

func (d *document) seen(all []inventory.Seen) {
	if len(all) == 0 {
		return
	}
	d.in("div", class("panel flush scroll"), func() {
		d.in("table", nil, func() {
			d.raw(`<thead><tr><th>Input</th><th>Format</th><th class="n">Records</th><th class="n">Resources</th><th class="n">Rejected</th></tr></thead><tbody>`)
			for i := range all[:min(len(all), mostLines)] {
				s := &all[i]
				d.in("tr", nil, func() {
					d.leaf("td", class("path"), s.File)
					d.leaf("td", class("secondary"), s.Format)
					for _, n := range []int{s.Records, s.Resources, s.Rejected} {
						d.leaf("td", class("n "+zero(n)), count(n))
					}
				})
			}
			d.raw("</tbody>")
		})
	})
	d.more(len(all), "input")
}

func (d *document) more(n int, noun string) {
	if n > mostLines {
		d.leaf("p", class("caption"), "and "+counted(n-mostLines, noun)+" more; --format json names each")
	}
}

// problems lists what could not be read, then what is worth knowing.
func (d *document) problems() {
	lost, notes := linesOf(d.run.Result)
	all := append(lost, notes...)
	words := counted(len(lost), "problem")
	if len(notes) > 0 {
		words += ", " + counted(len(notes), "note")
	}
	d.leaf("h2", class("section"), "Problems of the input")
	if len(all) == 0 {
		d.leaf("p", class("caption"), "None: everything that was given could be read.")
		return
	}
	d.leaf("p", class("caption"), words+". A note lost nothing; a problem counts as unknown.")
	d.in("div", class("panel flush scroll"), func() {
		d.in("table", nil, func() {
			d.raw(`<thead><tr><th>Kind</th><th>Place</th><th>What</th></tr></thead><tbody>`)
			for _, p := range all[:min(len(all), mostLines)] {
				d.in("tr", nil, func() {
					d.in("td", nil, func() { d.problemKind(p.Notice) })
					d.leaf("td", class("path"), p.Place())
					d.leaf("td", class("words"), p.Reason)
				})
			}
			d.raw("</tbody>")
		})
	})
	d.more(len(all), "line")
}

func (d *document) problemKind(notice bool) {
	if notice {
		d.leaf("span", class("quiet"), "note")
		return
	}
	d.labelled(look{"unknown", "problem"})
}

// notEvaluated names the policies that make no checks: in no score and in no
// coverage, so they have to be said.
func (d *document) notEvaluated() {
	all := d.run.Result.NotEvaluated
	d.leaf("h2", class("section"), "Not evaluated")
	if len(all) == 0 {
		d.leaf("p", class("caption"), "None: everything that was chosen could be judged.")
		return
	}
	d.leaf("p", class("caption"), counted(len(all), "policy")+" made no checks, and stand outside score and coverage.")
	d.in("p", class("legend"), func() {
		for _, why := range byReason(all) {
			d.in("span", class("label"), func() {
				d.leaf("b", nil, count(why.policies))
				d.text(" " + why.why)
			})
		}
	})
	d.in("details", class("panel flush below"), func() {
		d.leaf("summary", class("group-head"), "All "+counted(len(all), "policy"))
		d.in("div", class("scroll"), func() {
			d.in("table", nil, func() {
				d.raw(`<thead><tr><th>Policy</th><th>Why</th></tr></thead><tbody>`)
				for _, n := range all[:min(len(all), mostLines)] {
					d.in("tr", nil, func() {
						d.in("td", class("words"), func() {
							if n.Title != "" {
								d.leaf("span", nil, n.Title)
							}
							d.leaf("span", class("id"), n.Policy)
						})
						d.leaf("td", class("words"), n.Why)
					})
				}
				d.raw("</tbody>")
			})
		})
	})
	d.more(len(all), "policy")
}
