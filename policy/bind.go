package policy

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
)

// Bound is a definition with its parameters settled: every expression that
// depends on nothing else is a constant. It is what is judged; two bindings of
// one definition with equal parameters judge alike and have equal hashes.
type Bound struct {
	Definition *Definition
	// Effect is the effect's canonical name, such as AuditIfNotExists; "" if
	// it could not be resolved.
	Effect string
	// Parameters are all parameters with a value, by lower-cased name.
	Parameters map[string]Value
	// Missing names the parameters that the rule's condition or look-up uses
	// and that have no value: with any, the rule matches nothing.
	Missing []string
	// MissingExistence names those that only the existence condition uses:
	// the leaves that do are false.
	MissingExistence []string

	condition *Condition // folded; nil without a rule
	where     *Condition // a further condition of applicability; nil for none
	details   *Details   // folded
	family    family
	long      bool // see LongCounts
	onlyAzure bool // see OnlyAzure
	knowsID   bool // see KnowingID
	spares    bool // see SparingUnmatched
}

// BindOption changes how a definition is bound.
type BindOption func(*Bound)

// LongCounts lets value counts go through lists of any length that a resource
// may have. Without it they fail, as Azure's do, on more than a hundred members,
// nested ones multiplied; with it, on more than 100,000 members that one count
// goes through with all counts in it.
func LongCounts(b *Bound) { b.long = true }

// OnlyAzure keeps a rule from the resources of other clouds: it has no result on
// them, unless it names a type of theirs. Definitions of Microsoft's that name no
// type mean every type of Azure.
func OnlyAzure(b *Bound) { b.onlyAzure = true }

// KnowingID makes policy().definitionId the definition's own id, or its name where
// it has none. Without it what policy() returns is up to whoever judges.
func KnowingID(b *Bound) { b.knowsID = true }

// SparingUnmatched makes a rule with an existence check judge all resources that
// its type, name and kind conditions admit, as rules of other effects do: one that
// if does not match is Compliant, whatever is related to it. Without it, as in
// Azure, such a rule has no result there.
func SparingUnmatched(b *Bound) { b.spares = true }

// known is what is known of b before any resource is seen.
func (b *Bound) known() constants { return known{values(b.Parameters), b} }

type known struct {
	values
	bound *Bound
}

func (k known) ofPolicy(member string) (Value, bool) {
	if !k.bound.knowsID || !strings.EqualFold(member, "definitionId") {
		return Value{}, false
	}
	return StringValue(cmp.Or(k.bound.Definition.ID, k.bound.Definition.Name)), true
}

// policyIn is what policy() returns for b where others get v.
func (b *Bound) policyIn(v Value) Value {
	whole := newObject()
	whole.merge(v)
	if id, ok := b.known().ofPolicy("definitionId"); ok {
		whole.set(whole.spelling("definitionId"), id)
	}
	return whole.value()
}

// family says how an effect is judged.
type family uint8

const (
	familyNone     family = iota // not evaluable from an inventory
	familyAudit                  // if true: NonCompliant
	familyExists                 // if true: the existence check decides
	familyManual                 // attested by people
	familyDeny                   // denyAction: if true: Protected
	familyChange                 // modify, append: as audit, with the would-be change
	familyDisabled               // no result at all
)

var effects = map[string]struct {
	name   string
	family family
}{
	"disabled": {"Disabled", familyDisabled}, "audit": {"Audit", familyAudit}, "deny": {"Deny", familyAudit},
	"append": {"Append", familyChange}, "modify": {"Modify", familyChange},
	"auditifnotexists": {"AuditIfNotExists", familyExists}, "deployifnotexists": {"DeployIfNotExists", familyExists},
	"manual": {"Manual", familyManual}, "denyaction": {"DenyAction", familyDeny},
	"addtonetworkgroup": {"AddToNetworkGroup", familyNone}, "mutate": {"Mutate", familyNone},
	"enforceopaconstraint": {"EnforceOPAConstraint", familyNone}, "enforceregopolicy": {"EnforceRegoPolicy", familyNone},
	"enforcesetting": {"EnforceSetting", familyNone}, "auditaction": {"AuditAction", familyNone},
}

// values are resolved parameters, by lower-cased name.
type values map[string]Value

func (v values) parameter(name string) (Value, bool) {
	value, ok := v[strings.ToLower(name)]
	return value, ok
}

func (values) ofPolicy(string) (Value, bool) { return Value{}, false }

// ParseParameters reads parameter values from a JSON object, by name: each value
// plain, or wrapped in an object with nothing but "value", as assignments have
// it. The result is what [Bind] and [CheckParameters] take.
func ParseParameters(data []byte) (map[string]Value, error) {
	v, err := FromJSON(data)
	if err != nil {
		return nil, fmt.Errorf("parameters: %w", err)
	}
	if v.Kind() != Object {
		return nil, fmt.Errorf("parameters: got %s, want an object of values by name", v.Kind())
	}
	given := make(map[string]Value, v.Len())
	v.each(func(name string, item Value) bool {
		if inner := item.Lookup("value"); inner.Kind() != Missing && item.Len() == 1 {
			item = inner
		}
		given[name] = item
		return true
	})
	return given, nil
}

// Bind settles a definition's parameters with the values given by name,
// ignoring case; defaults stand in for the rest. It does not refuse values of
// a wrong type (see [CheckParameters]) or missing ones (see Bound.Missing). The
// definition must not be nil, as it is with problems that are more than warnings.
func Bind(def *Definition, given map[string]Value, options ...BindOption) *Bound {
	b := &Bound{Definition: def, Parameters: make(map[string]Value, len(def.Parameters))}
	for _, option := range options {
		option(b)
	}
	for i := range def.Parameters {
		if p := &def.Parameters[i]; p.Default != nil {
			b.Parameters[strings.ToLower(p.Name)] = *p.Default
		}
	}
	for name, v := range given {
		if v.Kind() != Null && v.Kind() != Missing {
			b.Parameters[strings.ToLower(name)] = v
		}
	}
	if def.Rule == nil {
		return b
	}
	fold := binder{known: b.known(), long: b.long}
	b.condition = fold.condition(def.Rule.If)
	b.setEffect(fold.template(def.Rule.Effect))
	if def.Rule.Details != nil && b.family != familyDisabled {
		b.details = b.foldDetails(&fold, def.Rule.Details)
	}
	b.Missing = fold.missing
	return b
}

// Lacking names the parameters that are declared and have no value, whether or not
// the rule uses them: with any, Azure does not take an assignment.
func (b *Bound) Lacking() (names []string) {
	for i := range b.Definition.Parameters {
		if _, ok := b.Parameters[strings.ToLower(b.Definition.Parameters[i].Name)]; !ok {
			names = append(names, b.Definition.Parameters[i].Name)
		}
	}
	return names
}

// WithEffect gives the same binding with another effect, as an assignment's
// override asks for.
func (b *Bound) WithEffect(effect string) *Bound {
	c := *b
	c.setEffect(Template{Const: StringValue(effect)})
	if c.details == nil && c.Definition.Rule != nil && c.Definition.Rule.Details != nil {
		fold := binder{known: c.known(), long: b.long}
		c.details = c.foldDetails(&fold, c.Definition.Rule.Details)
	}
	return &c
}

// WhyNot says why an override cannot give b an effect, "" if it can: it must be
// one that the effect's parameter allows, and the details must be of its kind.
func (b *Bound) WhyNot(effect string) string {
	rule := b.Definition.Rule
	if rule == nil {
		return ""
	}
	if p := b.Definition.effectParameter(); p != nil && len(p.Allowed) > 0 && !slices.ContainsFunc(p.Allowed, func(v Value) bool {
		return strings.EqualFold(v.Text(), effect)
	}) {
		return fmt.Sprintf("effect %q is not among the allowedValues of parameter %q", effect, p.Name)
	}
	if isIfNotExists(effect) && (rule.Details == nil || rule.Details.Type == nil) {
		return fmt.Sprintf("effect %q needs details with a type", effect)
	}
	return ""
}

// OnlyWhere gives the same binding with a further condition: where it is
// false, the rule is not applicable.
func (b *Bound) OnlyWhere(c *Condition) *Bound {
	narrowed := *b
	fold := binder{known: b.known(), long: b.long}
	narrowed.where = fold.condition(c)
	narrowed.Missing = append(slices.Clone(b.Missing), fold.missing...)
	return &narrowed
}

func (b *Bound) setEffect(t Template) {
	b.Effect, b.family = "", familyNone
	if !isLiteral(t) || t.Const.Kind() != String {
		return
	}
	if e, ok := effects[strings.ToLower(t.Const.Text())]; ok {
		b.Effect, b.family = e.name, e.family
		return
	}
	b.Effect = t.Const.Text()
}

// Hash tells bindings of one definition apart by their parameters.
func (b *Bound) Hash() string {
	names := make([]string, 0, len(b.Parameters))
	for name := range b.Parameters {
		names = append(names, name)
	}
	slices.Sort(names)
	h := fnv.New64a()
	var text []byte
	for _, name := range names {
		text = append(append(text[:0], name...), '=')
		text = append(b.Parameters[name].AppendJSON(text), '\n')
		_, _ = h.Write(text) // a hash takes everything
	}
	_, _ = h.Write(append(append(text[:0], "effect="...), b.Effect...))
	return fmt.Sprintf("%016x", h.Sum64())
}

// foldDetails folds what the judging reads. Values of operations are folded
// when they are computed.
func (b *Bound) foldDetails(fold *binder, d *Details) *Details {
	c := *d
	c.Type, c.Name, c.Kind = fold.optional(d.Type), fold.optional(d.Name), fold.optional(d.Kind)
	c.ResourceGroupName, c.ExistenceScope = fold.optional(d.ResourceGroupName), fold.optional(d.ExistenceScope)
	if d.Existence != nil {
		existence := binder{known: fold.known, long: fold.long}
		c.Existence = existence.condition(d.Existence)
		b.MissingExistence = existence.missing
	}
	return &c
}

// binder folds parameters into conditions and notes those without a value.
type binder struct {
	known   constants
	missing []string
	long    bool // see LongCounts
}

func (f *binder) template(t Template) Template {
	if isLiteral(t) {
		return t
	}
	folded := t.fold(f.known)
	for _, name := range folded.uses().names {
		if _, ok := f.known.parameter(name); !ok && !slices.Contains(f.missing, name) {
			f.missing = append(f.missing, name)
		}
	}
	return folded
}

func (f *binder) optional(t *Template) *Template {
	if t == nil {
		return nil
	}
	if isLiteral(*t) {
		return t
	}
	folded := f.template(*t)
	return &folded
}

// condition gives c with its parameters folded, which is c itself where there
// are none: most of a catalogue's conditions.
func (f *binder) condition(c *Condition) *Condition {
	if len(c.Children) > 0 {
		return f.logical(c)
	}
	if isLiteral(c.Left) && isLiteral(c.Right) && c.Count == nil {
		return c
	}
	folded := *c
	folded.Left, folded.Right = f.template(c.Left), f.template(c.Right)
	if c.Count != nil {
		count := *c.Count
		count.long = f.long
		count.Value = f.optional(c.Count.Value)
		if c.Count.Where != nil {
			count.Where = f.condition(c.Count.Where)
		}
		folded.Count = &count
	}
	return &folded
}

func (f *binder) logical(c *Condition) *Condition {
	folded := c
	for i, child := range c.Children {
		settled := f.condition(child)
		if settled == child {
			continue
		}
		if folded == c {
			folded = &Condition{}
			*folded = *c
			folded.Children = slices.Clone(c.Children)
		}
		folded.Children[i] = settled
	}
	return folded
}

// Resolve gives a member's parameter values for an initiative's values, by
// lower-cased name. These are what [CheckParameters] makes of the initiative's
// parameters and the assignment's values: Resolve knows no defaults itself, and does
// not check what the definition declares. The error names the parameter that cannot be computed.
func (m *Member) Resolve(initiative map[string]Value) (map[string]Value, error) {
	known := values{}
	for name, v := range initiative {
		known[strings.ToLower(name)] = v
	}
	resolved := map[string]Value{}
	for name, t := range m.Parameters {
		folded := t.fold(known)
		if !isLiteral(folded) {
			return nil, fmt.Errorf("parameter %s needs %s", name, folded.needs())
		}
		resolved[name] = folded.Const
	}
	return resolved, nil
}

// needs names what a folded template still reads.
func (t Template) needs() string {
	u := t.uses()
	if len(u.names) > 0 {
		return "a value for parameter " + strings.Join(u.names, ", ")
	}
	return "what only a resource has"
}
