package assess

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/valyala/fastjson"

	"github.com/bartizan-dev/bartizan/internal/inventory"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

// unseen is a resource that a read record names and no input has: it is known to
// exist, and nothing else of it.
type unseen struct {
	id       string // as the record writes it
	typeName string // folded, "" where the record does not say
	reason   posture.Reason
	by       *readAt
}

// candidateOf gives a gap that the input leaves open as the related resource that
// was not read, as far as an id tells which: of a collection, or of what belongs to
// a resource, every name is possible. False: only the whole type can be meant.
func candidateOf(r *posture.ReadRecord, g *posture.Gap) (id string, ok bool) {
	id = strings.TrimRight(g.ID, "/")
	own := policy.TypeOfID(id)
	switch {
	case !posture.IsARM(id) || own == "":
		return "", false
	case ofBody(r, g):
		if isCollection(id) {
			id += "/?"
		}
		return id, true
	case isCollection(id):
		return "", false
	}
	about := gapType(r, g)
	if below, is := strings.CutPrefix(about, own+"/"); is && !strings.Contains(below, "/") {
		return id + "/" + below + "/?", true
	}
	return id + "/providers/" + about + "/?", policy.IsExtensionType(about)
}

// isCollection reports whether an ARM id ends in a type, not in a name.
func isCollection(id string) bool {
	at := policy.LastProviders(id)
	return at >= 0 && strings.Count(id[at+len("/providers/"):], "/")%2 == 1
}

// findUnseen takes what read records name and the input does not have: the related
// resources that may be among it, and the resources themselves. Of the parents that no
// input has it is known that they are there.
func (run *run) findUnseen(parents []string) {
	candidates, resources := map[string]*policy.Resource{}, map[string]*unseen{}
	reasons := map[string]posture.Reason{}
	for i := range run.known.reads {
		by := &run.known.reads[i]
		for n := range by.Gaps {
			g := &by.Gaps[n]
			if g.ID == "" || !run.complete.leavesOpen(&by.ReadRecord, g) {
				continue
			}
			if id, ok := candidateOf(&by.ReadRecord, g); ok {
				key := posture.Fold(id)
				_, present := run.complete.present[key] // it is a candidate itself, with its gaps
				if !present && (candidates[key] == nil || g.Reason < reasons[key]) {
					candidates[key], reasons[key] = policy.NewUnseen(id, g.Reason.String()), g.Reason
				}
			}
			key := posture.Fold(g.ID)
			if _, present := run.complete.present[key]; present || isCollection(key) || !ofBody(&by.ReadRecord, g) {
				continue
			}
			if known := resources[key]; known == nil || g.Reason < known.reason {
				resources[key] = &unseen{g.ID, cmp.Or(gapType(&by.ReadRecord, g), policy.TypeOfID(key)), g.Reason, by}
			}
		}
	}
	for _, id := range run.known.listed {
		key := posture.Fold(id)
		if _, present := run.complete.present[key]; !present {
			candidates[key] = policy.NewListed(id, posture.Partial.String())
		}
	}
	for _, id := range parents {
		key := posture.Fold(id)
		switch c := candidates[key]; {
		case c == nil:
			if reason, open := run.complete.readOf(id); open {
				candidates[key] = policy.NewListed(id, reason.String())
			}
		case c.Unseen != "":
			candidates[key] = policy.NewListed(id, c.Unseen)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(candidates)) {
		run.candidates = append(run.candidates, candidates[key])
	}
	for _, key := range slices.Sorted(maps.Keys(resources)) {
		run.unseen = append(run.unseen, resources[key])
	}
}

// tellUnseen notes the resources that read records name and the input lacks, and
// counts each that some rule would judge as one check that is unknown: how many it
// would have cannot be known.
func (s *summer) tellUnseen(rd *reading, p *placer) {
	if len(s.run.unseen) == 0 {
		return
	}
	for _, u := range s.run.unseen {
		counts := s.run.wouldJudge(rd.workers[0].judge, u, p)
		told := "is in no input"
		if counts {
			s.result.Coverage.addUnseen(u.reason)
			if unit := s.run.known.tree.Unit(unitOfID(u.id)); s.run.options.ByUnit && unit != "" {
				s.unitSum(unit).result.Coverage.addUnseen(u.reason)
			}
			told += fmt.Sprintf(" and counts as one check that is unknown (%s)", u.reason)
		}
		s.run.known.notices.add(inventory.Problem{
			File: u.by.file, Line: u.by.line, Notice: true,
			Reason: fmt.Sprintf("read record of %s: %s (%s) %s; checks that might find it are unknown", u.by.Scope, u.id, u.reason, told),
		})
	}
}

// addUnseen counts one resource that could not be read.
func (c *Coverage) addUnseen(reason posture.Reason) {
	if c.Unseen == nil {
		c.Unseen = map[posture.Reason]int{}
	}
	c.Unseen[reason]++
	c.Reasons[reason]++
	c.Unknown++
}

// wouldJudge reports whether a rule would judge a resource if it were read, and the
// filter admits it.
func (run *run) wouldJudge(judge *policy.Judge, u *unseen, p *placer) bool {
	r := policy.NewUnseen(u.id, u.reason.String())
	r.Surroundings = &surrounded{knowledge: run.known}
	unit := run.known.tree.Unit(unitOfID(u.id))
	if !posture.IsARM(u.id) {
		r.Type, r.Native, r.Unit = u.typeName, true, unit
	}
	f := &run.options.Filter
	if len(f.ResourceTypes) > 0 && !slices.ContainsFunc(f.ResourceTypes, func(t string) bool { return policy.FoldType(t) == policy.FoldType(r.Type) }) {
		return false
	}
	at := &place{id: u.id, unit: unit, group: policy.GroupOf(u.id), typeName: r.Type, unread: u.reason.String(), tags: f.tagsOf(fastjson.MustParse("{}"))}
	if len(f.Scopes) > 0 && !run.inScope(at, p) {
		return false
	}
	if u.typeName == "" {
		return true // nobody knows what it is
	}
	found := false
	for _, n := range judge.Inspect(r).Judged.Signatures {
		run.views(n, p.at(at), func(v view) {
			switch n.Statuses[v.at].Status {
			case policy.StatusNotApplicable, policy.StatusManual:
			default:
				found = found || v.state != posture.Exempt
			}
		})
	}
	return found
}
