package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"go.yaml.in/yaml/v3"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/estate"
	"github.com/bartizan-dev/bartizan/internal/govern"
	"github.com/bartizan-dev/bartizan/internal/index"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/policy"
)

// PolicyRow is a definition, initiative, assignment, standard or alias table.
type PolicyRow struct {
	ID              string   `json:"id"`
	Name            string   `json:"name"`
	Title           string   `json:"title"`
	Scope           string   `json:"scope" doc:"where it is kept; of an assignment where it holds"`
	Version         string   `json:"version,omitempty" doc:"that its author gave it"`
	Category        string   `json:"category,omitempty"`
	Severity        string   `json:"severity,omitempty" doc:"of a definition that says so"`
	Mode            string   `json:"mode,omitempty" doc:"of a definition"`
	Parameters      []string `json:"parameters,omitempty" doc:"of a definition or initiative: names"`
	Members         int      `json:"members,omitempty" doc:"of an initiative: definitions"`
	Controls        int      `json:"controls,omitempty" doc:"of a standard"`
	Policy          string   `json:"policy,omitempty" doc:"of an assignment: what is assigned"`
	NotScopes       []string `json:"notScopes,omitempty" doc:"of an assignment"`
	EnforcementMode string   `json:"enforcementMode,omitempty" doc:"of an assignment"`
	Aliases         int      `json:"aliases,omitempty" doc:"of an alias table: entries, one for each type of an alias"`
	Commit          int64    `json:"commit" doc:"that wrote it"`
}

// PolicyBody is everything that is told of one such document.
type PolicyBody struct {
	PolicyRow
	Document json.RawMessage `json:"document" doc:"as it was written; a text if it is no JSON; of an alias table what it was reduced to"`
	Versions []PolicyVersion `json:"versions" doc:"all that is kept, the oldest first"`
	NeededBy []string        `json:"neededBy" doc:"ids of what refers to it, as far as you see it"`
	AsOf     AsOf            `json:"asOf"`
}

// PolicyVersion is what a document was for some time.
type PolicyVersion struct {
	Version int        `json:"version" doc:"from 1"`
	Commit  int64      `json:"commit" doc:"that began it"`
	At      time.Time  `json:"at"`
	By      string     `json:"by" doc:"id of who wrote it"`
	Ended   *time.Time `json:"ended,omitempty"`
}

type policiesInput struct {
	At     string   `query:"at" doc:"as of then: a day (its end, UTC) or an instant; now without it"`
	Scope  []string `query:"scope,explode" doc:"ids of scopes: what is kept there or below; any of them" maxItems:"100"`
	Text   string   `query:"q" doc:"within id or title" maxLength:"200"`
	Limit  int      `query:"limit" default:"50" minimum:"1" maximum:"200"`
	Cursor string   `query:"cursor" doc:"of the page before" maxLength:"1000"`
}

type policiesOutput = Listed[PolicyRow]

type onePolicyInput struct {
	ID string `query:"id" required:"true" maxLength:"1000"`
	At string `query:"at"`
}

type onePolicyOutput struct{ Body PolicyBody }

type policyInput struct {
	ID      string `query:"id" doc:"how it is called, where the document does not say: the whole id, or its last part" maxLength:"1000"`
	Scope   string `query:"scope" doc:"where it is kept, where neither id nor document say" maxLength:"1000"`
	DryRun  bool   `query:"dryRun" doc:"only say what it would do"`
	RawBody []byte `contentType:"application/json"`
}

type removedPolicyInput struct {
	ID     string `query:"id" required:"true" maxLength:"1000"`
	DryRun bool   `query:"dryRun" doc:"only say what it would do"`
}

// policies are a noun whose rows are policy documents of one kind.
type policies struct {
	server *Server
	kind   ledger.DocumentKind
}

func (s *Server) registerPolicies() {
	for _, p := range []struct {
		kind ledger.DocumentKind
		what string
	}{
		{ledger.Definition, "keep a policy definition, or a new version of one"},
		{ledger.Initiative, "keep an initiative (policy set definition), or a new version of one"},
		{ledger.Assignment, "assign a definition, an initiative or a standard, or change that: effective at once"},
		{ledger.Standard, "keep a standard of your own, or a new version of one"},
		{ledger.AliasTable, "keep a table of aliases for all definitions, or a new version of one"},
	} {
		s.policies(p.kind).register(p.what)
	}
}

func (n policies) noun() string { return n.kind.Plural() }

func (n policies) path() string { return "/api/v1/" + n.noun() }

func (n policies) register(what string) {
	s, word := n.server, string(n.kind)
	handle(s, route{method: http.MethodGet, path: n.path(), id: "list-" + n.noun(), summary: "List " + n.noun() + " that are kept, by id", need: seeing}, n.list)
	handle(s, route{method: http.MethodGet, path: "/api/v1/" + word, id: "get-" + word, summary: "One of the " + n.noun() + ", with its versions", need: seeing}, n.one)
	handle(s, route{
		method: http.MethodPost, path: n.path(), id: "write-" + word, summary: strings.ToUpper(what[:1]) + what[1:], need: signedIn, document: n.maxSize(),
	}, n.write)
	handle(s, route{method: http.MethodDelete, path: n.path(), id: "delete-" + word, summary: "Remove one of the " + n.noun(), need: signedIn}, n.remove)
	content := s.api.OpenAPI().Paths[n.path()].Post.RequestBody.Content
	content["application/json"].Schema = s.api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[map[string]any](), true, word)
	switch n.kind {
	case ledger.Standard:
		content["application/yaml"] = content["application/json"]
	case ledger.AliasTable:
		packed := &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}
		content["application/gzip"], content["application/zstd"] = packed, packed
	}
}

// maxSize is how many bytes a document has at most.
func (n policies) maxSize() int64 {
	switch {
	case n.kind == ledger.AliasTable:
		return govern.MaxAliases
	case govern.Several(n.kind):
		return govern.MaxDocuments
	}
	return govern.MaxSize
}

// policyRow tells of a document.
func policyRow(p *govern.Policy) PolicyRow {
	row := PolicyRow{ID: p.ID, Name: p.Name, Title: p.Title(), Scope: p.Scope, Commit: int64(p.Since)}
	names := func(all []policy.Parameter) (names []string) {
		for i := range all {
			names = append(names, all[i].Name)
		}
		return names
	}
	switch {
	case p.Definition != nil:
		d := p.Definition
		row.Version, row.Category, row.Severity, row.Mode, row.Parameters = d.Version, d.Category, d.Severity, d.Mode, names(d.Parameters)
	case p.Initiative != nil:
		s := p.Initiative
		row.Version, row.Category, row.Members, row.Parameters = s.Version, s.Category, len(s.Members), names(s.Parameters)
	case p.Assignment != nil:
		a := p.Assignment
		row.Policy, row.NotScopes, row.EnforcementMode = a.DefinitionID, a.NotScopes, a.EnforcementMode
	case p.Standard != nil:
		row.Version, row.Controls = p.Standard.Version, len(p.Standard.Nodes)
	case p.Aliases != nil:
		row.Aliases = p.Aliases.Table().Len()
	}
	return row
}

// policiesAt are the policy documents of a moment, of some kinds.
func (s *Server) policiesAt(ctx context.Context, v *view, kinds ...ledger.DocumentKind) (*govern.Policies, error) {
	return s.policiesAsOf(ctx, v.commit, kinds...)
}

// policiesAsOf reads the policy documents of some kinds as of a commit.
func (s *Server) policiesAsOf(ctx context.Context, n ledger.Number, kinds ...ledger.DocumentKind) (*govern.Policies, error) {
	kept, err := s.documentsOf(ctx, n, kinds...)
	if err != nil {
		return nil, err
	}
	return govern.PoliciesOf(kept, s.Estate.Policies()), nil
}

// documentsAt are the documents of a moment, of some kinds.
func (s *Server) documentsAt(ctx context.Context, v *view, kinds ...ledger.DocumentKind) ([]ledger.DocumentVersion, error) {
	return s.documentsOf(ctx, v.commit, kinds...)
}

// judgingKinds are the kinds of documents that say what is judged.
var judgingKinds = []ledger.DocumentKind{ledger.Definition, ledger.Initiative, ledger.Assignment, ledger.AliasTable, ledger.Catalogue}

// sees reports whether a scope is seen, and at or below one of some scopes.
func (v *view) sees(scope string, scopes []string) bool {
	t := tree(v.x)
	return (v.visible == nil || covered(t, v.visible, scope)) && (len(scopes) == 0 || covered(t, scopes, scope))
}

// sight is what somebody sees of one moment, for questions that outlast the view:
// the index goes on.
type sight struct {
	commit  ledger.Number
	at      time.Time // the moment
	visible []string  // nil is all
	rules   []index.Rule
	scopes  *access.Tree
}

func (s *Server) sight(v *view) *sight {
	of := &sight{v.commit, v.at, v.visible, v.x.Content().Rules, tree(v.x)}
	if of.at.IsZero() {
		of.at = s.Now()
	}
	return of
}

// sees reports whether a scope is seen.
func (of *sight) sees(scope string) bool {
	return of.visible == nil || covered(of.scopes, of.visible, scope)
}

// touches reports whether what is seen lies at, below or above a scope.
func (of *sight) touches(scope string) bool {
	return of.sees(scope) || slices.ContainsFunc(of.visible, func(top string) bool { return of.scopes.Covers(scope, top) })
}

func (n policies) list(ctx context.Context, c *caller, in *policiesInput) (*policiesOutput, error) {
	out := &policiesOutput{}
	return out, n.server.see(ctx, c, in.At, func(v *view) (err error) {
		out.Body, err = n.of(ctx, v, in)
		return err
	})
}

func (n policies) of(ctx context.Context, v *view, in *policiesInput) (List[PolicyRow], error) {
	list := List[PolicyRow]{Rows: []PolicyRow{}, Unit: n.noun(), AsOf: v.asOf(), Hidden: v.hidden}
	if err := v.lacks(in.Scope); err != nil {
		return list, err
	}
	all, err := n.server.policiesAt(ctx, v, n.kind)
	if err != nil {
		return list, err
	}
	text := strings.ToLower(in.Text)
	for _, p := range all.Of(n.kind) {
		if !v.sees(p.Scope, in.Scope) || !strings.Contains(strings.ToLower(p.ID+"\n"+p.Title()), text) {
			continue
		}
		list.Total++
		switch {
		case p.ID <= in.Cursor:
		case len(list.Rows) < in.Limit:
			list.Rows = append(list.Rows, policyRow(p))
		default:
			list.Cursor = list.Rows[in.Limit-1].ID
		}
	}
	return list, nil
}

func (n policies) missing(id string) error {
	return huma.Error404NotFound("there is no " + n.kind.Words() + " " + id)
}

func (n policies) one(ctx context.Context, c *caller, in *onePolicyInput) (*onePolicyOutput, error) {
	out := &onePolicyOutput{}
	return out, n.server.see(ctx, c, in.At, func(v *view) error {
		all, err := n.server.policiesAt(ctx, v, slices.Concat(judgingKinds, []ledger.DocumentKind{ledger.Standard})...)
		if err != nil {
			return err
		}
		p, ok := all.Find(n.kind, in.ID)
		if !ok || !v.sees(p.Scope, nil) {
			return n.missing(in.ID)
		}
		text, err := p.Document()
		if err != nil {
			return err
		}
		out.Body = PolicyBody{PolicyRow: policyRow(p), Document: documentOf(text), NeededBy: []string{}, AsOf: v.asOf()}
		for _, other := range all.Needing(p) {
			if v.sees(other.Scope, nil) {
				out.Body.NeededBy = append(out.Body.NeededBy, other.ID)
			}
		}
		out.Body.Versions, err = n.versions(ctx, p.ID)
		return err
	})
}

// documentOf shows a document's text, in JSON if it is that.
func documentOf(text []byte) json.RawMessage {
	if json.Valid(text) {
		return text
	}
	quoted, err := json.Marshal(string(text))
	if err != nil {
		return nil // of a text there is no error
	}
	return quoted
}

func (n policies) versions(ctx context.Context, id string) ([]PolicyVersion, error) {
	history, err := n.server.Store.DocumentHistory(ctx, n.kind, id)
	if err != nil {
		return nil, err
	}
	versions := []PolicyVersion{}
	for i, h := range history {
		begun, err := n.commit(ctx, h.Since)
		if err != nil {
			return nil, err
		}
		version := PolicyVersion{Version: i + 1, Commit: int64(h.Since), At: begun.At, By: begun.Actor}
		if h.Until != ledger.Open {
			ended, err := n.commit(ctx, h.Until)
			if err != nil {
				return nil, err
			}
			version.Ended = &ended.At
		}
		versions = append(versions, version)
	}
	return versions, nil
}

func (n policies) commit(ctx context.Context, number ledger.Number) (ledger.Commit, error) {
	commits, err := n.server.Store.Commits(ctx, number-1, number)
	if err != nil || len(commits) == 0 {
		return ledger.Commit{}, err
	}
	return commits[0], nil
}

func (n policies) write(ctx context.Context, c *caller, in *policyInput) (*writtenOutput, error) {
	s := n.server
	if err := s.maySomewhere(c, access.Govern); err != nil {
		return nil, err
	}
	if n.kind == ledger.AliasTable { // before it is read, which is much work
		if err := s.mayKeep(c, access.Top, true); err != nil {
			return nil, err
		}
	}
	ps, err := govern.ParsePolicies(n.kind, govern.Home{ID: in.ID, Scope: in.Scope}, in.RawBody)
	if err != nil {
		return nil, err
	}
	met := map[string]bool{}
	for _, p := range ps {
		if met[p.Scope] {
			continue
		}
		met[p.Scope] = true
		if err := s.mayKeep(c, p.Scope, true); err != nil {
			return nil, err
		}
	}
	return n.change(ctx, c, ps[0].ID, ps, in.DryRun)
}

func (n policies) remove(ctx context.Context, c *caller, in *removedPolicyInput) (*writtenOutput, error) {
	return n.change(ctx, c, in.ID, nil, in.DryRun)
}

// mayKeep refuses who may not govern at a scope.
func (s *Server) mayKeep(c *caller, scope string, isNew bool) error {
	return s.Follower.Read(func(x *index.Index) error {
		scopes := tree(x)
		_, node := scopes.Scope(scope)
		known := node || scope == access.Top || !isNew || x.Select(index.Filter{Scopes: []string{scope}}).Resources() > 0
		return mayGovern(c, scopes, scope, known, "scope "+scope)
	})
}

// change writes documents or, without any, removes the one with an id.
func (n policies) change(ctx context.Context, c *caller, id string, ps []*govern.Policy, dryRun bool) (*writtenOutput, error) {
	met := map[string]bool{}
	return n.server.govern(ctx, func() (*writtenOutput, error) {
		text := ""
		before, known := n.server.Estate.Policies().Find(n.kind, id)
		if known {
			text = string(before.Text)
		}
		if met[text] = true; len(met) > 1 { // another server changed it meanwhile
			return nil, huma.Error409Conflict("somebody else has changed the " + n.kind.Words() + " meanwhile; try again")
		}
		return n.putIn(ctx, c, id, before, ps, dryRun)
	})
}

// putIn writes documents, the first in place of another, or removes that.
func (n policies) putIn(ctx context.Context, c *caller, id string, before *govern.Policy, ps []*govern.Policy, dryRun bool) (*writtenOutput, error) {
	s, known := n.server, before != nil
	if known {
		id = before.ID
		if err := s.mayKeep(c, before.Scope, false); err != nil {
			return nil, n.hide(err, id)
		}
	} else if len(ps) == 0 {
		return nil, n.missing(id)
	}
	out := &writtenOutput{Written{ID: id}}
	r := estate.PolicyRequest{Kind: n.kind, ID: id, DryRun: dryRun}
	if len(ps) > 0 {
		r.Policy, r.Others = ps[0], ps[1:]
	}
	of := s.seenBy(c)
	touched := ps
	if known {
		touched = append(touched, before)
	}
	for _, p := range touched {
		if !slices.Contains(of.Scopes, p.Scope) {
			of.Scopes = append(of.Scopes, p.Scope)
		}
	}
	r.Of = &of
	manual, failed := s.previewUnits(ctx, c, n.kind, id, ps)
	if failed != nil {
		r.DryRun = true // what is wrong with the documents says more
	}
	preview, commit, err := s.Estate.ChangePolicy(ctx, c.by(), r)
	if err != nil {
		return nil, s.neededBy(c, err)
	}
	if failed != nil {
		return nil, fmt.Errorf("previewing the checks of manual controls: %w", failed)
	}
	out.Body.tell(preview)
	out.Body.Checks, out.Body.Resources = out.Body.Checks+manual.checks, out.Body.Resources+manual.units
	out.Body.Warnings = append(preview.Warnings, govern.Warnings(ps)...)
	if len(ps) > 1 {
		out.Body.ID, out.Body.Documents = "", len(ps)
	}
	if out.Body.Commit = int64(commit.Number); commit.Number == 0 { // nothing was written
		return out, nil
	}
	if len(ps) < 2 {
		if out.Body.Undo, err = n.undo(id, before); err != nil {
			return nil, err
		}
	}
	return out, s.Follower.CatchUp(ctx)
}

// hide says of what is not seen that it is not there.
func (n policies) hide(err error, id string) error {
	var status huma.StatusError
	if errors.As(err, &status) && status.GetStatus() == http.StatusNotFound {
		return n.missing(id)
	}
	return err
}

// neededBy tells of a document that others need those which who asks sees.
func (s *Server) neededBy(c *caller, err error) error {
	var needed *estate.NeededError
	if !errors.As(err, &needed) {
		return err
	}
	seen := *needed
	seen.By = nil
	_ = s.Follower.Read(func(x *index.Index) error {
		scopes := tree(x)
		for _, p := range needed.By {
			if c.Caller.May(access.See, p.Scope, scopes) {
				seen.By = append(seen.By, p)
			}
		}
		return nil
	})
	if hidden := len(needed.By) - len(seen.By); hidden > 0 && len(seen.By) == 0 {
		return huma.Error409Conflict(fmt.Sprintf("%s %s is needed by %d documents that you do not see", needed.Policy.Kind, needed.Policy.ID, hidden))
	}
	return huma.Error409Conflict(seen.Error())
}

func (n policies) undo(id string, before *govern.Policy) (*Undo, error) {
	if before == nil {
		return &Undo{Method: http.MethodDelete, Path: n.path() + "?id=" + url.QueryEscape(id)}, nil
	}
	target := n.path() + "?id=" + url.QueryEscape(before.GivenID())
	text, err := before.Document()
	if err != nil {
		return nil, err
	}
	if !json.Valid(text) {
		var value any
		err := yaml.Unmarshal(text, &value)
		if err == nil {
			text, err = json.Marshal(value)
		}
		if err != nil {
			return nil, fmt.Errorf("writing %s as JSON: %w", id, err)
		}
	}
	return &Undo{Method: http.MethodPost, Path: target, Body: text}, nil
}
