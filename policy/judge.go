package policy

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Environment is what judging one rule may ask for beyond the resource. Its
// zero value knows no aliases and no related resources.
type Environment struct {
	Aliases *Aliases
	Related Related
	Now     time.Time
	// Clock is what utcNow() returns; "" is Now as the language writes it.
	Clock string
	// Policy is what policy() returns: an object with assignmentId,
	// definitionId, setDefinitionId and definitionReferenceId. What is not
	// given is an empty string.
	Policy Value

	prepared *prepared // nil: prepare for each resource anew
}

// prepared are rules compiled before, for whoever judges many pairs one by one
// and not in a set.
type prepared struct {
	fields *fieldResolver
	rules  map[preparedKey]preparedRule
}

type preparedKey struct {
	rule         *Bound
	typ, version string
}

type preparedRule struct {
	compiled *compiled
	unknown  []string
}

func newPrepared(aliases *Aliases) *prepared {
	return &prepared{fields: newFieldResolver(aliases), rules: map[preparedKey]preparedRule{}}
}

// rule compiles a rule for the type of r.
func (p *prepared) rule(b *Bound, r *Resource) preparedRule {
	key := preparedKey{b, r.Type, r.APIVersion}
	rule, ok := p.rules[key]
	if !ok {
		if rule.compiled = b.compileFor(r, p.fields); rule.compiled != nil {
			rule.unknown = append(unknownIn(p.fields, b.condition), rule.compiled.unknown...)
		}
		p.rules[key] = rule
	}
	return rule
}

// The compliance words of [Verdict], Azure's own but for NoData.
const (
	Compliant    = "Compliant"
	NonCompliant = "NonCompliant"
	Conflicting  = "Conflict"  // modify, append: as NonCompliant; never of one rule alone, see [Conflicts]
	Protected    = "Protected" // denyAction
	Unattested   = "Unknown"   // manual
	ErrorState   = "Error"     // an expression failed where it mattered
	NoData       = "NoData"    // something was not read where it mattered
	NoResult     = ""          // disabled, or not applicable to this resource
)

// Verdict is the outcome of one rule on one resource.
type Verdict struct {
	// Effect is the effect's name if the rule matched and, for IfNotExists
	// effects, no related resource passed, as Azure would take it: a failed
	// expression is false, and neither mode nor applicability is looked at. ""
	// otherwise.
	Effect string
	// Compliance is one of the words above. Unlike Effect it is never a
	// guess: what could not be told is NoData or Error.
	Compliance string
	// Reasons says why Compliance is NoData or Error: denied, throttled,
	// error, partial, notCollected.
	Reasons []string
	// Applicable says whether the rule has a result on this resource.
	Applicable bool
	Condition  Outcome // of if
	Existence  Outcome // of the existence check, where there was one
	// Warnings tell what went wrong without stopping the evaluation.
	Warnings []string
}

// clock formats a time as utcNow() returns it.
func clock(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.0000000Z") }

// Judge judges one resource. For many resources use a [Set], which shares the
// work between rules.
func (b *Bound) Judge(r *Resource, env Environment) Verdict {
	j := newJudgement(b, r, env)
	return j.verdict()
}

// judgement is one rule on one resource, told in full rather than fast.
type judgement struct {
	bound    *Bound
	env      Environment
	frame    *frame
	compiled *compiled
	warnings []string
	// filtered says that related resources are already filtered by name and kind.
	filtered bool
	// hides says that changes are shown to people, without secrets.
	hides bool
}

func newJudgement(b *Bound, r *Resource, env Environment) *judgement {
	j := &judgement{bound: b, env: env}
	if b.readsSealed() {
		r = r.withSealed()
	}
	if env.prepared == nil {
		env.prepared = newPrepared(env.Aliases)
	}
	j.frame = &frame{self: r, outer: r, fields: env.prepared.fields, policy: b.policyIn(wholePolicy(env.Policy)), clock: env.Clock}
	if env.Clock == "" {
		j.frame.clock = clock(env.Now)
	}
	j.frame.fault = func(err error) { j.warn(err.Error()) }
	if len(b.Missing) > 0 {
		j.warn(fmt.Sprintf("parameters without a value: %s", strings.Join(b.Missing, ", ")))
		return j
	}
	if len(b.MissingExistence) > 0 {
		j.warn(fmt.Sprintf("parameters without a value, in the existence condition: %s", strings.Join(b.MissingExistence, ", ")))
	}
	b = j.settleEffect()
	if b.Effect != "" && !isEffect(b.Effect) {
		problem := Problem{Text: fmt.Sprintf("unknown effect %q", b.Effect), Suggestion: nearest(b.Effect, slices.Values(effectNames))}
		j.warn(problem.Error())
	}
	if b.family == familyExists && (b.details == nil || b.details.Type == nil) {
		j.warn(fmt.Sprintf("effect %s without a type in details", b.Effect))
		return j
	}
	rule := env.prepared.rule(b, r)
	j.compiled = rule.compiled
	for _, name := range rule.unknown {
		j.warn(fmt.Sprintf("unknown alias %q", name))
		j.compiled = nil
	}
	return j
}

// settleEffect computes an effect that depends on the resource.
func (j *judgement) settleEffect() *Bound {
	rule := j.bound.Definition.Rule
	if j.bound.Effect != "" || rule == nil || rule.Effect.Expr == nil {
		return j.bound
	}
	effect := rule.Effect.fold(j.bound.known())
	v, err := j.frame.take(effect)
	switch {
	case j.frame.readsSecret(effect) && (err != nil || !isEffect(v.Text())):
		j.warn("effect: " + errOnSecret.Error())
	case err != nil:
		j.warn("effect: " + err.Error())
	case v.Kind() != String:
		j.warn("effect: got " + v.Kind().String() + ", want the name of an effect")
	default:
		j.bound = j.bound.WithEffect(v.Text())
	}
	return j.bound
}

// wholePolicy is what policy() returns: v with what it lacks as empty strings.
func wholePolicy(v Value) Value {
	if v.Kind() != Object {
		return noPolicy()
	}
	whole := newObject()
	whole.merge(noPolicy())
	for _, key := range v.Keys() {
		whole.set(whole.spelling(key), v.Lookup(key))
	}
	return whole.value()
}

// warn notes what went wrong, once.
func (j *judgement) warn(text string) {
	if !slices.Contains(j.warnings, text) {
		j.warnings = append(j.warnings, text)
	}
}

func (j *judgement) verdict() Verdict {
	v := j.decide()
	v.Warnings = j.warnings
	return v
}

func (j *judgement) decide() Verdict {
	if j.compiled == nil {
		return Verdict{}
	}
	v := Verdict{Condition: j.frame.evaluate(j.compiled.condition)}
	where := j.frame.evaluate(j.compiled.where)
	v.Applicable = j.frame.evaluate(j.compiled.applies).and(where)&mayTrue != 0
	if j.bound.needsMatch() {
		v.Applicable = v.Applicable && v.Condition&mayTrue != 0
	}
	matched := v.Condition
	if j.bound.family == familyExists && v.Condition&mayTrue != 0 {
		v.Existence = j.existence()
		matched = v.Condition.and(v.Existence.not())
	}
	if matched.Taken() {
		v.Effect = j.bound.Effect
	}
	if j.bound.family == familyNone || !j.modeJudges() {
		v.Applicable = false // the effect has no state in an inventory
	}
	switch {
	case v.Applicable && !where.Known():
		v.Compliance, v.Reasons = j.bound.compliance(where, where)
	case v.Applicable:
		v.Compliance, v.Reasons = j.bound.compliance(v.Condition, matched)
	}
	return v
}

// compliance puts a matched outcome into words; condition is that of if.
func (b *Bound) compliance(condition, matched Outcome) (string, []string) {
	switch {
	case !matched.Known():
		reasons := matched.Reasons()
		if len(reasons) == 1 && reasons[0] == "error" {
			return ErrorState, reasons
		}
		return NoData, reasons
	case b.needsMatch() && !condition.Known():
		// Compliant or not applicable: that is a difference too.
		return b.compliance(condition, condition)
	case b.family == familyManual && condition.True():
		return Unattested, nil
	case b.family == familyManual:
		return NoResult, nil
	case b.family == familyDeny && matched.True():
		return Protected, nil
	case b.family == familyDeny:
		return NoResult, nil
	case matched.True():
		return NonCompliant, nil
	case b.needsMatch() && condition.False():
		return NoResult, nil
	}
	return Compliant, nil
}

// needsMatch reports whether b has no result where if is false.
func (b *Bound) needsMatch() bool { return b.family == familyExists && !b.spares }

// existence is whether a related resource passes.
func (j *judgement) existence() Outcome {
	q, err := j.frame.query(j.bound.details)
	if j.env.Related == nil {
		return unsure(false, becauseNotCollected)
	}
	found, complete, reason := j.env.Related.Candidates(j.frame.outer, q)
	result := Outcome(isFalse)
	if err != nil {
		result = j.frame.fail(err)
		if !complete {
			result = result.or(unsure(false, gapReason(reason)))
		}
		return result
	}
	for _, c := range found {
		fits := Outcome(isTrue)
		if !j.filtered {
			if fits = q.fits(c); fits.False() {
				continue
			}
		}
		if c.Type == "" { // it was found as one of this type
			named := *c
			named.Type = q.Type
			c = &named
		}
		if result = result.or(c.found(fits.and(j.passes(c)))); result.True() {
			return result
		}
	}
	if !complete && !j.isItself(found) && !j.hopeless(q.Type, reason) {
		result = result.or(unsure(false, gapReason(reason)))
	}
	return result
}

// isItself reports whether a check looks for the judged resource itself, which was
// found: then there can be no other.
func (j *judgement) isItself(found []*Resource) bool {
	r := j.frame.outer
	return looksAtItself(j.bound.details, r) && slices.ContainsFunc(found, func(c *Resource) bool { return strings.EqualFold(c.ID, r.ID) })
}

// hopeless reports whether no related resource whatever could satisfy the
// existence condition, because of what the judged one is.
func (j *judgement) hopeless(typeName, reason string) bool {
	_, late := needsOther(j.bound)
	return late && j.passes(anyCandidate(j.frame.outer, typeName, reason)).False()
}

// passes is whether one related resource satisfies the existence condition.
func (j *judgement) passes(c *Resource) Outcome {
	if j.bound.details.Existence == nil {
		return isTrue
	}
	f := &frame{
		self: c, outer: j.frame.outer, fields: j.frame.fields, policy: j.frame.policy,
		clock: j.frame.clock, fault: j.frame.fault,
	}
	comp := &compiler{fields: j.frame.fields, shape: c}
	condition := comp.compile(j.bound.details.Existence)
	for _, name := range unknownIn(j.frame.fields, j.bound.details.Existence) {
		j.warn(fmt.Sprintf("unknown alias %q", name))
	}
	return f.evaluate(condition)
}
