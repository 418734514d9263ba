package server

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/estate"
	"github.com/bartizan-dev/bartizan/internal/govern"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/signon"
)

// problem answers as RFC 9457 says.
func problem(w http.ResponseWriter, status int, detail string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	text, err := json.Marshal(huma.ErrorModel{Title: http.StatusText(status), Status: status, Detail: detail})
	if err == nil {
		_, _ = w.Write(text)
	}
}

// answerError answers with an error that may be shown.
func answerError(ctx huma.Context, err error) {
	_, w := humago.Unwrap(ctx)
	writeError(w, err)
}

// writeError answers with an error that may be shown.
func writeError(w http.ResponseWriter, err error) {
	status := http.StatusInternalServerError
	var known huma.StatusError
	if errors.As(err, &known) {
		status = known.GetStatus()
	}
	var more huma.HeadersError
	if errors.As(err, &more) {
		maps.Copy(w.Header(), more.GetHeaders())
	}
	var model *huma.ErrorModel
	if !errors.As(err, &model) {
		problem(w, status, err.Error())
		return
	}
	told := *model // with its details
	told.Title, told.Status = http.StatusText(status), status
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(told)
}

// faultStatus is the status of a fault that whoever asks caused.
var faultStatus = map[access.Fault]int{
	access.Invalid: http.StatusUnprocessableEntity, access.Missing: http.StatusNotFound, access.Taken: http.StatusConflict,
	access.Ambiguous: http.StatusConflict, access.LastOwner: http.StatusConflict, access.Refused: http.StatusUnauthorized,
	access.TooOften: http.StatusTooManyRequests,
}

// answerable turns an error into one that may be shown. What is nobody's fault
// who asks is logged and not shown.
func answerable(err error) (shown error, internal bool) {
	var status huma.StatusError
	var usage *estate.UsageError
	var retry *access.RetryError
	var fault *access.Error
	var wrong govern.Problems
	var provider signon.Problems
	switch {
	case errors.As(err, &status):
		return err, false
	case errors.As(err, &wrong):
		return unprocessable(wrong), false
	case errors.As(err, &provider):
		details := make([]error, len(provider))
		for i, p := range provider {
			details[i] = &huma.ErrorDetail{Message: p.Want, Location: "body." + p.Path}
		}
		return huma.Error422UnprocessableEntity("the sign-on is not what is wanted", details...), false
	case errors.As(err, &retry):
		return huma.ErrorWithHeaders(huma.Error429TooManyRequests(retry.Error()), http.Header{
			"Retry-After": {strconv.Itoa(int(retry.After.Seconds()) + 1)},
		}), false
	case errors.As(err, &fault) && faultStatus[fault.Fault] != 0: // without what it came through
		return huma.NewError(faultStatus[fault.Fault], fault.Text), false
	case errors.As(err, &usage):
		return huma.Error422UnprocessableEntity(usage.Reason), false
	case errors.Is(err, ledger.ErrForgotten):
		return huma.NewError(http.StatusGone, err.Error()), false
	case errors.Is(err, estate.ErrOtherCatalogue):
		return huma.Error409Conflict(err.Error()), false
	case errors.Is(err, estate.ErrMoved):
		return huma.Error409Conflict(err.Error() + "; try again"), false
	}
	return huma.Error500InternalServerError("something went wrong here; the server's log says what, under the request's id"), true
}

// unprocessable tells all that is wrong with a document.
func unprocessable(wrong govern.Problems) error {
	details := make([]error, len(wrong))
	for i, p := range wrong {
		at := strings.TrimSuffix("body."+p.Path, ".")
		if p.Pos.Line > 0 {
			at = fmt.Sprintf("body:%d:%d", p.Pos.Line, p.Pos.Column)
		}
		details[i] = &huma.ErrorDetail{Message: p.Want, Location: at}
	}
	return huma.Error422UnprocessableEntity("the document is not what is wanted", details...)
}
