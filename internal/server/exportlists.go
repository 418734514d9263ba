package server

import (
	"context"

	"github.com/danielgtaylor/huma/v2"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/ledger"
)

// exportables are all lists that can be exported, by name.
func (s *Server) exportables() map[string]exportable {
	return map[string]exportable{
		"recommendations": exports("/api/v1/recommendations", func(ctx context.Context, c *caller, in *recommendationsInput) (List[RecommendationRow], error) {
			return bodyOf(s.recommendations(ctx, c, in))
		}, s.recommendationsOf),
		"checks": exports("/api/v1/checks", func(ctx context.Context, c *caller, in *checksInput) (List[CheckRow], error) {
			return bodyOf(s.checks(ctx, c, in))
		}, s.checksOf),
		"resources": exports("/api/v1/resources", func(ctx context.Context, c *caller, in *resourcesInput) (List[ResourceRow], error) {
			return bodyOf(s.resources(ctx, c, in))
		}, func(ctx context.Context, v *view, in *resourcesInput) (List[ResourceRow], error) {
			list, err := s.resourcesOf(ctx, v, in)
			if err == nil {
				err = s.markAll(ctx, v.commit, &list)
			}
			return list, err
		}),
		"reads": exports("/api/v1/reads", func(ctx context.Context, c *caller, in *readsInput) (List[ReadRow], error) {
			return bodyOf(s.reads(ctx, c, in))
		}, func(ctx context.Context, v *view, in *readsInput) (List[ReadRow], error) {
			meant, err := in.meant(v)
			if err != nil {
				return List[ReadRow]{}, err
			}
			return s.readsOf(ctx, v, in, meant)
		}),
		"compliance": exports("/api/v1/compliance", func(ctx context.Context, c *caller, in *complianceInput) (list List[StandardRow], err error) {
			return list, s.see(ctx, c, in.At, func(v *view) (err error) {
				list, err = s.complianceOf(ctx, v, in)
				return err
			})
		}, s.complianceOf),
		"exemptions": s.exemptions().exported(), "attestations": s.attestations().exported(), "disablings": s.disablings().exported(),
		"definitions": s.policies(ledger.Definition).exported(), "initiatives": s.policies(ledger.Initiative).exported(),
		"assignments": s.policies(ledger.Assignment).exported(), "standards": s.policies(ledger.Standard).exported(),
		"aliases": s.policies(ledger.AliasTable).exported(),

		"controls": reading("/api/v1/compliance/{standard}", func(ctx context.Context, c *caller, _ *view, in *standardInput) ([]ControlRow, exportPage, error) {
			out, err := s.standard(ctx, c, in)
			if err != nil {
				return nil, exportPage{}, err
			}
			b := &out.Body
			return b.Controls, exportPage{total: len(b.Controls), asOf: b.AsOf, hidden: b.Hidden}, nil
		}),
		"difference": reading("/api/v1/difference", func(ctx context.Context, c *caller, _ *view, in *differenceInput) ([]DifferenceRow, exportPage, error) {
			out, err := s.difference(ctx, c, in)
			if err != nil {
				return nil, exportPage{}, err
			}
			b := &out.Body
			return b.Rows, exportPage{total: b.Total, cursor: b.Cursor, asOf: b.After, hidden: b.Hidden}, nil
		}),
		"versions": reading("/api/v1/resource/versions", func(ctx context.Context, c *caller, _ *view, in *versionsInput) ([]VersionRow, exportPage, error) {
			out, err := s.versions(ctx, c, in)
			if err != nil {
				return nil, exportPage{}, err
			}
			return out.Body.Rows, exportPage{total: out.Body.Total, cursor: out.Body.Cursor}, nil
		}),
		"scopes": reading("/api/v1/scopes", func(ctx context.Context, c *caller, _ *view, in *scopesInput) ([]ScopeRow, exportPage, error) {
			out, err := s.scopes(ctx, c, in)
			if err != nil {
				return nil, exportPage{}, err
			}
			b := &out.Body
			return b.Rows, exportPage{total: b.Total, asOf: b.AsOf, hidden: b.Hidden}, nil
		}),
		"audit": reading("/api/v1/audit", func(ctx context.Context, c *caller, _ *view, in *auditInput) ([]AuditRow, exportPage, error) {
			out, err := s.audit(ctx, c, in)
			if err != nil {
				return nil, exportPage{}, err
			}
			b := &out.Body
			return b.Rows, exportPage{total: b.Total, cursor: b.Cursor}, nil
		}),
		"views": pages("/api/v1/views", func(ctx context.Context, c *caller, in *viewsInput) (Page[ViewRow], error) {
			out, err := s.views(ctx, c, in)
			return bodyOr(out, func(o *viewsOutput) Page[ViewRow] { return o.Body }), err
		}),
		"queries": pages("/api/v1/queries", func(ctx context.Context, c *caller, in *struct{}) (Page[ReadyQuery], error) {
			out, err := s.readyQueries(ctx, c, in)
			return bodyOr(out, func(o *readyOutput) Page[ReadyQuery] { return o.Body }), err
		}),
		"jobs": pages("/api/v1/jobs", func(ctx context.Context, c *caller, in *jobsInput) (Page[JobRow], error) {
			out, err := s.listJobs(ctx, c, in)
			return bodyOr(out, func(o *jobsOutput) Page[JobRow] { return o.Body }), err
		}),
		"roles": pages("/api/v1/roles", func(ctx context.Context, c *caller, in *struct{}) (Page[RoleRow], error) {
			out, err := s.roles(ctx, c, in)
			return bodyOr(out, func(o *rolesOutput) Page[RoleRow] { return o.Body }), err
		}),
		"tokens": pages("/api/v1/tokens", func(ctx context.Context, c *caller, in *tokensInput) (Page[TokenRow], error) {
			out, err := s.tokens(ctx, c, in)
			return bodyOr(out, func(o *tokensOutput) Page[TokenRow] { return o.Body }), err
		}),
		"users": pages("/api/v1/users", func(ctx context.Context, c *caller, in *struct{}) (Page[Principal], error) {
			if !s.may(c, access.Administer, access.Top) { // a job may begin later than it was asked for
				return Page[Principal]{}, huma.Error403Forbidden("the list of users needs the right to " + access.Administer.Words() + " at /")
			}
			out, err := s.principals(access.User, "users")(ctx, c, in)
			return bodyOr(out, func(o *principalsOutput) Page[Principal] { return o.Body }), err
		}),
		"service-principals": pages("/api/v1/service-principals", func(ctx context.Context, c *caller, in *struct{}) (Page[Principal], error) {
			out, err := s.servicePrincipals(ctx, c, in)
			return bodyOr(out, func(o *principalsOutput) Page[Principal] { return o.Body }), err
		}),
	}
}

func (s *Server) policies(kind ledger.DocumentKind) policies { return policies{s, kind} }

// exported makes policy documents exportable.
func (n policies) exported() exportable {
	return exports(n.path(), func(ctx context.Context, c *caller, in *policiesInput) (List[PolicyRow], error) {
		return bodyOf(n.list(ctx, c, in))
	}, n.of)
}

// exported makes documents exportable.
func (d documents[R]) exported() exportable {
	return exports(d.path(), func(ctx context.Context, c *caller, in *documentsInput) (List[R], error) {
		return bodyOf(d.list(ctx, c, in))
	}, d.of)
}

// bodyOf gives the list that a route answers with.
func bodyOf[O interface{ list() List[R] }, R any](out O, err error) (List[R], error) {
	if err != nil {
		return List[R]{}, err
	}
	return out.list(), nil
}

// pages makes a list exportable that comes whole.
func pages[I, R any](path string, route func(context.Context, *caller, *I) (Page[R], error)) exportable {
	return reading(path, func(ctx context.Context, c *caller, _ *view, in *I) ([]R, exportPage, error) {
		page, err := route(ctx, c, in)
		return page.Rows, exportPage{total: page.Total}, err
	})
}

// bodyOr gives the body of an answer, an empty one where there is none.
func bodyOr[O, B any](out *O, body func(*O) B) (empty B) {
	if out == nil {
		return empty
	}
	return body(out)
}
