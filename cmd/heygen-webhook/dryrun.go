package main

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"

	"github.com/urfave/cli/v3"
)

func dryRunFlag() cli.Flag {
	return &cli.BoolFlag{
		Name:  "dry-run",
		Usage: "print the request instead of sending it; needs no key; excludes --sandbox",
	}
}

// capturedRequest is a request as the client would have sent it. It is the error that ends the call before that.
type capturedRequest struct {
	Method  string            `json:"method"`
	URL     string            `json:"url"`
	Headers map[string]string `json:"headers"`
	Body    json.RawMessage   `json:"body"`
}

func (*capturedRequest) Error() string { return "captured instead of sent" }

// captureRequest stands in for a transport that would send.
func captureRequest(http.RoundTripper) http.RoundTripper { return capture{} }

type capture struct{}

func (capture) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	_ = req.Body.Close()
	if err != nil {
		return nil, err
	}
	headers := map[string]string{}
	for name, values := range req.Header {
		headers[name] = strings.Join(values, ", ")
	}
	return nil, &capturedRequest{Method: req.Method, URL: req.URL.String(), Headers: headers, Body: body}
}
