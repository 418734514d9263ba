package server

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/klauspost/compress/gzhttp"
)

// headers go with every answer.
var headers = map[string]string{
	"Content-Security-Policy":      "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
	"X-Content-Type-Options":       "nosniff",
	"Referrer-Policy":              "no-referrer",
	"Cross-Origin-Opener-Policy":   "same-origin",
	"Cross-Origin-Resource-Policy": "same-origin",
	"Cache-Control":                "no-store",
}

// protect answers only for hosts that the server has, refuses what pages of
// others send in a browser's name, and logs every request.
func (s *Server) protect(next http.Handler) http.Handler {
	crossOrigin := http.NewCrossOriginProtection()
	crossOrigin.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		problem(w, http.StatusForbidden, "the request came from a page of another site")
	}))
	guarded := crossOrigin.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begin := time.Now()
		id := rand.Text()
		r = r.WithContext(context.WithValue(r.Context(), requestKey{}, id))
		answer := &statusWriter{ResponseWriter: w, status: http.StatusOK}
		for name, value := range headers {
			answer.Header().Set(name, value)
		}
		answer.Header().Set("X-Request-Id", id)
		if s.Secure {
			answer.Header().Set("Strict-Transport-Security", "max-age=31536000")
		}
		switch {
		case !s.hasHost(r.Host):
			problem(answer, http.StatusMisdirectedRequest, "this server is not "+r.Host+"; its names are set with --public-url")
		case tooLong(r):
			problem(answer, http.StatusRequestURITooLong, "the address is longer than 16 KiB")
		default:
			guarded.ServeHTTP(answer, r)
		}
		took := time.Since(begin)
		s.measures.answered(answer.route, answer.status, took)
		// Neither the query nor a body: they may hold what is nobody's business.
		s.Log.LogAttrs(r.Context(), slog.LevelInfo, "request", slog.String("method", r.Method), slog.String("path", r.URL.Path),
			slog.Int("status", answer.status), slog.Float64("ms", float64(took.Microseconds())/1000))
	})
}

type requestKey struct{}

// requestLog puts the id of the request, which the answer has in X-Request-Id, into
// every line that is logged for it.
type requestLog struct{ slog.Handler }

// Handle implements slog.Handler.
func (l requestLog) Handle(ctx context.Context, line slog.Record) error {
	if id, ok := ctx.Value(requestKey{}).(string); ok {
		line = line.Clone()
		line.AddAttrs(slog.String("request_id", id))
	}
	return l.Handler.Handle(ctx, line)
}

// WithAttrs implements slog.Handler.
func (l requestLog) WithAttrs(attrs []slog.Attr) slog.Handler {
	return requestLog{l.Handler.WithAttrs(attrs)}
}

// WithGroup implements slog.Handler.
func (l requestLog) WithGroup(name string) slog.Handler { return requestLog{l.Handler.WithGroup(name)} }

func tooLong(r *http.Request) bool { return len(r.URL.RawQuery)+len(r.URL.Path) > 16<<10 }

// hasHost reports whether a Host header names this server.
func (s *Server) hasHost(header string) bool {
	host := header
	if h, _, err := net.SplitHostPort(header); err == nil {
		host = h
	}
	host = strings.ToLower(strings.Trim(host, "[]"))
	if s.Hosts != nil {
		return slices.Contains(s.Hosts, host)
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// routed tells the writer of the answer which route it is of: addresses have no
// end, routes do. What is of none is answered here.
func routed(mux *http.ServeMux, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		handler, route := mux.Handler(r)
		if answer, ok := w.(*statusWriter); ok {
			answer.route = route
		}
		if route == "" {
			notRouted(w, r, handler)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// notRouted says of a request that no route answers what the router would: that
// there is nothing, or other methods, which are told.
func notRouted(w http.ResponseWriter, r *http.Request, router http.Handler) {
	said := &answerBuffer{header: http.Header{}, status: http.StatusOK}
	router.ServeHTTP(said, r)
	if allow := said.header.Get("Allow"); said.status == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", allow)
		problem(w, said.status, r.Method+" is not answered here; want one of "+allow)
		return
	}
	problem(w, http.StatusNotFound, "there is nothing at "+r.URL.Path)
}

// packedFrom is from how many bytes on answers are packed for those who take
// them so.
const packedFrom = 2048

// packed answers with zstd or gzip who takes it. Streams of events are not
// packed: each event goes at once.
func packed(next http.Handler) (http.Handler, error) {
	wrap, err := gzhttp.NewWrapper(gzhttp.MinSize(packedFrom), gzhttp.EnableZstd(true), gzhttp.ContentTypes([]string{"application/json", "text/html", "text/plain"}))
	if err != nil {
		return nil, err
	}
	return wrap(next), nil
}

// statusWriter remembers what was answered.
type statusWriter struct {
	http.ResponseWriter
	status int
	route  string // pattern of it, "" for none
}

// WriteHeader implements http.ResponseWriter.
func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// Flush sends what was written so far. What packs answers asks for it by type, and
// does not unwrap.
func (w *statusWriter) Flush() { _ = http.NewResponseController(w.ResponseWriter).Flush() }

// Unwrap lets http.ResponseController reach what is below.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
