package govern

import (
	"encoding/json"
	"time"

	"github.com/bartizan-dev/bartizan/internal/index"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// Document is an [*Exemption], an [*Attestation] or a [*Disabling].
type Document interface {
	Kind() ledger.DocumentKind
	// Name is the document's id, "" if it has none yet.
	Name() string
	// Where is the place that it is about.
	Where() *Place
	// Ends is the instant from which it holds no longer; zero for never.
	Ends() time.Time
	// Why is its reason, in words of people.
	Why() string
	// Rules are the recommendations that it is about; nil for all.
	Rules() []string

	setName(id string)
	laying() index.Laying
	read(o *object)
}

// Place is a scope with what is below it, or some resources.
type Place struct {
	Scope     string     `json:"scope,omitempty" doc:"id of a scope: it and all below it"`
	Resources []Resource `json:"resources,omitempty" doc:"instead of a scope"`
}

// Resource names one as the cloud does.
type Resource struct {
	ID     string `json:"id"`
	Type   string `json:"type,omitempty" doc:"where the id alone does not tell: with unit and region, as far as they are needed"`
	Unit   string `json:"unit,omitempty"`
	Region string `json:"region,omitempty"`
}

// Key is that of the resource in the inventory.
func (r *Resource) Key() uint64 {
	return ledger.KeyOf(posture.IdentityOf(r.ID, r.Type, r.Unit, r.Region))
}

// Selector says which of the resources of a place are meant: those that meet all
// of what is given.
type Selector struct {
	Types     []string `json:"types,omitempty" doc:"any of them"`
	Locations []string `json:"locations,omitempty" doc:"any of them"`
	Tags      []Tag    `json:"tags,omitempty" doc:"all of them"`
	Text      string   `json:"text,omitempty" doc:"within name or id"`
}

// ResourceSelector admits resources that all of its selectors admit.
type ResourceSelector struct {
	Name      string            `json:"name,omitempty"`
	Selectors []AdmittingValues `json:"selectors" doc:"all of them"`
}

// AdmittingValues admit what has one of some values, or none of them.
type AdmittingValues struct {
	Kind  string   `json:"kind" doc:"resourceLocation, resourceType or resourceWithoutLocation"`
	In    []string `json:"in,omitzero" required:"false" doc:"any of them"`
	NotIn []string `json:"notIn,omitzero" required:"false" doc:"instead of in: none of them"`
}

// Tag is a condition on one tag.
type Tag struct {
	Key   string  `json:"key"`
	Value *string `json:"value,omitempty" doc:"any without it"`
	Not   bool    `json:"not,omitempty" doc:"the condition is not to be met"`
}

// Exemption takes checks out of score and rates.
type Exemption struct {
	ID          string `json:"id,omitempty" doc:"given by the server"`
	DisplayName string `json:"displayName,omitempty"`
	Place
	Selector          *Selector          `json:"selector,omitempty" doc:"which of the resources there; all without it"`
	ResourceSelectors []ResourceSelector `json:"resourceSelectors,omitempty" doc:"as Azure has them, of which one has to admit a resource; all without them"`
	Recommendations   []string           `json:"recommendations,omitempty" doc:"ids; all without it"`
	Assignment        string             `json:"assignment,omitempty" doc:"instead of recommendations: id of an assignment. The exemption is of the ways in which that judges; a check is exempt once each way in which it is judged is"`
	Members           []string           `json:"members,omitempty" doc:"of the assigned initiative: policyDefinitionReferenceIds; all without it"`
	// AssignmentScopeValidation is a word of Azure's.
	AssignmentScopeValidation string     `json:"assignmentScopeValidation,omitempty" enum:"Default,DoNotValidate" doc:"DoNotValidate takes it outside of the assignment's scope, where it changes nothing"`
	Category                  string     `json:"category" enum:"waiver,mitigated"`
	Owner                     string     `json:"owner,omitempty" doc:"who answers for it"`
	Reason                    string     `json:"reason"`
	ExpiresOn                 *time.Time `json:"expiresOn,omitempty" doc:"the instant from which it holds no longer; never without it. A day may be sent, to the end of which (UTC) it holds"`
}

// Attestation says how a manual check stands.
type Attestation struct {
	ID             string `json:"id,omitempty" doc:"given by the server"`
	Recommendation string `json:"recommendation"`
	Place
	State     string     `json:"state" enum:"healthy,unhealthy"`
	Text      string     `json:"text" doc:"what was looked at, and by whom"`
	Link      string     `json:"link,omitempty" doc:"where the proof is, https or http"`
	ExpiresOn *time.Time `json:"expiresOn,omitempty" doc:"the instant from which it holds no longer; never without it. A day may be sent, to the end of which (UTC) it holds"`
}

// Disabling takes a recommendation away at a scope.
type Disabling struct {
	ID             string `json:"id,omitempty" doc:"given by the server"`
	Scope          string `json:"scope" doc:"id of a scope: it and all below it"`
	Recommendation string `json:"recommendation"`
	Reason         string `json:"reason"`
}

// Kind implements [Document].
func (e *Exemption) Kind() ledger.DocumentKind { return ledger.ExemptionOf }

// Kind implements [Document].
func (a *Attestation) Kind() ledger.DocumentKind { return ledger.AttestationOf }

// Kind implements [Document].
func (d *Disabling) Kind() ledger.DocumentKind { return ledger.Disabling }

// Name implements [Document].
func (e *Exemption) Name() string { return e.ID }

// Name implements [Document].
func (a *Attestation) Name() string { return a.ID }

// Name implements [Document].
func (d *Disabling) Name() string { return d.ID }

func (e *Exemption) setName(id string)   { e.ID = id }
func (a *Attestation) setName(id string) { a.ID = id }
func (d *Disabling) setName(id string)   { d.ID = id }

// Where implements [Document].
func (e *Exemption) Where() *Place { return &e.Place }

// Where implements [Document].
func (a *Attestation) Where() *Place { return &a.Place }

// Where implements [Document].
func (d *Disabling) Where() *Place { return &Place{Scope: d.Scope} }

// Ends implements [Document].
func (e *Exemption) Ends() time.Time { return instant(e.ExpiresOn) }

// Ends implements [Document].
func (a *Attestation) Ends() time.Time { return instant(a.ExpiresOn) }

// Ends implements [Document].
func (d *Disabling) Ends() time.Time { return time.Time{} }

func instant(at *time.Time) time.Time {
	if at == nil {
		return time.Time{}
	}
	return *at
}

// Why implements [Document].
func (e *Exemption) Why() string { return e.words() }

// Why implements [Document].
func (a *Attestation) Why() string { return a.Text }

// Why implements [Document].
func (d *Disabling) Why() string { return d.Reason }

// Rules implements [Document].
func (e *Exemption) Rules() []string { return e.Recommendations }

// Rules implements [Document].
func (a *Attestation) Rules() []string { return []string{a.Recommendation} }

// Rules implements [Document].
func (d *Disabling) Rules() []string { return []string{d.Recommendation} }

// Named gives a document its id.
func Named(d Document, id string) Document {
	d.setName(id)
	return d
}

// Text is a document as it is kept.
func Text(d Document) ([]byte, error) { return json.Marshal(d) }
