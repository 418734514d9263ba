package resourcegraph

import (
	"math"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/internal/score"
	"github.com/bartizan-dev/bartizan/kql/data"
)

const scorePath = "/providers/Microsoft.Security/secureScores/ascScore"

// scoreRows has a row for every unit that is scored, and for those of which read
// records say what was not read and no input has anything.
func scoreRows(_ *Estate, a *assessed, s *rowSink) {
	coverage := map[string]assess.Coverage{}
	for i := range a.result.ByUnit {
		coverage[a.result.ByUnit[i].Unit] = a.result.ByUnit[i].Coverage
	}
	scored := map[string]bool{}
	for i := range a.result.Score.Units {
		u := &a.result.Score.Units[i]
		scored[u.Scope] = true
		if !s.add(a.scoreRow(u, coverage[u.Scope])) {
			return
		}
	}
	for i := range a.result.ByUnit {
		u := &a.result.ByUnit[i]
		if !scored[u.Unit] && u.Coverage.UnseenCount()+u.Coverage.NotReadTotal > 0 && !s.add(a.scoreRow(&score.Unit{Scope: u.Unit}, u.Coverage)) {
			return
		}
	}
}

func (a *assessed) scoreRow(u *score.Unit, coverage assess.Coverage) *row {
	r := a.unitRow(u.Scope, scorePath, scoreType)
	var p bag
	p.text("displayName", "ASC score").text("environment", environments[posture.CloudOfUnit(u.Scope)])
	p.put("score", scoreOf(u.Max, u.Current, u.Percent/100)).count("weight", u.Weight)
	p.put("bartizan", new(bag).put("hasScore", data.NodeOfBool(u.HasScore)).put("coverage", coverageOf(coverage)).
		count("rejected", a.result.Coverage.Rejected).node())
	r.properties = p.node()
	return r
}

// coverageOf says which share of a unit's checks got an answer. Resources that are
// known to exist and could not be read count one check each; types that were not read
// count as none, but where nothing else is known of a unit, that is no answer at all.
func coverageOf(c assess.Coverage) *data.Node {
	b := new(bag).count("judged", c.Judged).count("unknown", c.Unknown).count("unseen", c.UnseenCount())
	b.count("manual", c.Manual).count("exempt", c.Exempt).count("notRead", c.NotReadTotal)
	switch {
	case c.Judged+c.Unknown > 0:
		b.real("percent", math.RoundToEven(c.Percent*100)/100)
	case c.NotJudged > 0:
		b.real("percent", 0)
	}
	return b.node()
}

func scoreOf(highest, current, percentage float64) *data.Node {
	return new(bag).put("max", points(highest)).real("current", current).real("percentage", math.RoundToEven(percentage*1e4)/1e4).node()
}

// points are whole numbers wherever they can be.
func points(f float64) *data.Node {
	if f == math.Trunc(f) {
		return data.NodeOfLong(int64(f))
	}
	return data.NodeOfReal(f)
}

// scoreControlRows has a row for every control of every unit.
func scoreControlRows(e *Estate, a *assessed, s *rowSink) {
	idle := map[string]map[string]int{}
	for i := range a.result.ByUnit {
		idle[a.result.ByUnit[i].Unit] = a.result.ByUnit[i].Idle
	}
	definitions := map[string]*data.Node{}
	for i := range a.result.Score.Units {
		u := &a.result.Score.Units[i]
		for n := range u.Controls {
			c := &u.Controls[n]
			if definitions[c.ID] == nil {
				definitions[c.ID] = e.controlDefinition(c.ID)
			}
			r := a.unitRow(u.Scope, scorePath+"/secureScoreControls/"+e.controlName(c.ID), scoreControlType)
			r.properties = controlProperties(c, idle[u.Scope][c.ID], definitions[c.ID], posture.CloudOfUnit(u.Scope))
			if !s.add(r) {
				return
			}
		}
	}
}

func controlProperties(c *score.ControlScore, idle int, definition *data.Node, cloud posture.Cloud) *data.Node {
	var p bag
	p.text("displayName", c.Name).text("environment", environments[cloud])
	p.count("healthyResourceCount", c.Healthy).count("unhealthyResourceCount", c.Unhealthy)
	p.count("notApplicableResourceCount", c.Unknown+idle)
	p.put("score", scoreOf(c.Max, c.Current, c.Percentage)).count("weight", c.Weight)
	p.put("definition", definition)
	p.put("bartizan", new(bag).count("unknownResourceCount", c.Unknown).node())
	return p.node()
}

// controlName is the GUID that Defender for Cloud knows a control by.
func (e *Estate) controlName(id string) string {
	if c, ok := e.options.BuiltIn.Control(id); ok && c.GUID != "" {
		return c.GUID
	}
	return id
}

// controlDefinition is what $expand=definition gives of a control.
func (e *Estate) controlDefinition(id string) *data.Node {
	c, ok := e.options.BuiltIn.Control(id)
	if !ok {
		c = catalog.Control{ID: id, Name: id}
	}
	var members []*data.Node
	for _, entry := range e.options.BuiltIn.Entries() {
		if entry.Control == id {
			members = append(members, new(bag).text("id", "/providers/Microsoft.Security/assessmentMetadata/"+entry.ID).node())
		}
	}
	name := e.controlName(id)
	var p, d bag
	p.put("source", new(bag).text("sourceType", "BuiltIn").node())
	p.text("displayName", c.Name).text("description", c.Description).put("maxScore", points(c.Max))
	p.put("assessmentDefinitions", data.NodeOfArray(members))
	d.text("id", "/providers/Microsoft.Security/secureScoreControlDefinitions/"+name).text("name", name)
	return d.text("type", "Microsoft.Security/secureScoreControlDefinitions").put("properties", p.node()).node()
}
