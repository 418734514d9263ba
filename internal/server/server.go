// Package server answers over HTTP what is kept: its API under /api/v1, signing
// in, and health. It knows nothing of SQL; who may see and do what is
// decided by internal/access, the posture comes from internal/follow.
//
// To find one's way: route.go (how a route is registered, and with which right),
// caller.go (who asks), list.go (what all lists share), one file a noun.
package server

import (
	"context"
	"crypto/rand"
	"io"
	"iter"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/account"
	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/internal/estate"
	"github.com/bartizan-dev/bartizan/internal/follow"
	"github.com/bartizan-dev/bartizan/internal/index"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/internal/resourcegraph"
	"github.com/bartizan-dev/bartizan/internal/signon"
)

// Store is what the server asks of where things are kept; internal/store has it.
type Store interface {
	account.Store
	estate.History
	estate.ScoreRows
	AuditLog(ctx context.Context, f ledger.AuditFilter) iter.Seq2[ledger.AuditEntry, error]
	AuditCounts(ctx context.Context, f ledger.AuditFilter) (map[string]int, error)
	Commits(ctx context.Context, from, to ledger.Number) ([]ledger.Commit, error)
	Effects(ctx context.Context, from, to ledger.Number) ([]ledger.Effect, error)
	History(ctx context.Context, resource uint32) ([]ledger.Version, []ledger.Judged, error)
	Bodies(ctx context.Context, numbers []int64) ([]ledger.Body, error)
	Documents(ctx context.Context, n ledger.Number, kind ledger.DocumentKind) ([]ledger.DocumentVersion, error)
	DocumentsChanged(ctx context.Context, n ledger.Number) (ledger.Number, error)
	Reads(ctx context.Context, n ledger.Number) ([]ledger.Read, error)
	Losses(ctx context.Context, n ledger.Number) ([]ledger.Loss, error)
	Scopes(ctx context.Context, n ledger.Number) ([]ledger.ScopeVersion, error)
	TuplesOf(ctx context.Context, numbers []int64) ([]ledger.Tuple, error)
	Evaluations(ctx context.Context) ([]ledger.Evaluation, error)
	estate.Inspected
	DocumentHistory(ctx context.Context, kind ledger.DocumentKind, id string) ([]ledger.DocumentVersion, error)
	resourcegraph.Store
	savedStore
	jobStore
}

// savedStore keeps what people keep for themselves and for others.
type savedStore interface {
	PutView(ctx context.Context, v ledger.SavedView, most int, entries ...ledger.AuditEntry) error
	RemoveView(ctx context.Context, id string, entries ...ledger.AuditEntry) error
	Views(ctx context.Context, owner string) ([]ledger.SavedView, error)
	SetPreferences(ctx context.Context, principal string, value []byte, now time.Time, entries ...ledger.AuditEntry) error
	Preferences(ctx context.Context, principal string) ([]byte, error)
}

// Options are what a server is made of.
type Options struct {
	Store    Store
	Follower *follow.Follower
	Accounts *account.Accounts
	Catalog  *catalog.Catalog
	Estate   *estate.Estate
	Version  string
	Now      func() time.Time
	Log      *slog.Logger
	// Unpack undoes the compression of what is sent to be imported, by what its first
	// bytes are. What is wrong with it the first read may tell.
	Unpack func(name string, in io.ReadCloser) (io.ReadCloser, error)
	// Hosts are the values of the Host header that are answered; nil for all that
	// are names of this machine's loopback.
	Hosts []string
	// Secure says that who asks reaches the server over TLS, by itself or by a
	// proxy: cookies are sent over that only.
	Secure bool
	// BehindProxy says that X-Forwarded-For names who asks.
	BehindProxy bool
	// Queries bound what queries may use.
	Queries QueryLimits
	// PublicURL is the address at which people reach the server, without a path; ""
	// for the one that they ask at.
	PublicURL string
	// Retention is how long history is kept; 0 for ever.
	Retention time.Duration
	// SignOn speaks to sign-ins elsewhere; internal/oidc has it.
	SignOn SignOn
}

// SignOn is what the server asks of who speaks to sign-ins elsewhere.
type SignOn interface {
	Check(ctx context.Context, issuer string) (signon.Discovery, error)
	Address(ctx context.Context, p signon.Provider, x signon.Exchange) (string, error)
	Identify(ctx context.Context, p signon.Provider, secret, code string, x signon.Exchange) (signon.Identity, error)
}

// Server answers requests. It is an http.Handler.
type Server struct {
	Options
	api     huma.API
	routes  []route
	handler http.Handler
	content map[string]*catalog.Recommendation // by id
	hashes  map[string]string                  // of its parameters, by id

	stopping chan struct{} // closed once the server is to stop
	stop     func()
	answers  sync.WaitGroup // under way

	measures  *measures
	began     time.Time  // tags of another run of the server mean nothing
	importing sync.Mutex // an estate takes one import at a time
	governing sync.Mutex // between looking at a document and changing it
	revoked   bell       // credentials or roles were taken away
	gains     gainCache
	books     books
	stale     staleReads
	judged    func() map[string]bool // see judgedTypes
	jobs      jobs
	lists     http.Handler // routes without what stands before them
	running   queries
}

// New makes a server.
func New(o Options) (*Server, error) {
	s := &Server{Options: o, content: map[string]*catalog.Recommendation{}, hashes: map[string]string{}, began: o.Now(), stopping: make(chan struct{})}
	s.jobs = jobs{process: rand.Text(), queue: make(chan *work, jobsQueued), running: map[string]context.CancelCauseFunc{}}
	s.stop = sync.OnceFunc(func() { close(s.stopping) })
	s.Log = slog.New(requestLog{o.Log.Handler()})
	s.Queries, s.judged = o.Queries.withUsual(), sync.OnceValue(s.judgedTypes)
	all, err := o.Catalog.Recommendations()
	if err != nil {
		return nil, err
	}
	for _, r := range all {
		if s.hashes[r.ID], err = r.ParametersHash(); err != nil {
			return nil, err
		}
		s.content[r.ID] = r
	}
	s.measures = newMeasures(s)
	mux := http.NewServeMux()
	config := huma.DefaultConfig("Bartizan", o.Version)
	config.OpenAPIPath, config.DocsPath, config.SchemasPath = "", "", ""
	config.CreateHooks = nil // no links to schemas in answers
	config.RejectUnknownQueryParameters = true
	config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"bearer":  {Type: "http", Scheme: "bearer", Description: "a personal token, or what the token endpoint gives"},
		"session": {Type: "apiKey", In: "cookie", Name: sessionCookie, Description: "a browser that is signed in"},
	}
	s.api = humago.New(mux, config)
	s.register(mux)
	tellCounts(s.api.OpenAPI())
	say(s.api.OpenAPI())
	mux.HandleFunc("GET /healthz", s.health)
	mux.HandleFunc("GET /readyz", s.ready)
	answering, err := packed(mux)
	if err != nil {
		return nil, err
	}
	s.handler = s.protect(s.identify(routed(mux, answering)))
	return s, nil
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.answers.Add(1)
	defer s.answers.Done()
	s.handler.ServeHTTP(w, r)
}

// Stop says that the server is to stop: streams of events end, and it is ready no
// longer. What is being answered goes on.
func (s *Server) Stop() { s.stop() }

// Wait waits for what is being answered. Nothing new may come.
func (s *Server) Wait() { s.answers.Wait() }

// register adds all routes.
func (s *Server) register(mux *http.ServeMux) {
	s.registerOpenAPI()
	s.registerSignIn()
	s.registerSignOn(mux)
	s.registerSettings()
	s.registerRecommendations()
	s.registerChecks()
	s.registerResources()
	s.registerResource()
	s.registerScopes()
	s.registerScore()
	s.registerCompliance()
	s.registerOverview()
	s.registerSearch()
	s.registerDifference()
	s.registerReads()
	s.registerNotRead()
	s.registerViews()
	s.registerJobs()
	s.registerExports(mux)
	s.registerDocuments()
	s.registerPolicies()
	s.registerQuery()
	s.registerInventory(mux)
	s.registerEvents(mux)
	s.registerMetrics(mux)
	s.registerTokenEndpoint(mux)
	s.registerPeople()
	s.registerRoles()
	s.registerAudit()
	s.registerDocs(mux)
}

func (s *Server) health(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) }

// ready says whether the server has the posture of what is kept, and means to stay.
func (s *Server) ready(w http.ResponseWriter, r *http.Request) {
	select {
	case <-s.stopping:
		http.Error(w, "the server is stopping", http.StatusServiceUnavailable)
		return
	default:
	}
	if _, err := s.Store.Oldest(r.Context()); err != nil {
		s.Log.ErrorContext(r.Context(), "not ready", "error", err)
		http.Error(w, "the database does not answer", http.StatusServiceUnavailable)
		return
	}
	_, _ = w.Write([]byte("ready\n"))
}

// tree is the scopes of an index for questions about rights.
func tree(x *index.Index) *access.Tree {
	return x.Derived(func(scopes []posture.Scope) any { return access.NewTree(scopes) }).(*access.Tree)
}
