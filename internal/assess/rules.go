package assess

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

// rule is one check's rule: a recommendation or a policy with its parameters.
type rule struct {
	recommendation *catalog.Recommendation // nil for an imported policy
	bound          *policy.Bound
	id, title      string
	severity       posture.Severity
	hash           string
	scored         bool
	// everywhere says that the rule is judged on all resources; otherwise only
	// where a reference admits.
	everywhere bool
}

// reference is one way in which rules come to be judged: a member of an
// assigned or chosen initiative, or an assigned definition.
type reference struct {
	assignment *policy.Assignment // nil for a chosen initiative
	initiative *policy.Initiative // nil for a definition assigned alone
	member     string
	groups     []string
	// variants are the rules that it may come to, by the overrides that hold;
	// the first whose selectors hold counts, the last holds always.
	variants []variant
}

type variant struct {
	override *policy.Override // nil: none
	rule     int              // -1: disabled
}

// ruleBook is everything that is judged.
type ruleBook struct {
	set          *policy.Set
	rules        []rule // by number in set
	references   []reference
	byRule       [][]int // references that may come to a rule
	standards    []*catalog.Standard
	initiatives  []*policy.Initiative // those whose compliance is told
	notEvaluated []NotEvaluated
	warnings     []string
	numbers      map[string]int // definition and hash → rule
	options      *Options
}

// newRuleBook binds what the options choose. Unknown choices are errors, all
// of them at once.
func newRuleBook(o *Options) (*ruleBook, error) {
	aliases, err := aliasTable(o)
	if err != nil {
		return nil, err
	}
	b := &ruleBook{set: policy.NewSet(aliases, o.Now), numbers: map[string]int{}, options: o}
	choice, err := newChoice(o)
	if err != nil {
		return nil, err
	}
	if o.BuiltIn != nil {
		if err := b.addBuiltIn(o.BuiltIn, choice); err != nil {
			return nil, err
		}
	}
	if o.Library != nil {
		b.addLibrary(o.Library, choice)
	}
	b.byRule = make([][]int, len(b.rules))
	for i := range b.references {
		for _, v := range b.references[i].variants {
			if v.rule >= 0 && !slices.Contains(b.byRule[v.rule], i) {
				b.byRule[v.rule] = append(b.byRule[v.rule], i)
			}
		}
	}
	return b, nil
}

// aliasTable joins the user's table with the catalogue's own.
func aliasTable(o *Options) (*policy.Aliases, error) {
	aliases := policy.NewAliases()
	if o.Library != nil && o.Library.Aliases != nil {
		aliases = o.Library.Aliases
	}
	if o.BuiltIn == nil {
		return aliases, nil
	}
	own, err := o.BuiltIn.Aliases()
	if err != nil {
		return nil, err
	}
	return aliases, aliases.LoadAliasDump(own)
}

// choice is what --policy and --initiative name.
type choice struct {
	any             bool // something is chosen, so that nothing else is judged
	recommendations map[string]bool
	standards       map[string]bool
	definitions     map[*policy.Definition]bool
	initiatives     []*policy.Initiative
}

func newChoice(o *Options) (*choice, error) {
	c := &choice{
		any:             len(o.Policies)+len(o.Initiatives) > 0,
		recommendations: map[string]bool{}, standards: map[string]bool{}, definitions: map[*policy.Definition]bool{},
	}
	var unknown []string
	for _, name := range o.Policies {
		if !c.choosePolicy(o, name) {
			unknown = append(unknown, fmt.Sprintf("policy %q: neither a recommendation nor a policy of --catalog", name))
		}
	}
	for _, name := range o.Initiatives {
		if !c.chooseInitiative(o, name) {
			unknown = append(unknown, fmt.Sprintf("initiative %q: neither a standard nor an initiative of --catalog", name))
		}
	}
	if len(unknown) > 0 {
		return nil, fmt.Errorf("%s", strings.Join(unknown, "\n"))
	}
	return c, nil
}

func (c *choice) choosePolicy(o *Options, name string) bool {
	if o.BuiltIn != nil {
		for _, e := range o.BuiltIn.Entries() {
			if strings.EqualFold(e.ID, name) {
				c.recommendations[e.ID] = true
				return true
			}
		}
	}
	if o.Library == nil {
		return false
	}
	if d, ok := o.Library.Definition(name); ok {
		c.definitions[d] = true
		return true
	}
	found := false
	for _, d := range o.Library.Definitions {
		if strings.EqualFold(d.DisplayName, name) || strings.EqualFold(d.Name, name) {
			c.definitions[d] = true
			found = true
		}
	}
	return found
}

func (c *choice) chooseInitiative(o *Options, name string) bool {
	if o.BuiltIn != nil {
		standards, err := o.BuiltIn.Standards()
		if err == nil {
			for _, s := range standards {
				if strings.EqualFold(s.ID, name) || strings.EqualFold(s.Title, name) {
					c.standards[s.ID] = true
					return true
				}
			}
		}
	}
	if o.Library == nil {
		return false
	}
	if s, ok := o.Library.Initiative(name); ok {
		c.initiatives = append(c.initiatives, s)
		return true
	}
	for _, s := range o.Library.Initiatives {
		if strings.EqualFold(s.DisplayName, name) || strings.EqualFold(s.Name, name) {
			c.initiatives = append(c.initiatives, s)
			return true
		}
	}
	return false
}

func (b *ruleBook) addBuiltIn(c *catalog.Catalog, chosen *choice) error {
	recommendations, err := c.Recommendations()
	if err != nil {
		return err
	}
	standards, err := c.Standards()
	if err != nil {
		return err
	}
	for _, s := range standards {
		if !chosen.any || chosen.standards[s.ID] {
			b.standards = append(b.standards, s)
		}
	}
	for _, r := range recommendations {
		if chosen.any && !chosen.recommendations[r.ID] && !b.belongs(r, chosen) {
			continue
		}
		if err := b.addRecommendation(r); err != nil {
			return err
		}
	}
	return nil
}

func (b *ruleBook) belongs(r *catalog.Recommendation, chosen *choice) bool {
	for _, ref := range r.Standards {
		if chosen.standards[ref.Standard] {
			return true
		}
	}
	return false
}

func (b *ruleBook) addRecommendation(r *catalog.Recommendation) error {
	bound, err := bindRecommendation(r, b.given(r.ID))
	if err != nil {
		return err
	}
	number := b.set.Add(bound)
	b.rules = append(b.rules, rule{
		recommendation: r, bound: bound, id: r.ID, title: r.Title, severity: r.Severity,
		hash: bound.Hash(), everywhere: true, scored: r.Control != "" && !r.Preview,
	})
	if b.rules[number].scored {
		b.set.Together(number)
	}
	if why := b.set.Broken(number); why != "" {
		b.notEvaluated = append(b.notEvaluated, NotEvaluated{r.ID, r.Title, why})
	}
	return nil
}

// bindRecommendation compiles a recommendation's rule.
func bindRecommendation(r *catalog.Recommendation, given map[string]policy.Value) (*policy.Bound, error) {
	def, problems := policy.ParseDefinition(r.File, r.Definition)
	if def == nil {
		return nil, problems
	}
	bound := policy.Bind(def, given)
	if len(r.Applies) == 0 || json.Valid(r.Applies) && string(r.Applies) == "null" {
		return bound, nil
	}
	where, problems := policy.ParseCondition(r.File, r.Applies)
	if where == nil {
		return nil, problems
	}
	return bound.OnlyWhere(where), nil
}

// given are the parameter values that the options give for a policy.
func (b *ruleBook) given(names ...string) map[string]policy.Value {
	for key, values := range b.options.Parameters {
		for _, name := range names {
			if strings.EqualFold(key, name) {
				return values
			}
		}
	}
	return nil
}

func (b *ruleBook) addLibrary(l *policy.Library, chosen *choice) {
	assignments := append(slices.Clone(l.Assignments), b.options.Assignments...)
	for _, s := range chosen.initiatives {
		b.addInitiative(l, s, nil)
	}
	for _, a := range assignments {
		b.addAssignment(l, a)
	}
	if len(chosen.initiatives) == 0 && len(assignments) == 0 && !chosen.any {
		for _, d := range l.Definitions {
			b.addEverywhere(d)
		}
		return
	}
	for _, d := range l.Definitions {
		if chosen.definitions[d] {
			b.addEverywhere(d)
		}
	}
}

// addEverywhere judges a definition on all resources, with default parameters
// and what the options give.
func (b *ruleBook) addEverywhere(d *policy.Definition) {
	bound := policy.Bind(d, b.given(d.Name, d.ID, d.DisplayName))
	b.rules[b.number(d, bound)].everywhere = true
}

// number gives the rule for a binding, adding it when it is new: one
// definition with one set of parameters is judged once.
func (b *ruleBook) number(d *policy.Definition, bound *policy.Bound) int {
	id := d.ID
	if id == "" {
		id = d.Name
	}
	hash := bound.Hash()
	key := strings.ToLower(id) + "\x00" + hash
	if n, ok := b.numbers[key]; ok {
		return n
	}
	n := b.set.Add(bound)
	b.numbers[key] = n
	severity, err := posture.ParseSeverity(d.Severity)
	if err != nil {
		severity = posture.NotRated
	}
	title := d.DisplayName
	if title == "" {
		title = d.Name
	}
	b.rules = append(b.rules, rule{bound: bound, id: id, title: title, severity: severity, hash: hash})
	if why := b.set.Broken(n); why != "" {
		b.notEvaluated = append(b.notEvaluated, NotEvaluated{id, title, why})
	}
	return n
}

func (b *ruleBook) addAssignment(l *policy.Library, a *policy.Assignment) {
	if s, ok := l.Initiative(a.DefinitionID); ok {
		b.addInitiative(l, s, a)
		return
	}
	d, ok := l.Definition(a.DefinitionID)
	if !ok {
		b.notEvaluated = append(b.notEvaluated, NotEvaluated{a.DefinitionID, a.DisplayName, "assigned by " + a.ID + ", but not in the catalog"})
		return
	}
	b.pin(a, a.DefinitionVersion, d.Version, d.Name)
	resolved, problems := policy.CheckParameters(d.Parameters, a.Parameters)
	if b.refuse(a, d.ID, problems) {
		return
	}
	b.addReference(reference{assignment: a}, d, policy.Bind(d, resolved), "")
}

// refuse reports an assignment whose parameters do not fit.
func (b *ruleBook) refuse(a *policy.Assignment, id string, problems policy.Problems) bool {
	for _, p := range problems.Warnings() {
		b.warnings = append(b.warnings, p.Error())
	}
	if err := problems.Err(); err != nil {
		b.notEvaluated = append(b.notEvaluated, NotEvaluated{id, a.DisplayName, "assignment " + a.Name + ": " + err.Error()})
		return true
	}
	return false
}

// pin warns where an older version is asked for than the one there is.
func (b *ruleBook) pin(a *policy.Assignment, wanted, have, name string) {
	if wanted == "" || have == "" || versionFits(wanted, have) {
		return
	}
	b.warnings = append(b.warnings, fmt.Sprintf("assignment %s asks for version %s of %s; the newest body, %s, is judged", a.Name, wanted, name, have))
}

// versionFits compares 1.*.* with 1.2.3.
func versionFits(wanted, have string) bool {
	w, h := strings.Split(wanted, "."), strings.Split(have, ".")
	for i := range w {
		if w[i] != "*" && (i >= len(h) || w[i] != h[i]) && !strings.HasPrefix(w[i], "*") {
			return false
		}
	}
	return true
}

// addInitiative adds the members of an initiative, assigned or chosen.
func (b *ruleBook) addInitiative(l *policy.Library, s *policy.Initiative, a *policy.Assignment) {
	var given map[string]policy.Value
	if a != nil {
		b.pin(a, a.DefinitionVersion, s.Version, s.Name)
		given = a.Parameters
	} else {
		given = b.given(s.Name, s.ID, s.DisplayName)
	}
	resolved, problems := policy.CheckParameters(s.Parameters, given)
	if a != nil && b.refuse(a, s.ID, problems) {
		return
	}
	if resolved == nil {
		resolved = defaultsWith(s.Parameters, given)
	}
	if !slices.Contains(b.initiatives, s) {
		b.initiatives = append(b.initiatives, s)
	}
	for i := range s.Members {
		m := &s.Members[i]
		d, ok := l.Definition(m.DefinitionID)
		if !ok {
			b.notEvaluated = append(b.notEvaluated, NotEvaluated{m.DefinitionID, m.ReferenceID, "member of " + s.Name + ", but not in the catalog"})
			continue
		}
		values, err := m.Resolve(resolved)
		if err != nil {
			b.notEvaluated = append(b.notEvaluated, NotEvaluated{d.ID, d.DisplayName, fmt.Sprintf("member %s of %s: %v", m.ReferenceID, s.Name, err)})
			continue
		}
		b.addReference(reference{assignment: a, initiative: s, groups: m.Groups}, d, policy.Bind(d, values), m.ReferenceID)
	}
}

// defaultsWith gives the defaults of parameters, overlaid with given values.
func defaultsWith(declared []policy.Parameter, given map[string]policy.Value) map[string]policy.Value {
	values := map[string]policy.Value{}
	for i := range declared {
		if d := declared[i].Default; d != nil {
			values[strings.ToLower(declared[i].Name)] = *d
		}
	}
	for name, v := range given {
		values[strings.ToLower(name)] = v
	}
	return values
}

// addReference adds a reference with one variant for each override that may
// hold.
func (b *ruleBook) addReference(r reference, d *policy.Definition, bound *policy.Bound, member string) {
	r.member = member
	if r.assignment != nil {
		for i := range r.assignment.Overrides {
			o := &r.assignment.Overrides[i]
			if strings.EqualFold(o.Kind, "policyEffect") && selects(o.Selectors, "policyDefinitionReferenceId", member) {
				r.variants = append(r.variants, variant{o, b.variantRule(d, bound.WithEffect(o.Value))})
			}
		}
	}
	r.variants = append(r.variants, variant{nil, b.variantRule(d, bound)})
	b.references = append(b.references, r)
}

func (b *ruleBook) variantRule(d *policy.Definition, bound *policy.Bound) int {
	if strings.EqualFold(bound.Effect, "Disabled") {
		b.number(d, bound) // so that it is told as disabled
		return -1
	}
	return b.number(d, bound)
}

// selects reports whether the selectors of a kind admit a value; selectors of
// other kinds are not looked at.
func selects(selectors []policy.Selector, kind, value string) bool {
	for _, s := range selectors {
		if strings.EqualFold(s.Kind, kind) && !s.Admits(value) {
			return false
		}
	}
	return true
}
