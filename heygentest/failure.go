package heygentest

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/heygen-go/heygen/generated"
	generatedv3 "github.com/heygen-go/heygen/generated/v3"
)

// HeyGen's own codes.
const (
	codeSuccess          = 100
	codeUnauthorized     = 400112
	codeMissing          = 40001
	codeInvalidParameter = 400175
	codeInvalidURL       = 400542
	codeNotFound         = 400131
	codeRateLimited      = 429 // HeyGen documents none
	codeUnimplemented    = 501 // the sandbox's own
	codeInvalidV3        = "invalid_parameter"
)

// failure is a failure of either version of the API.
type failure struct {
	status  int
	code    int
	codeV3  string
	param   string // of version 3; "" for none
	message string
}

// The failures of the operations. Those that end in V3 are of version 3 alone.
var (
	notFound = failure{
		http.StatusNotFound, codeNotFound, "webhook_not_found", "endpoint_id", "Webhook endpoint not found",
	}
	invalidURL = failure{
		status: http.StatusBadRequest, code: codeInvalidURL, message: "Url of this webhook endpoint is invalid",
	}
	invalidURLV3 = invalidV3("url", "The URL is not absolute, or did not respond to OPTIONS with a 2xx within a second")

	nothingSentV3  = invalidV3("", "Give url or events, or both")
	unknownTokenV3 = invalidV3("token", "The token is not one of this list")
)

func invalidV3(param, message string) failure {
	return failure{status: http.StatusBadRequest, codeV3: codeInvalidV3, param: param, message: message}
}

// Error makes a failure an error that an operation returns. The generated server has types for failures, too, but which
// ones depends on the statuses that the document lists.
func (f failure) Error() string { return f.message }

// write writes the failure as the version of a request does.
func (f failure) write(w http.ResponseWriter, r *http.Request) {
	if isV3(r) {
		writeErrorV3(w, f.status, f.codeV3, f.param, f.message)
		return
	}
	writeError(w, f.status, f.code, f.message)
}

// writeErrorV3 writes the error envelope of version 3, with null for a param that is "".
func writeErrorV3(w http.ResponseWriter, status int, code, param, message string) {
	body := generatedv3.FailureError{Code: code, Message: message}
	if param != "" {
		body.Param = &param
	}
	writeJSON(w, status, generatedv3.Failure{Error: body})
}

// writeError writes the error envelope of version 1.
func writeError(w http.ResponseWriter, status, code int, message string) {
	writeJSON(w, status, generated.Error{Code: code, Message: message})
}

func writeJSON(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", typeJSON)
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(value)
}

// isV3 reports whether a request is for version 3 of the API.
func isV3(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, "/v3/") }
