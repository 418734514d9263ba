package cli

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/client"
	"github.com/bartizan-dev/bartizan/internal/govern"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/server"
)

// remote is a server that is asked to administer itself.
type remote struct{ *client.Client }

// remote gives the server that --server names, nil for none.
func (a *app) remote(cmd *cobra.Command, f *serverFlags) (*remote, error) {
	if err := f.refuse(cmd, "data", "database"); err != nil || !f.given() {
		return nil, err
	}
	c, err := f.client(a)
	return &remote{c}, err
}

// ask sends a request with a body, if there is one. What is not there, or is not as it
// has to be, was named wrongly on the command line.
func (r *remote) ask(ctx context.Context, method, path string, query url.Values, body, answer any) error {
	return namedWrongly(r.Do(ctx, client.Request{Method: method, Path: path, Query: query, Body: body}, answer), http.StatusNotFound)
}

// namedWrongly makes answers with some statuses errors of the command line.
func namedWrongly(err error, statuses ...int) error {
	var wrong *client.Error
	if errors.As(err, &wrong) && slices.Contains(statuses, wrong.Status) {
		return usage(err)
	}
	return misused(err)
}

// nouns are the paths of principals, by kind.
var nouns = map[access.PrincipalKind]string{access.User: "/api/v1/users", access.ServicePrincipal: "/api/v1/service-principals"}

func (r *remote) principals(ctx context.Context, kind access.PrincipalKind) ([]server.Principal, error) {
	var all server.Page[server.Principal]
	err := r.ask(ctx, http.MethodGet, nouns[kind], nil, nil, &all)
	return all.Rows, err
}

// principal finds the one that a word of the command line names: oneself, or one of
// those that the server tells of. An id is taken as it is by who may not see all.
func (r *remote) principal(ctx context.Context, text string, kinds ...access.PrincipalKind) (string, error) {
	var me server.Me
	if err := r.ask(ctx, http.MethodGet, "/api/v1/session", nil, nil, &me); err != nil {
		return "", err
	}
	if text == me.ID || access.Fold(text) == access.Fold(me.Name) {
		return me.ID, nil
	}
	var all []access.Principal
	for _, kind := range kinds {
		some, err := r.principals(ctx, kind)
		var refused *client.Error
		if errors.As(err, &refused) && refused.Status == http.StatusForbidden && strings.Count(text, "-") == 4 {
			return text, nil
		}
		if err != nil {
			return "", err
		}
		for _, p := range some {
			all = append(all, access.Principal{ID: p.ID, Kind: access.PrincipalKind(p.Kind), Name: p.Name})
		}
	}
	p, err := access.FindPrincipal(all, text, kinds...)
	return p.ID, asUsage(err)
}

func (r *remote) createUser(ctx context.Context, name, password string) (p server.Principal, err error) {
	return p, r.ask(ctx, http.MethodPost, nouns[access.User], nil, map[string]string{"name": name, "password": password}, &p)
}

func (r *remote) createServicePrincipal(ctx context.Context, name string) (made server.NewSecret, err error) {
	return made, r.ask(ctx, http.MethodPost, nouns[access.ServicePrincipal], nil, map[string]string{"name": name}, &made)
}

func (r *remote) removePrincipal(ctx context.Context, kind access.PrincipalKind, text string) (string, error) {
	id, err := r.principal(ctx, text, kind)
	if err != nil {
		return "", err
	}
	return id, r.ask(ctx, http.MethodDelete, nouns[kind], url.Values{"id": {id}}, nil, nil)
}

func (r *remote) roles(ctx context.Context) ([]server.RoleRow, error) {
	var all server.Page[server.RoleRow]
	err := r.ask(ctx, http.MethodGet, "/api/v1/roles", nil, nil, &all)
	return all.Rows, err
}

func (r *remote) createRole(ctx context.Context, principal string, grant access.Grant) (made server.RoleRow, err error) {
	id, err := r.principal(ctx, principal, access.User, access.ServicePrincipal)
	if err != nil {
		return made, err
	}
	return made, r.ask(ctx, http.MethodPost, "/api/v1/roles", nil, map[string]string{"principal": id, "role": grant.Role.String(), "scope": grant.Scope}, &made)
}

func (r *remote) createToken(ctx context.Context, principal string, limit access.Grant, until time.Time) (made server.NewSecret, err error) {
	id, err := r.principal(ctx, principal, access.User, access.ServicePrincipal)
	if err != nil {
		return made, err
	}
	asked := map[string]string{"principal": id, "name": "", "role": limit.Role.String(), "scope": limit.Scope, "expires": until.UTC().Format(time.RFC3339)}
	return made, r.ask(ctx, http.MethodPost, "/api/v1/tokens", nil, asked, &made)
}

// tokens lists all tokens for who may see them, else one's own.
func (r *remote) tokens(ctx context.Context) (list []tokenJSON, err error) {
	var all server.Page[server.TokenRow]
	err = r.ask(ctx, http.MethodGet, "/api/v1/tokens", url.Values{"owner": {"anybody"}}, nil, &all)
	var refused *client.Error
	if errors.As(err, &refused) && refused.Status == http.StatusForbidden {
		err = r.ask(ctx, http.MethodGet, "/api/v1/tokens", nil, nil, &all)
	}
	if err != nil {
		return nil, err
	}
	named := map[string]string{}
	for kind := range nouns { // for who may see them
		some, err := r.principals(ctx, kind)
		if err != nil {
			break
		}
		for _, p := range some {
			named[p.ID] = p.Name
		}
	}
	for _, t := range all.Rows {
		row := tokenJSON{ID: t.ID, Kind: t.Kind, Principal: t.Principal, Name: named[t.Principal], Created: t.Created, Expires: t.Expires, Used: t.Used}
		if t.Limit != nil {
			row.Role, row.Scope = t.Limit.Role, t.Limit.Scope
		}
		list = append(list, row)
	}
	return list, nil
}

// documents lists the documents of a kind that the server tells of.
func (r *remote) documents(ctx context.Context, kind ledger.DocumentKind) ([]documentJSON, error) {
	type row struct {
		documentJSON
		Reason, Text string // of one that has no title
	}
	rows, err := allOf[row](ctx, &asked{Client: r.Client}, documentsPath(kind), url.Values{})
	var list []documentJSON
	for _, of := range rows {
		of.Title = cmp.Or(of.Title, of.Reason, of.Text)
		list = append(list, of.documentJSON)
	}
	return list, err
}

func documentsPath(kind ledger.DocumentKind) string { return "/api/v1/" + kind.Plural() }

func (r *remote) setDocument(ctx context.Context, kind ledger.DocumentKind, f *documentFlags, text []byte) (written *writtenJSON, err error) {
	query := f.query()
	switch {
	case govern.IsPolicy(kind):
		for name, value := range map[string]string{"id": f.id, "scope": f.scope} {
			if value != "" {
				query.Set(name, value)
			}
		}
	case f.id != "":
		return nil, usagef("--id: a server gives its own; write that of one which it made into the file, to change it")
	}
	ask := client.Request{Method: http.MethodPost, Path: documentsPath(kind), Query: query, Body: bytes.NewReader(text), Type: "application/json"}
	switch {
	case kind == ledger.AliasTable:
		p, err := govern.ParsePolicy(kind, govern.Home{ID: f.id}, text)
		if err != nil {
			return nil, err
		}
		ask.Body, ask.Type = bytes.NewReader(p.Text), "application/zstd"
	case !json.Valid(text) && kind == ledger.Standard:
		ask.Type = "application/yaml"
	}
	return written, namedWrongly(r.Do(ctx, ask, &written), http.StatusNotFound)
}

func (r *remote) removeDocument(ctx context.Context, kind ledger.DocumentKind, f *documentFlags, id string) (written *writtenJSON, err error) {
	query := f.query()
	query.Set("id", id)
	return written, namedWrongly(r.Do(ctx, client.Request{Method: http.MethodDelete, Path: documentsPath(kind), Query: query}, &written), http.StatusNotFound, http.StatusConflict) // others need it
}

func (f *documentFlags) query() url.Values {
	if f.dryRun {
		return url.Values{"dryRun": {"true"}}
	}
	return url.Values{}
}

// removeOnServer removes something by its id, and reports whether a server did.
func (a *app) removeOnServer(cmd *cobra.Command, f *adminFlags, path, id string) (done bool, err error) {
	r, err := a.remote(cmd, &f.on)
	if err != nil || r == nil {
		return false, err
	}
	if err := r.ask(cmd.Context(), http.MethodDelete, path, url.Values{"id": {id}}, nil, nil); err != nil {
		return true, err
	}
	return true, a.tellMade(f.format, removedJSON{id}, [2]string{"removed", id})
}
