package terminal

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
)

// Unit is what a progress counts.
type Unit uint8

// The units of progress.
const (
	Items Unit = iota // anything that is counted; the stage's name says what
	Bytes             // shown as B, kB, MB, GB (powers of 1000)
)

// The pauses between two outputs: a bar moves often enough to look alive, a
// log gets a line seldom enough to stay readable.
const (
	barPause  = 100 * time.Millisecond
	linePause = 5 * time.Second
)

// Progress shows how far a run is. It is safe for concurrent use. A nil
// Progress shows nothing.
type Progress struct {
	w      io.Writer
	device Device
	now    func() time.Time

	mu      sync.Mutex
	stage   string
	since   time.Time // start of the stage
	first   int64     // done at the start of the stage
	shown   time.Time // last output
	visible bool      // a bar stands on the terminal's last line
}

// NewProgress shows progress on w, which d describes. The clock is now.
func NewProgress(w io.Writer, d Device, now func() time.Time) *Progress {
	return &Progress{w: w, device: d, now: now, shown: now()}
}

// Update says that done of total are through in a stage such as "reading".
// Total 0 means that nobody knows the end. Calls are cheap between outputs.
func (p *Progress) Update(stage string, unit Unit, done, total int64) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	if stage != p.stage {
		p.stage, p.since, p.first = stage, now, done
	}
	pause := linePause
	if p.device.Terminal {
		pause = barPause
	}
	if now.Sub(p.shown) < pause {
		return
	}
	p.shown = now
	p.show(measure{stage, unit, done, total, done - p.first, now.Sub(p.since)})
}

// Clear takes the bar away, so that other output can follow. The next Update
// may bring it back.
func (p *Progress) Clear() {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.visible {
		fmt.Fprint(p.w, "\r\x1b[K")
		p.visible = false
	}
}

func (p *Progress) show(m measure) {
	if !p.device.Terminal {
		fmt.Fprintln(p.w, m.line())
		return
	}
	fmt.Fprint(p.w, "\r"+m.bar(p.device)+"\x1b[K")
	p.visible = true
}

// measure is one moment of a stage.
type measure struct {
	stage       string
	unit        Unit
	done, total int64
	since       int64 // done since the stage began
	took        time.Duration
}

// line gives the moment in words: "reading: 312 MB of 725 MB (43 %), 101 MB/s, 4s left".
func (m measure) line() string {
	text := m.stage + ": " + m.amount()
	if m.total > 0 {
		text += fmt.Sprintf(" (%d %%)", m.percent())
	}
	return text + m.speed(", ")
}

// bar gives the moment as one line that never wraps.
func (m measure) bar(d Device) string {
	head, tail := m.stage+" ", " "+m.amount()+m.speed("  ")
	room := d.Width - 1 - len(head) - len(tail) - len(" 100 %")
	if m.total <= 0 || room < 5 {
		return cut(head+tail[1:], d.Width-1)
	}
	room = min(room, 40)
	full, empty := "#", "."
	if d.Unicode {
		full, empty = "█", "░"
	}
	filled := room * m.percent() / 100
	return fmt.Sprintf("%s%s%s %3d %%%s", head, strings.Repeat(full, filled), strings.Repeat(empty, room-filled), m.percent(), tail)
}

func (m measure) amount() string {
	if m.total > 0 {
		return m.unit.text(m.done) + " of " + m.unit.text(m.total)
	}
	return m.unit.text(m.done)
}

// speed gives the stage's mean rate and, where the end is known, the time
// that is left at this rate; nothing before there is a rate.
func (m measure) speed(separator string) string {
	if m.since <= 0 || m.took <= 0 {
		return ""
	}
	rate := float64(m.since) / m.took.Seconds()
	text := separator + m.unit.text(int64(rate)) + "/s"
	if m.total > m.done {
		left := time.Duration(float64(m.total-m.done) / rate * float64(time.Second))
		text += separator + max(time.Second, left.Round(time.Second)).String() + " left"
	}
	return text
}

func (m measure) percent() int {
	return int(min(100, max(0, m.done*100/m.total)))
}

// text writes an amount in at most three digits: 312 MB, or 12 k for items.
func (u Unit) text(n int64) string {
	value, scales := float64(n), []string{"", "k", "M", "G", "T"}
	for value >= 999.5 && len(scales) > 1 {
		value, scales = value/1000, scales[1:]
	}
	format, name := "%.0f", scales[0]
	if value < 9.95 && name != "" {
		format = "%.1f"
	}
	if u == Bytes {
		name += "B"
	}
	return strings.TrimSpace(fmt.Sprintf(format+" %s", value, name))
}

// cut shortens a line of our own ASCII words.
func cut(text string, width int) string {
	if width > 0 && len(text) > width {
		return text[:width]
	}
	return text
}
