package server

import (
	"fmt"
	"net/http"
	"time"

	"github.com/VictoriaMetrics/metrics"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/index"
)

// measures are those of one server, in the names that Prometheus reads.
type measures struct{ set *metrics.Set }

func newMeasures(s *Server) *measures {
	m := &measures{metrics.NewSet()}
	m.set.NewGauge("bartizan_commit", func() float64 { return float64(s.Follower.Head()) })
	m.set.NewGauge("bartizan_resources", func() (count float64) {
		_ = s.Follower.Read(func(x *index.Index) error {
			count = float64(x.Select(index.Filter{}).Resources())
			return nil
		})
		return count
	})
	for _, state := range []string{"judged", "unknown"} {
		m.set.NewGauge(fmt.Sprintf("bartizan_checks{coverage=%q}", state), func() (count float64) {
			_ = s.Follower.Read(func(x *index.Index) error {
				tally := x.Select(index.Filter{}).Tally()
				coverage := coverageOf(&tally)
				count = map[string]float64{"judged": float64(coverage.Judged), "unknown": float64(coverage.Unknown)}[state]
				return nil
			})
			return count
		})
	}
	return m
}

// bounds are those of the buckets of how long answers take, in seconds.
var bounds = []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10, 60}

// answered counts a request by the pattern of its route.
func (m *measures) answered(route string, status int, took time.Duration) {
	if route == "" {
		route = "none"
	}
	m.set.GetOrCreateCounter(fmt.Sprintf("bartizan_http_requests_total{route=%q,status=\"%d\"}", route, status)).Inc()
	m.set.GetOrCreatePrometheusHistogramExt(fmt.Sprintf("bartizan_http_request_seconds{route=%q}", route), bounds).Update(took.Seconds())
}

func (s *Server) registerMetrics(mux *http.ServeMux) {
	r := route{method: http.MethodGet, path: "/metrics", id: "get-metrics", summary: "Measures, as Prometheus reads them", need: having, right: access.See}
	s.routes = append(s.routes, r)
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, request *http.Request) {
		if err := s.allow(r, callerOf(request.Context()), nil); err != nil {
			s.fail(w, request, r, err)
			return
		}
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		s.measures.set.WritePrometheus(w)
		metrics.WriteProcessMetrics(w)
	})
}
