package server

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// unchanged tags an answer, and answers who has it already. The tag follows from
// what may change the answer: the posture, who asks with which roles, and what for.
func (s *Server) unchanged(ctx huma.Context) bool {
	request, _ := humago.Unwrap(ctx)
	c := callerOf(ctx.Context())
	h := sha256.New()
	fmt.Fprintln(h, s.began, s.Follower.Turn(), s.Now().Format(time.DateOnly), c.Caller.Principal.ID, c.Caller.Grants, c.Caller.Limit, request.URL.RequestURI())
	return tell(ctx, tagOf(h.Sum(nil)))
}

func tagOf(sum []byte) string { return `W/"` + base64.RawURLEncoding.EncodeToString(sum[:15]) + `"` }

// tell tags an answer, and answers who has it already: then there is no more to say.
func tell(ctx huma.Context, tag string) bool {
	request, _ := humago.Unwrap(ctx)
	ctx.SetHeader("ETag", tag)
	ctx.SetHeader("Cache-Control", "private, no-cache")
	if !hasTag(request.Header.Values("If-None-Match"), tag) {
		return false
	}
	ctx.SetStatus(http.StatusNotModified)
	return true
}

// hasTag reports whether one of a header's tags is a tag, by the weak comparison of RFC
// 9110, or any is meant.
func hasTag(header []string, tag string) bool {
	for _, line := range header {
		for _, one := range strings.Split(line, ",") {
			if one = strings.TrimSpace(one); one == "*" || strings.TrimPrefix(one, "W/") == strings.TrimPrefix(tag, "W/") {
				return true
			}
		}
	}
	return false
}

// answerTagged answers with a tag that follows from the body, or that who asks has it
// already.
func answerTagged(ctx huma.Context, next func(huma.Context)) {
	h := &heldAnswer{humaContext: ctx, status: http.StatusOK}
	next(h)
	if h.status == http.StatusOK {
		sum := sha256.Sum256(h.body.Bytes())
		if tell(ctx, tagOf(sum[:])) {
			return
		}
	}
	ctx.SetStatus(h.status)
	_, _ = ctx.BodyWriter().Write(h.body.Bytes()) // who has gone away gets nothing
}

// heldAnswer is an answer of which nothing but headers has been sent.
type heldAnswer struct {
	humaContext
	status int
	body   bytes.Buffer
}

type humaContext huma.Context

// Unwrap gives the context of the request.
func (h *heldAnswer) Unwrap() huma.Context { return h.humaContext }

// SetStatus keeps the status.
func (h *heldAnswer) SetStatus(status int) { h.status = status }

// Status gives the kept status.
func (h *heldAnswer) Status() int { return h.status }

// BodyWriter keeps the body.
func (h *heldAnswer) BodyWriter() io.Writer { return &h.body }
