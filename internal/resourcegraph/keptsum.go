package resourcegraph

import (
	"context"
	"maps"
	"slices"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/internal/estate"
	"github.com/bartizan-dev/bartizan/internal/index"
	"github.com/bartizan-dev/bartizan/internal/inventory"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// assessed gives what the index holds in the words of an assessment.
func (k *kept) assessed(ctx context.Context, evidence bool) (*assessed, error) {
	words, err := k.words()
	if err != nil {
		return nil, err
	}
	a := &assessed{result: words.result, tree: words.tree, titles: words.titles, twice: words.twice, full: words.full, dear: evidence, references: k.referencesOf}
	a.sum = func() (*assess.Result, error) {
		if _, err := k.reads(ctx); err != nil { // of which the sums tell
			return nil, err
		}
		return k.sums()
	}
	a.controlled = func() map[string][]string {
		standards, err := k.standards()
		if err != nil {
			return nil // who asks has had the error
		}
		return k.controlsOf(standards)
	}
	a.direct = func(ctx context.Context, want *wanted, take func(*posture.Check, *standing) bool) error {
		return k.tell(ctx, want, evidence, take)
	}
	return a, nil
}

// makeWords gives an assessment without sums: its rules and its tree.
func (k *kept) makeWords() (*assessed, error) {
	all, err := k.Catalog.Recommendations()
	if err != nil {
		return nil, err
	}
	a := &assessed{result: &assess.Result{}, tree: &inventory.Tree{}, titles: map[ruleKey]*assess.RuleResult{}, twice: map[string]bool{}}
	for _, s := range k.hierarchy() {
		a.tree.Add(s)
	}
	a.full = newFullNames(a.tree)
	for _, r := range all {
		a.result.Recommendations = append(a.result.Recommendations, resultOf(r))
	}
	if err := k.addPolicies(a.result); err != nil {
		return nil, err
	}
	met := map[string]bool{}
	for i := range a.result.Recommendations {
		r := &a.result.Recommendations[i]
		a.twice[r.ID] = a.twice[r.ID] || met[r.ID]
		a.titles[ruleKey{r.ID, r.ParametersHash}], met[r.ID] = r, true
	}
	return a, nil
}

// addPolicies adds the policies that judged to the rules of an assessment.
func (k *kept) addPolicies(result *assess.Result) error {
	if !k.hasPolicies() {
		return nil
	}
	l, err := k.laws()
	if err != nil {
		return err
	}
	for _, rule := range k.Excerpt.Content().Rules {
		if rule.Policy == "" {
			continue
		}
		key := keyOf(&rule)
		r := assess.RuleResult{ID: key.id, ParametersHash: key.hash, Title: lastSegment(key.id), Severity: rule.Severity, Control: rule.Control}
		if p, ok := l.Documents.Find(ledger.Definition, key.id); ok {
			r.Title = p.Title()
		}
		result.Recommendations = append(result.Recommendations, r)
	}
	return nil
}

// sum adds up, unit by unit. Scores are told of whole units only, as they have no
// points otherwise; compliance is that of what is seen.
func (k *kept) sum() (*assess.Result, error) {
	words, err := k.words()
	if err != nil {
		return nil, err
	}
	standards, err := k.standards()
	if err != nil {
		return nil, err
	}
	for i := range standards {
		k.lookAround(&standards[i])
	}
	result := &assess.Result{Recommendations: words.result.Recommendations}
	result.Coverage.Rejected = k.rejected()
	notRead := k.notRead()
	manual, err := k.manualIn(standards)
	if err != nil {
		return nil, err
	}
	for _, u := range k.Excerpt.Units() {
		if u.Whole && u.Scored {
			result.Score.Units = append(result.Score.Units, u.Score)
		}
		if u.Unit == "" {
			continue
		}
		told := k.unitResult(&u, words)
		if u.Whole {
			told.Coverage.NotReadTotal = notRead[u.Unit]
		}
		delete(notRead, u.Unit)
		if told.Compliance, err = k.complianceOf(&u, standards); err != nil {
			return nil, err
		}
		addManual(&told.Coverage, manual[u.Unit])
		result.ByUnit = append(result.ByUnit, told)
	}
	for _, unit := range slices.Sorted(maps.Keys(notRead)) {
		n := notRead[unit]
		result.ByUnit = append(result.ByUnit, assess.UnitResult{Unit: unit, Coverage: assess.Coverage{Percent: 100, NotReadTotal: n, NotJudged: n}})
	}
	return result, nil
}

// notRead counts the types and places of units that were not read, as far as they are
// seen, whatever judges them.
func (k *kept) notRead() map[string]int {
	reads, counts := k.estate.learnt(), map[string]int{}
	if reads == nil {
		return counts
	}
	for _, f := range reads.Failed(&assess.ReadQuestion{
		Admits: func(typeName, scope string) bool {
			of, in := posture.CloudOfType(typeName), posture.CloudOfScope(scope)
			return of == posture.NoCloud || in == posture.NoCloud || of == in
		},
		Shows: k.Shows, Below: k.scopesBelow,
	}) {
		if unit := reads.Unit(f.Scope); unit != "" && k.Shows(unit) {
			counts[unit]++
		}
	}
	return counts
}

// rejected counts what of inventories could not be read and may be of what is seen.
func (k *kept) rejected() int {
	k.estate.gaps.mu.Lock()
	lost := k.estate.gaps.lost
	k.estate.gaps.mu.Unlock()
	below := k.scopesBelow()
	n, _ := estate.LostIn(lost, func(scope string) bool {
		return k.Shows(scope) || slices.ContainsFunc(below, func(id string) bool { return k.placed().Within(id, scope) })
	})
	return n
}

func resultOf(r *catalog.Recommendation) assess.RuleResult {
	return assess.RuleResult{ID: r.ID, Title: r.Title, Recommendation: r, Cloud: r.Cloud, Severity: r.Severity, Control: r.Control}
}

func (k *kept) unitResult(u *index.UnitPart, words *assessed) assess.UnitResult {
	result := assess.UnitResult{Unit: u.Unit, Idle: u.Idle, Coverage: coverageIn(&u.Tally)}
	for n, rule := range k.Excerpt.Content().Rules {
		c, known := u.Tally.Rules[n], words.titles[keyOf(&rule)]
		if c.Total() == 0 || known == nil {
			continue
		}
		r := *known
		r.Healthy, r.Unhealthy, r.Unknown = c[posture.Healthy], c[posture.Unhealthy], c[posture.Unknown]
		r.Manual, r.Exempt, r.NotApplicable = c[posture.Manual], c[posture.Exempt], c[posture.NotApplicable]
		r.Mitigated = u.Tally.Mitigated[n]
		result.Recommendations = append(result.Recommendations, r)
	}
	return result
}

// manualIn counts, by unit, the checks of manual controls of the standards that are told
// without being named.
func (k *kept) manualIn(standards []toldStandard) (map[string]*assess.Coverage, error) {
	manual, err := k.manual()
	if err != nil {
		return nil, err
	}
	counts, once := map[string]*assess.Coverage{}, checksOnce(standards)
	for i := range standards {
		s := &standards[i]
		if !s.Asked {
			continue
		}
		for _, unit := range k.wholeUnits(s) {
			c := counts[unit]
			if c == nil {
				c = &assess.Coverage{}
				counts[unit] = c
			}
			for _, n := range s.Nodes {
				control := s.ID + ":" + n.ID
				if !n.Manual || !once(s, control, unit) {
					continue
				}
				switch v, there := manual(control, unit); {
				case !there:
				case v.State == posture.Manual:
					c.Manual++
				case v.State != posture.Exempt:
					c.Judged++
				default:
					c.Exempt++
					if v.Mark == index.Mitigated {
						c.Mitigated++
					}
				}
			}
		}
	}
	return counts, nil
}

// addManual adds checks of manual controls to a unit's coverage.
func addManual(c, manual *assess.Coverage) {
	if manual == nil {
		return
	}
	c.Judged, c.Manual, c.Exempt, c.Mitigated = c.Judged+manual.Judged, c.Manual+manual.Manual, c.Exempt+manual.Exempt, c.Mitigated+manual.Mitigated
	if all := c.Judged + c.Unknown; all > 0 {
		c.Percent = 100 * float64(c.Judged) / float64(all)
	}
}

// coverageIn is the coverage of what is counted. Resources that could not be read
// are not known here.
func coverageIn(t *index.Tally) assess.Coverage {
	c := assess.Coverage{
		Judged: t.All[posture.Healthy] + t.All[posture.Unhealthy], Unknown: t.All[posture.Unknown], Percent: 100, Reasons: t.Reasons,
		Manual: t.All[posture.Manual], Exempt: t.All[posture.Exempt],
	}
	for _, n := range t.Mitigated {
		c.Mitigated += n
	}
	if all := c.Judged + c.Unknown; all > 0 {
		c.Percent = 100 * float64(c.Judged) / float64(all)
	}
	return c
}

func isOf(standard *catalog.Standard, unit string) bool {
	for _, cloud := range standard.Clouds {
		if cloud == posture.CloudOfUnit(unit) {
			return true
		}
	}
	return false
}
