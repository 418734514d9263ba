package policy

// Position is a place in a file, both from 1.
type Position struct{ Line, Column int }

// Operator is what a leaf compares with.
type Operator uint8

// The operators of the language, each negation beside its positive form.
const (
	Equals Operator = iota
	NotEquals
	Like
	NotLike
	Match
	NotMatch
	MatchInsensitively
	NotMatchInsensitively
	Contains
	NotContains
	In
	NotIn
	ContainsKey
	NotContainsKey
	Less
	LessOrEquals
	Greater
	GreaterOrEquals
	Exists
)

// ConditionKind says what a [Condition] is.
type ConditionKind uint8

// The kinds of conditions.
const (
	AllOf ConditionKind = iota
	AnyOf
	Not
	FieldLeaf
	ValueLeaf
	CountLeaf
)

// Condition is one node of a rule's tree: a logical operator over Children
// (Not has one), or a leaf that compares a left-hand side with Right.
type Condition struct {
	Kind     ConditionKind
	Children []*Condition

	Left     Template // FieldLeaf: the field's name; ValueLeaf: the value
	Count    *Count   // CountLeaf
	Operator Operator
	Right    Template

	Pos Position
}

// Count is the left-hand side of a count leaf: over the members of an array
// alias (Field) or of a value (Value).
type Count struct {
	Field string    // "" for a value count
	Value *Template // nil for a field count
	Name  string    // of a value count's member; "" for default
	Where *Condition
	Pos   Position

	long bool // see LongCounts
}

// Template is a JSON value in which any string may be an expression: a
// literal, one expression, or an array or object that has some inside.
type Template struct {
	Const Value       // when Expr, Items and Members are nil
	Expr  *Expression // the string was "[…]"
	Items []Template  // array with an expression somewhere inside
	// Members of an object with an expression somewhere inside.
	Members []TemplateMember
	Pos     Position
}

// TemplateMember is one property of an object template.
type TemplateMember struct {
	Key   string
	Value Template
}

// Rule is the policyRule of a definition.
type Rule struct {
	If      *Condition
	Effect  Template
	Details *Details // nil when there are none, or when they are an array (append)
	then    snippet
	// condition is the text of If, in which "[[" is not yet a bracket.
	condition snippet
	caller    Tristate // whether the condition asks who made the request; see readsCaller
}

// Details are what an effect needs beside its name. Which fields are set
// depends on the effect; unknown keys are kept in [Rule.Then].
type Details struct {
	// IfNotExists effects.
	Type              *Template
	Name              *Template
	Kind              *Template
	ResourceGroupName *Template
	ExistenceScope    *Template
	Existence         *Condition
	RoleDefinitionIDs []string
	// modify and append (append's array or single object lands here too).
	Operations     []Operation
	ConflictEffect *Template
	// manual
	DefaultState *Template
	// denyAction
	ActionNames []string
	Pos         Position
}

// Operation is one change of modify, or one item of append (Operation is
// "append" then).
type Operation struct {
	Operation string // canonical: add, addOrReplace, remove, append
	Field     Template
	Value     *Template // nil when the file has none
	Condition *Node     // kept verbatim
}

// Parameter is one declared parameter of a definition or initiative.
type Parameter struct {
	Name        string
	Type        string // as written; compare ignoring case
	Default     *Value // nil without one
	Allowed     []Value
	DisplayName string
	StrongType  string
	Deprecated  bool // metadata.deprecated: kept for assignments that still give it
	Pos         Position
}

// Definition is one policy definition.
type Definition struct {
	ID          string // "" in a bare file
	Name        string // last segment of ID, or the file's name
	DisplayName string
	Description string
	PolicyType  string // BuiltIn, Custom, Static
	Mode        string // as written, "" if absent
	Version     string
	Category    string
	Severity    string // metadata.severity or metadata.securityCenter.severity, "" if none
	Preview     bool
	Deprecated  bool
	Parameters  []Parameter
	Rule        *Rule
	File        string
	Pos         Position
}

// Member is one definition in an initiative.
type Member struct {
	ReferenceID  string
	DefinitionID string
	Version      string
	Parameters   map[string]Template // by lower-cased name; expressions over the initiative's parameters
	Groups       []string
}

// InitiativeGroup is one control of an initiative.
type InitiativeGroup struct {
	Name, Category, DisplayName, Description, AdditionalMetadataID string
}

// Initiative is one policy set definition.
type Initiative struct {
	ID, Name, DisplayName, Description, PolicyType, Version, Category string
	Parameters                                                        []Parameter
	Members                                                           []Member
	Groups                                                            []InitiativeGroup
	File                                                              string
	Pos                                                               Position
}

// Selector is one condition of a resource selector or override.
type Selector struct {
	Kind      string // as written
	In, NotIn []string
}

// ResourceSelector holds when all its selectors do.
type ResourceSelector struct {
	Name      string
	Selectors []Selector
}

// Override replaces the effect or version of members whose selectors hold.
type Override struct {
	Kind, Value string
	Selectors   []Selector
}

// NonComplianceMessage is what an assignment says about an unhealthy resource.
type NonComplianceMessage struct{ Message, ReferenceID string }

// Assignment puts a definition or initiative to work at a scope.
type Assignment struct {
	ID, Name, DisplayName, Scope string
	NotScopes                    []string
	DefinitionID                 string
	DefinitionVersion            string
	Parameters                   map[string]Value // by lower-cased name
	EnforcementMode              string           // Default or DoNotEnforce
	Messages                     []NonComplianceMessage
	ResourceSelectors            []ResourceSelector
	Overrides                    []Override
	File                         string
	Pos                          Position
}

// Exemption takes resources below its scope out of an assignment.
type Exemption struct {
	ID, Name, Scope   string // Scope is the id before /providers/Microsoft.Authorization/policyExemptions
	AssignmentID      string
	ReferenceIDs      []string // empty: all members
	Category          string   // Waiver or Mitigated
	ExpiresOn         string   // as written, "" for never; see ParseExpiry
	DisplayName       string
	Description       string
	ResourceSelectors []ResourceSelector
	File              string
	Pos               Position
}

// Attestation settles a manual check.
type Attestation struct {
	ID, Name, Scope string // Scope is the resource or scope before /providers/Microsoft.PolicyInsights/attestations
	AssignmentID    string
	ReferenceID     string
	State           string // Compliant, NonCompliant, Unknown
	ExpiresOn       string // as written; see ParseExpiry
	AssessmentDate  string // else when Azure last took the state to be another
	Owner, Comments string
	File            string
	Pos             Position
}
