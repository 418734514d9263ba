package estate

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/internal/govern"
	"github.com/bartizan-dev/bartizan/internal/index"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/internal/score"
	"github.com/bartizan-dev/bartizan/policy"
)

// Judges say what judges by the documents of a moment: the catalogue everywhere,
// policies where they are assigned.
type Judges struct {
	catalog *catalog.Catalog
	base    index.Content
	id      string
	texts   map[string]ledger.Hash             // by id of a recommendation: of its rule
	own     *catalogue                         // what is kept of it
	twins   map[string]*catalog.Recommendation // by name of a built-in definition: what checks the same
	tables  tables                             // the kept alias tables with the catalogue's

	mu   sync.Mutex
	last *judging // of the documents that were asked for last
}

// NewJudges prepares a catalogue.
func NewJudges(c *catalog.Catalog) (*Judges, error) {
	j := &Judges{catalog: c, texts: map[string]ledger.Hash{}, twins: map[string]*catalog.Recommendation{}}
	for _, control := range c.Controls() {
		j.base.Controls = append(j.base.Controls, score.Control{ID: control.ID, Name: control.Name, Max: control.Max})
	}
	all, err := c.Recommendations()
	if err != nil {
		return nil, err
	}
	for _, r := range all {
		j.base.Rules = append(j.base.Rules, index.Rule{ID: r.ID, Severity: r.Severity, Control: r.Control, Scored: r.Control != "" && !r.Preview})
		if j.texts[r.ID], err = hashOfRule(r); err != nil {
			return nil, err
		}
		for _, name := range r.AzurePolicies {
			j.twins[name] = r
		}
	}
	if j.tables.own, err = ownAliases(c); err != nil {
		return nil, err
	}
	h := fnv.New128a()
	fmt.Fprintf(h, "%+v", j.base)
	j.id = hex.EncodeToString(h.Sum(nil))
	j.own = catalogueOf(j.base, j.texts)
	return j, nil
}

// Content is what a posture index has to know of what judges by the documents of a
// moment.
func (j *Judges) Content(documents []ledger.DocumentVersion) (index.Content, error) {
	now, err := j.by(documents)
	if err != nil {
		return index.Content{}, err
	}
	return now.content, nil
}

// Assigned is what the assignments among the documents of a moment come to.
func (j *Judges) Assigned(documents []ledger.DocumentVersion) (*assess.Assigned, error) {
	now, err := j.by(documents)
	if err != nil {
		return nil, err
	}
	return now.assigned, nil
}

// Aliases are those that policies may use by the documents of a moment.
func (j *Judges) Aliases(documents []ledger.DocumentVersion) (*policy.Aliases, error) {
	now, err := j.by(documents)
	if err != nil {
		return nil, err
	}
	return now.aliases.all, nil
}

// Options are what an assessment of everything would judge by, by the documents of a
// moment.
func (j *Judges) Options(documents []ledger.DocumentVersion, at time.Time) (assess.Options, error) {
	now, err := j.by(documents)
	if err != nil {
		return assess.Options{}, err
	}
	library, assignments := now.policies.Assigned(func(*policy.Assignment) bool { return true })
	return assess.Options{BuiltIn: j.catalog, Aliases: now.aliases.all, Library: library, Assignments: assignments, Now: at}, nil
}

// ID tells catalogues apart by what matters to a posture index.
func (j *Judges) ID() string { return j.id }

// by gives what judges by some documents.
func (j *Judges) by(documents []ledger.DocumentVersion) (*judging, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	var known *govern.Policies
	if j.last != nil {
		known = j.last.policies
	}
	policies := govern.PoliciesOf(documents, known)
	kept, err := keptCatalogue(documents)
	if err != nil {
		return nil, err
	}
	if j.last != nil && policies.Equal(known) && (kept == nil && j.last.kept == nil || kept.equal(j.last.kept)) {
		return j.last, nil
	}
	now, err := j.judging(policies, kept)
	if err == nil {
		j.last = now
	}
	return now, err
}

// judging is what judges by some policy documents. It does not change.
type judging struct {
	judges   *Judges
	kept     *catalogue // that judged; nil if that is not kept
	policies *govern.Policies
	aliases  *aliases
	content  index.Content
	assigned *assess.Assigned
	meanings map[string]ledger.Hash // by id of a definition that is assigned
	// references are the ways in which policies are assigned, by a text that tells
	// apart what may judge otherwise.
	references map[string]reference
}

// reference is one way in which policies are assigned.
type reference struct {
	scope string
	rules []ledger.Evaluation
}

// judging works out what judges by policy documents and a catalogue, nil for the own
// one.
func (j *Judges) judging(policies *govern.Policies, kept *catalogue) (*judging, error) {
	now := &judging{
		judges: j, kept: kept, policies: policies, aliases: j.tables.of(policies), content: j.base,
		assigned: &assess.Assigned{}, meanings: map[string]ledger.Hash{}, references: map[string]reference{},
	}
	if kept != nil && !kept.equal(j.own) {
		now.content = kept.content()
	}
	library, assignments := policies.Assigned(func(*policy.Assignment) bool { return true })
	if library == nil {
		return now, nil
	}
	var err error
	if now.assigned, err = assess.AssignedBy(assess.Options{BuiltIn: j.catalog, Aliases: now.aliases.all, Library: library, Assignments: assignments}); err != nil {
		return nil, fmt.Errorf("working out what is assigned: %w", err)
	}
	for i := range now.assigned.Rules {
		if p, ok := policies.Find(ledger.Definition, now.assigned.Rules[i].ID); ok && now.meanings[p.ID] == (ledger.Hash{}) {
			now.meanings[p.ID] = now.aliases.meaning(p)
		}
	}
	for i := range now.assigned.References {
		if err := now.refer(&now.assigned.References[i]); err != nil {
			return nil, err
		}
	}
	now.content.Rules, now.content.References = slices.Concat(now.content.Rules, now.rules()), now.waysOfAssigning()
	return now, nil
}

// refer notes the policies that a reference comes to.
func (j *judging) refer(r *assess.AssignedReference) error {
	found := reference{scope: r.Assignment.Scope}
	for _, n := range r.Rules {
		if rule := &j.assigned.Rules[n]; !rule.Recommendation {
			found.rules = append(found.rules, j.evaluation(rule.JudgedRule))
		}
	}
	if len(found.rules) == 0 {
		return nil
	}
	a := r.Assignment
	text, err := json.Marshal(map[string]any{
		"scope": posture.Fold(a.Scope), "notScopes": a.NotScopes, "selectors": a.ResourceSelectors, "overrides": a.Overrides, "member": r.Member, "rules": found.rules,
	})
	j.references[string(text)] = found
	return err
}

// rules are those of policies that make checks, by id.
func (j *judging) rules() []index.Rule {
	var rules []index.Rule
	for i := range j.assigned.Rules {
		r := &j.assigned.Rules[i]
		if r.Recommendation || !r.Judged {
			continue
		}
		rule := index.Rule{ID: index.PolicyRule(r.ID, r.ParametersHash), Policy: r.ID, Severity: r.Severity}
		if twin := j.judges.twin(j.policies, r.ID); twin != nil {
			rule.Control, rule.Scored = twin.Control, twin.Control != "" && !twin.Preview
		}
		rules = append(rules, rule)
	}
	slices.SortFunc(rules, func(a, b index.Rule) int { return compareText(a.ID, b.ID) })
	return rules
}

// waysOfAssigning are the ways in which rules are assigned, as a posture index knows them.
func (j *judging) waysOfAssigning() (all []index.Reference) {
	parts := map[*policy.Assignment]*index.Part{}
	for i := range j.assigned.References {
		r := &j.assigned.References[i]
		for _, c := range r.Cases() {
			rule := &j.assigned.Rules[c.Rule]
			if !rule.Judged {
				continue
			}
			part := parts[r.Assignment]
			if part == nil {
				of := PartOf(r.Assignment)
				part = &of
				parts[r.Assignment] = part
			}
			if c.If != nil || c.Unless != nil {
				of := *part
				of.If, of.Unless = c.If, c.Unless
				part = &of
			}
			all = append(all, index.Reference{Assignment: r.Assignment.ID, Member: r.Member, Rule: ruleIn(rule), Part: part})
		}
	}
	return all
}

// ruleIn is what a rule that is assigned is called in a posture index.
func ruleIn(r *assess.AssignedRule) string {
	if r.Recommendation {
		return r.ID
	}
	return index.PolicyRule(r.ID, r.ParametersHash)
}

// twin gives the recommendation that checks what a built-in definition does, nil
// for none. Built-in is what is kept above all, where Microsoft's are.
func (j *Judges) twin(policies *govern.Policies, id string) *catalog.Recommendation {
	p, ok := policies.Find(ledger.Definition, id)
	if !ok || p.Scope != "/" || p.Definition.PolicyType != "BuiltIn" {
		return nil
	}
	return j.twins[strings.ToLower(p.Name)]
}

// evaluation is what a rule that judged is kept as.
func (j *judging) evaluation(judged assess.JudgedRule) ledger.Evaluation {
	e := ledger.Evaluation{Rule: judged.ID, Parameters: judged.ParametersHash, Definition: j.judges.texts[judged.ID]}
	if p, ok := j.policies.Find(ledger.Definition, judged.ID); ok && !judged.Recommendation {
		e.Definition = j.meanings[p.ID]
	}
	return e
}

// options are how some unit is judged, by what is assigned where it is.
func (j *judging) options(unit string, t *tree, at time.Time) assess.Options {
	above := t.above(unit)
	library, assignments := j.policies.Assigned(func(a *policy.Assignment) bool {
		scope := posture.Fold(a.Scope)
		_, node := t.scopes[scope]
		return unit == "" || a.Scope == "/" || slices.Contains(above, scope) || !node || posture.Within(scope, unit)
	})
	return assess.Options{BuiltIn: j.judges.catalog, Aliases: j.aliases.all, Library: library, Assignments: assignments, Now: at}
}

// differences are the policies that judge otherwise by one judging than by
// another, and the scopes where that may be.
func (j *judging) differences(from *judging) (rules map[ledger.Evaluation]bool, scopes []string) {
	rules = map[ledger.Evaluation]bool{}
	among := map[string]bool{}
	note := func(some, others map[string]reference) {
		for text, r := range some {
			if _, both := others[text]; both {
				continue
			}
			among[r.scope] = true
			for _, e := range r.rules {
				rules[e] = true
			}
		}
	}
	note(j.references, from.references)
	note(from.references, j.references)
	return rules, slices.Sorted(maps.Keys(among))
}

// judgesOtherwise reports whether a unit may be judged otherwise than by another
// judging.
func (j *judging) judgesOtherwise(than *judging) bool {
	if j == than {
		return false
	}
	rules, _ := j.differences(than)
	return len(rules) > 0
}

// typesOf gives the types that some rules are about and look for, in lower case;
// all says that it may be any.
func (j *judging) typesOf(rules map[ledger.Evaluation]bool) (types []string, all bool) {
	for i := range j.assigned.Rules {
		r := &j.assigned.Rules[i]
		if r.Recommendation || !rules[j.evaluation(r.JudgedRule)] {
			continue
		}
		types, all = append(types, r.Types...), all || r.AllTypes
	}
	return types, all
}

// stands reports whether some of the rules are still assigned.
func (j *judging) stands(rules map[ledger.Evaluation]bool) bool {
	return slices.ContainsFunc(j.assigned.Rules, func(r assess.AssignedRule) bool {
		return !r.Recommendation && r.Judged && rules[j.evaluation(r.JudgedRule)]
	})
}

// hashOfRule tells apart what would judge otherwise: titles and words do not
// matter.
func hashOfRule(rec *catalog.Recommendation) (ledger.Hash, error) {
	var d struct {
		Properties struct {
			Mode                   string
			Parameters, PolicyRule json.RawMessage
		}
	}
	if err := json.Unmarshal(rec.Definition, &d); err != nil {
		return ledger.Hash{}, fmt.Errorf("rule of %s: %w", rec.ID, err)
	}
	p := d.Properties
	return ledger.HashOf(bytes.Join([][]byte{[]byte(p.Mode), p.Parameters, p.PolicyRule, rec.Applies}, []byte{0})), nil
}
