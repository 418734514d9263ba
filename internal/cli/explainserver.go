package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/client"
	"github.com/bartizan-dev/bartizan/internal/report"
	"github.com/bartizan-dev/bartizan/internal/server"
)

// serverExplanation is how a server explains a verdict.
type serverExplanation struct {
	Text        string
	Explanation json.RawMessage
	Hidden      int
}

// explainByServer asks a server how a recommendation came to its verdict on a
// resource, which is an id, or a name that only one resource has.
func (a *app) explainByServer(ctx context.Context, s *asked, resource, rule, format string) error {
	query := url.Values{"id": {resource}, "recommendation": {rule}}
	e, err := s.explain(ctx, query)
	var missing *client.Error
	if errors.As(err, &missing) && missing.Status == http.StatusNotFound && !strings.Contains(missing.Detail, "recommendation") {
		if query, err = s.named(ctx, resource); err == nil {
			query.Set("recommendation", rule)
			e, err = s.explain(ctx, query)
		}
	}
	if err != nil {
		return err
	}
	if e.Hidden > 0 {
		a.note("%d related resources are left out that you may not see", e.Hidden)
	}
	if format == formatJSON {
		var b bytes.Buffer
		if err := json.Indent(&b, e.Explanation, "", "  "); err != nil {
			return fmt.Errorf("reading the server's answer: %w", err)
		}
		_, err := fmt.Fprintln(a.Out, b.String())
		return err
	}
	_, err = fmt.Fprintln(a.Out, report.Harmless(e.Text))
	return err
}

func (s *asked) explain(ctx context.Context, query url.Values) (e serverExplanation, err error) {
	if s.at != "" {
		query.Set("at", s.at)
	}
	return e, s.get(ctx, "/api/v1/resource/explain", query, &e)
}

// named finds the resource that has a name.
func (s *asked) named(ctx context.Context, resource string) (url.Values, error) {
	query := s.conditions()
	query.Set("q", partOfName(resource))
	found := assess.Namesakes[server.ResourceRow]{Name: resource}
	err := allRows(ctx, s, "/api/v1/resources", query, func(r *server.ResourceRow) bool {
		found.Keep(r.ID, r.Type, r.Unit, r.Region, r.Name, func() server.ResourceRow { return *r })
		return true
	})
	if err != nil {
		return nil, err
	}
	r, err := found.Find("on the server that you may see")
	if err != nil {
		return nil, err
	}
	return url.Values{"id": {r.ID}, "type": {r.Type}, "unit": {r.Unit}, "region": {r.Region}}, nil
}

// partOfName is a text that the id or the name of whatever has a name has in it.
func partOfName(name string) string {
	separators := "/"
	if strings.HasPrefix(name, "arn:") {
		name, separators = strings.TrimSuffix(name, ":$LATEST"), "/:"
	}
	return name[strings.LastIndexAny(name, separators)+1:]
}
