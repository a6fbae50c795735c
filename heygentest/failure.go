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

// write writes the failure as the version of a request does.
func (f failure) write(w http.ResponseWriter, r *http.Request) {
	if isV3(r) {
		writeJSON(w, f.status, failV3(f.status, f.codeV3, f.param, f.message).Body)
		return
	}
	writeError(w, f.status, f.code, f.message)
}

// failureV3 has the fields of every failure that the generated server of version 3 can write.
type failureV3 struct {
	Body       generatedv3.Failure
	StatusCode int
}

// failV3 makes a failure, with null for a param that is "".
func failV3(status int, code, param, message string) failureV3 {
	body := generatedv3.FailureError{Code: code, Message: message}
	if param != "" {
		body.Param = &param
	}
	return failureV3{generatedv3.Failure{Error: body}, status}
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
