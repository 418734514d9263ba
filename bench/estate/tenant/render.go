package tenant

import (
	"math/rand/v2"
	"strconv"
)

// subject is the resource that a template is being written for.
type subject struct {
	id, name, group, subscription, location string
	etag                                    [16]byte
	tags                                    string // the members of tags, "" for none
}

// writer appends filled templates to a buffer.
type writer struct {
	buf       []byte
	random    *rand.Rand
	tenant    string
	variables []string
	count     int // of the innermost many
}

func (w *writer) render(parts []part, s *subject) {
	for i := range parts {
		w.part(&parts[i], s)
	}
}

func (w *writer) part(p *part, s *subject) {
	switch p.op {
	case opText:
		w.buf = append(w.buf, p.text...)
	case opID:
		w.buf = append(w.buf, s.id...)
	case opName:
		w.buf = append(w.buf, s.name...)
	case opGroup:
		w.buf = append(w.buf, s.group...)
	case opSubscription:
		w.buf = append(w.buf, s.subscription...)
	case opLocation:
		w.buf = append(w.buf, s.location...)
	case opEtag:
		w.uuid(s.etag)
	case opTenant:
		w.buf = append(w.buf, w.tenant...)
	case opVariable:
		w.buf = append(w.buf, w.variables[p.a]...)
	case opTags:
		w.tags(s)
	case opPick, opMaybe, opIf, opMany:
		w.choice(p, s)
	default:
		w.made(p)
	}
}

// choice writes the places that hold texts of their own.
func (w *writer) choice(p *part, s *subject) {
	switch p.op {
	case opPick:
		at, n := w.random.IntN(p.upto[len(p.upto)-1]), 0
		for at >= p.upto[n] {
			n++
		}
		w.render(p.choices[n], s)
	case opMaybe:
		if w.random.IntN(100) < p.a {
			w.render(p.choices[0], s)
		}
	case opIf:
		if w.variables[p.a] != "" {
			w.render(p.choices[0], s)
		}
	case opMany:
		outer, n := w.count, p.a+w.random.IntN(p.b-p.a+1)
		for w.count = 0; w.count < n; w.count++ {
			if w.count > 0 {
				w.buf = append(w.buf, ',')
			}
			w.render(p.choices[0], s)
		}
		w.count = outer
	}
}

// made writes the places that are filled by chance.
func (w *writer) made(p *part) {
	switch p.op {
	case opUUID:
		w.uuid(w.sixteen())
	case opHex:
		w.hex(p.a)
	case opInt:
		w.buf = strconv.AppendInt(w.buf, int64(p.a+w.random.IntN(p.b-p.a+1)), 10)
	case opDay:
		w.day(w.random.Uint64())
	case opTime:
		w.time(w.random.Uint64())
	case opIP:
		w.address(w.random.Uint32())
	case opPerson:
		w.person(w.random.Uint32())
	case opCreated:
		w.created()
	case opCount:
		w.buf = strconv.AppendInt(w.buf, int64(w.count), 10)
	}
}

func (w *writer) tags(s *subject) {
	if s.tags == "" {
		return
	}
	w.buf = append(w.buf, `"tags":{`...)
	w.buf = append(w.buf, s.tags...)
	w.buf = append(w.buf, "},"...)
}

// created writes the members of systemData.
func (w *writer) created() {
	w.author(`"created`)
	w.buf = append(w.buf, ',')
	w.author(`"lastModified`)
}

// author writes who and when: a person or, in two cases of three, a pipeline.
func (w *writer) author(verb string) {
	by := w.random.Uint32()
	w.buf = append(append(w.buf, verb...), `By":"`...)
	kind := "Application"
	if by%3 == 0 {
		kind = "User"
		w.person(by)
	} else {
		w.uuid(w.principal(by))
	}
	w.buf = append(append(append(w.buf, `",`...), verb...), `ByType":"`...)
	w.buf = append(append(append(append(w.buf, kind...), `",`...), verb...), `At":"`...)
	w.time(w.random.Uint64())
	w.buf = append(w.buf, '"')
}
