package assess

import (
	"cmp"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

// rule is one check's rule: a recommendation or a policy with its parameters.
type rule struct {
	recommendation *catalog.Recommendation // nil for an imported policy
	// bound has of a recommendation that may be bound later only the name and the
	// effect; whole has all of it.
	bound     *policy.Bound
	id, title string
	severity  posture.Severity
	hash      string
	control   string // of the secure score, its id; "" for none
	scored    bool
	links     []catalog.StandardRef // controls that it gives evidence for
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
	controls   []initiativeControl // that it gives evidence for, each once
	told       bool                // see libraryBook.isToldOnly
	// variants are the rules that it may come to, by the overrides that hold;
	// the first whose selectors hold counts, the last holds always.
	variants []variant
}

// initiativeControl is a control of an initiative.
type initiativeControl struct {
	number int    // among those of all initiatives
	name   string // INITIATIVE:CONTROL, as exemptions have it
}

// controlKey tells controls of initiatives apart.
type controlKey struct {
	initiative *policy.Initiative
	name       string // in lower case
}

type variant struct {
	override *policy.Override // nil: none
	rule     int              // -1: disabled
}

// ruleBook is everything that is judged.
type ruleBook struct {
	set          *policy.Set
	always       *policy.Always // nil: nothing is known to be returned always
	rules        []rule         // by number in set
	references   []reference
	standards    []*catalog.Standard // whose compliance is told
	told         *toldStandards
	byCloud      bool                             // and of them only those of the clouds that are met
	known        []*catalog.Standard              // all built-in ones
	ownLinks     map[string][]catalog.StandardRef // of recommendations, from users' standards
	ownPolicies  map[*policy.Definition][]catalog.StandardRef
	initiatives  []*policy.Initiative                    // those whose compliance is told
	members      map[*policy.Initiative][]*policy.Member // of initiatives: those that are wanted
	controls     map[controlKey]int                      // of initiatives that references are of, to their numbers
	notEvaluated []NotEvaluated
	leftOut      map[NotEvaluated][]*policy.Assignment // by which assignments
	assigning    *policy.Assignment                    // whose policies are added; nil for none
	warnings     []string
	numbers      map[string]int // definition and hash → rule
	given        givenValues
	mistakes     []string                           // of the options' parameters
	rivals       map[int][]int                      // rules that may be in conflict
	unjudged     []unjudged                         // items of controls that never became rules
	linked       map[string]*catalog.Recommendation // by the name of the built-in policy that checks the same
	computing    []bool                             // by rule: what it would change is computed; nil if of none
	options      *Options
}

// newRuleBook binds what the options choose. Unknown choices are errors, all
// of them at once.
func newRuleBook(o *Options) (*ruleBook, error) {
	aliases, err := aliasTable(o)
	if err != nil {
		return nil, err
	}
	b := &ruleBook{
		set: policy.NewSet(aliases, o.Now), leftOut: map[NotEvaluated][]*policy.Assignment{}, numbers: map[string]int{}, members: map[*policy.Initiative][]*policy.Member{},
		ownLinks: map[string][]catalog.StandardRef{}, ownPolicies: map[*policy.Definition][]catalog.StandardRef{},
		given: newGivenValues(o.Parameters), options: o,
	}
	choice, err := newChoice(o)
	if err != nil {
		return nil, err
	}
	b.told, b.warnings = &choice.told, choice.warnings
	if o.BuiltIn != nil {
		if err := b.addBuiltIn(o.BuiltIn, choice); err != nil {
			return nil, err
		}
	}
	if o.Library != nil {
		b.addLibrary(o.Library, choice)
	}
	b.numberControls()
	b.rivals = rivals(b.rules)
	b.computing = computing(b.rules)
	b.unknownParameters(o)
	if len(b.mistakes) > 0 {
		return nil, &UsageError{strings.Join(b.mistakes, "\n")}
	}
	return b, nil
}

// numberControls gives the controls of initiatives their numbers.
func (b *ruleBook) numberControls() {
	b.controls = map[controlKey]int{}
	for i := range b.references {
		ref := &b.references[i]
		if ref.initiative == nil {
			continue
		}
		for _, name := range controlsOf(ref.groups, ref.member) {
			key := controlKey{ref.initiative, strings.ToLower(name)}
			number, known := b.controls[key]
			if !known {
				number = len(b.controls)
				b.controls[key] = number
			}
			if !slices.ContainsFunc(ref.controls, func(c initiativeControl) bool { return c.number == number }) {
				ref.controls = append(ref.controls, initiativeControl{number, ref.initiative.Name + ":" + name})
			}
		}
	}
}

// Aliases is a table of the aliases that policies may use, which no assessment
// changes: the user's with the catalogue's. No assessment may begin meanwhile.
func Aliases(o *Options) (*policy.Aliases, error) {
	joined, err := aliasTable(o)
	if err != nil || o.Aliases != nil {
		return joined, err
	}
	own := policy.NewAliases()
	for e := range joined.All() {
		own.Add(e)
	}
	return own, nil
}

// aliasTable joins the user's table with the catalogue's own, unless that is done.
func aliasTable(o *Options) (*policy.Aliases, error) {
	if o.Aliases != nil {
		return o.Aliases, nil
	}
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

func (b *ruleBook) addBuiltIn(c *catalog.Catalog, chosen *choice) error {
	recommendations, err := c.Recommendations()
	if err != nil {
		return err
	}
	if err := b.chooseStandards(c, chosen); err != nil {
		return err
	}
	always, err := c.Always()
	if err != nil {
		return err
	}
	b.always = policy.NewAlways(b.set.Aliases(), always)
	kinds, err := c.Kinds()
	if err != nil {
		return err
	}
	b.set.Expect(kinds)
	b.linked = map[string]*catalog.Recommendation{}
	for _, r := range recommendations {
		for _, name := range r.AzurePolicies {
			b.linked[name] = r
		}
	}
	for _, r := range recommendations {
		if b.options.Only != nil && !b.options.Only(JudgedRule{ID: r.ID, Recommendation: true}) {
			continue
		}
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
	key, given := b.givenUnder(r.ID, r.Title)
	added := rule{
		recommendation: r, id: r.ID, title: r.Title, severity: r.Severity,
		everywhere: true, control: r.Control, scored: isScored(r),
		links: slices.Concat(r.Standards, b.ownLinks[r.ID]),
	}
	var number int
	if len(given) == 0 && len(r.Brief.Types) > 0 {
		number = b.set.Defer(r.Brief, func() (*policy.Bound, error) { return r.Bind(nil) })
		added.bound, added.hash = unbound(r), r.Brief.Hash
	} else {
		bound, err := r.Bind(given)
		if err != nil {
			return err
		}
		b.check(key, bound.Definition.Parameters, given)
		number = b.set.Add(bound)
		added.bound, added.hash = bound, bound.Hash()
	}
	b.rules = append(b.rules, added)
	if added.scored {
		b.set.Together(number)
	}
	b.tellBroken(number)
	return nil
}

// unbound stands for a rule that is bound when a resource is met that it is
// about.
func unbound(r *catalog.Recommendation) *policy.Bound {
	return &policy.Bound{Definition: &policy.Definition{Name: r.ID}, Effect: r.Brief.Effect}
}

// tellBroken says of a rule that makes no checks what it lacks.
func (b *ruleBook) tellBroken(number int) {
	why := b.set.Broken(number)
	if why == "" {
		return
	}
	if bound := b.rules[number].bound; isDisabled(bound) {
		why = cmp.Or(b.unknownAlias(bound), why)
	}
	if strings.HasPrefix(why, "unknown alias ") {
		why += "; az provider list --expand resourceTypes/aliases makes a table with it"
	}
	b.leaveOut(b.rules[number].id, b.rules[number].title, why)
}

// unknownAlias says what a disabled rule would lack if it were enabled, "" for
// nothing: only that a condition is on a field of no known name counts.
func (b *ruleBook) unknownAlias(bound *policy.Bound) string {
	trial := policy.NewSet(b.set.Aliases(), b.options.Now)
	why := trial.Broken(trial.Add(bound.WithEffect("Audit")))
	for _, name := range strings.Split(strings.TrimPrefix(why, "unknown alias "), ", ") {
		if hasLeafOn(bound.Definition.Rule.If, name) {
			return why
		}
	}
	return ""
}

func hasLeafOn(c *policy.Condition, field string) bool {
	return c.Kind == policy.FieldLeaf && strings.EqualFold(c.Left.Const.Text(), field) ||
		c.Count != nil && strings.EqualFold(c.Count.Field, field) ||
		slices.ContainsFunc(c.Children, func(child *policy.Condition) bool { return hasLeafOn(child, field) })
}

// bindPolicy binds an imported definition. One of Microsoft's is about Azure; a
// custom one is judged on whatever cloud it fits.
func bindPolicy(d *policy.Definition, given map[string]policy.Value) *policy.Bound {
	if isMicrosofts(d) {
		return policy.Bind(d, given, policy.KnowingID, policy.OnlyAzure)
	}
	return policy.Bind(d, given, policy.KnowingID)
}

func isMicrosofts(d *policy.Definition) bool {
	return strings.EqualFold(d.PolicyType, "BuiltIn") || strings.EqualFold(d.PolicyType, "Static")
}

// number gives the rule for a binding with its hash, adding it when it is new: one
// definition with one set of parameters is judged once.
func (b *ruleBook) number(d *policy.Definition, bound *policy.Bound, hash string) int {
	id, title := cmp.Or(d.ID, d.Name), cmp.Or(d.DisplayName, d.Name)
	key := strings.ToLower(id) + "\x00" + hash
	if n, ok := b.numbers[key]; ok {
		b.tellBroken(n)
		return n
	}
	if b.options.Only != nil && !b.options.Only(JudgedRule{ID: id, ParametersHash: hash}) {
		bound = bound.WithEffect("Disabled") // it stays what references come to
	}
	n := b.set.Add(bound)
	b.numbers[key] = n
	severity, err := posture.ParseSeverity(d.Severity)
	if err != nil {
		severity = posture.NotRated
	}
	added := rule{bound: bound, id: id, title: title, severity: severity, hash: hash, links: b.ownPolicies[d]}
	if twin := b.linkedTo(d); twin != nil {
		added.control, added.scored = twin.Control, isScored(twin)
	}
	b.rules = append(b.rules, added)
	if added.scored {
		b.set.Together(n)
	}
	b.tellBroken(n)
	return n
}

// isScored reports whether checks of a recommendation count for the secure score.
func isScored(r *catalog.Recommendation) bool { return r.Control != "" && !r.Preview }

// linkedTo gives the recommendation that checks what one of Microsoft's definitions
// does, and so links it to a control of the secure score; nil for none.
func (b *ruleBook) linkedTo(d *policy.Definition) *catalog.Recommendation {
	const root = "/providers/microsoft.authorization/policydefinitions/"
	name, at := strings.CutPrefix(strings.ToLower(d.ID), root)
	if !at || !strings.EqualFold(d.PolicyType, "BuiltIn") {
		return nil
	}
	return b.linked[name]
}

// whole gives a rule's binding, which is made now if it was not before.
func (b *ruleBook) whole(number int) *policy.Bound { return b.set.Rule(number) }

// looksInGCP reports whether a rule looks for related Google resources.
func (b *ruleBook) looksInGCP() bool {
	return slices.ContainsFunc(b.rules, func(r rule) bool {
		return strings.Contains(r.target(), ".googleapis.com/")
	})
}

// target is the type that the rule's existence check looks for, also where it is
// not bound yet; "" for none and for one that is computed.
func (r *rule) target() string {
	target := r.bound.TargetType()
	if r.recommendation != nil {
		target = cmp.Or(target, r.recommendation.Brief.Target)
	}
	return target
}
