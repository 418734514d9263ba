// Package policy judges cloud resources by rules written in the Azure Policy
// language: definitions, initiatives, assignments, exemptions and attestations
// as Microsoft documents them, every condition, count, template function and
// effect included. It needs no cloud, no network and no clock of its own:
// bytes go in, verdicts come out.
//
// # Where to start
//
// One rule on one resource takes three steps:
//
//   - [ParseDefinition] reads a rule. What is wrong with it comes back as
//     [Problems], all at once, each with file, line and column.
//   - [Bind] settles its parameters: given values first, then defaults.
//   - [Bound.Judge] judges a [Resource] and gives a [Verdict];
//     [Bound.Explain] gives the same with a trace of every condition, the
//     values that were read, and what the rule wanted there.
//
// Many rules on many resources are what a [Set] is for: equal conditions of
// different rules are evaluated once, outcomes that repeat are remembered, and
// related resources are found by index. [Set.JudgeAll] is the short way,
// [Set.Judge] and [Set.Settle] the one for streams and several goroutines.
// [Library] reads whole folders of documents, and [Lint] looks them over.
//
// # Fields and aliases
//
// A rule names properties by alias, and an [Aliases] table tells where they
// stand in a body. Fill it from the output of "az provider list" with
// [Aliases.LoadProviderList], from a table of your own with
// [Aliases.LoadAliasTable], or entry by entry with [Aliases.Add]. A rule that
// names an alias which no table has applies to nothing, and says so.
//
// Resources of other clouds, and machines, need no table: a field of a type
// such as AWS::S3::Bucket or storage.googleapis.com/Bucket is the type, a
// slash, and the path below properties. See [IsNativeType].
//
// # Assignments, exemptions and attestations
//
// A rule by itself judges every resource that it is given. Where it is assigned,
// [Assignment.Covers] says for which resources (scope, notScopes, resource
// selectors), [Assignment.EffectOf] which effect its overrides put in place of the
// definition's, [CheckParameters] and then [Member.Resolve] which values an
// initiative hands to its members, [Exemption.Covers], [Exemption.IsAbout] and
// [Exemption.InForce] what is exempt, and [Attestation.Covers] which manual checks
// somebody answered. All of them are pure, and look at a [Place], which [PlaceOf]
// makes. What stands above a subscription its ids do not tell: whoever calls says
// in which management groups it is. A verdict does not know of any of this: the
// caller leaves out what no assignment covers, and decides what an exempt check
// counts as. The example of [Assignment.Covers] does it all for one resource.
//
// # Unknown is not healthy
//
// A scan rarely reads everything. A [Resource] can say that its body was not
// wholly read (Partial, Gaps), and whoever looks up related resources says
// whether all of them were seen, and which could not be read (see [NewUnseen]).
// What is missing then counts only where it could change the verdict: conditions combine by three-valued logic (see
// [Outcome]), and a verdict that hangs on something unread is [NoData], one
// that hangs on an expression which failed is [ErrorState]. Neither is ever
// [Compliant]. That holds however a rule gets at what is missing: an object that
// is there is handed on with what was not read of it, so that asking it for its
// keys, its text or another object's equality is unknown too, and a property that
// was read stays known.
//
// A property that is not there and an index past an array's end are missing, and
// no failure: a comparison whose whole value is missing is certainly false, as
// where a tag is not set, and only a function that is given what is missing
// fails. An index past the end of what a function counts, as in substring, is a
// failure.
//
// # Conformance
//
// [EvalCases] answers conformance cases, one JSON object a line, so that this
// engine can be held against others. Where the public sources of the language
// disagree, the engine follows the documentation, with these exceptions: a
// field with [*] over an absent array is judged as one absent member, texts
// compare by full Unicode folding, and the functions equals and contains
// ignore case as the operators do.
package policy
