package contract

import (
	"errors"
	"net/http"

	"github.com/heygen-go/heygen/internal/cors"
)

// Unjudged is the reason for which an exchange, or a part of it, was not checked. That says nothing about who is to
// blame: what was not checked can be right or wrong.
type Unjudged string

// The reasons. Those about entries, hosts and recording are of archives alone.
const (
	UnjudgedHost             Unjudged = "another host" // and a path that the document does not have, or no HTTP at all
	UnjudgedEntry            Unjudged = "not of the form of HAR 1.2"
	UnjudgedPreflight        Unjudged = "a CORS preflight" // the browser makes it
	UnjudgedRequestBody      Unjudged = "the body of the request was not recorded"
	UnjudgedRequestBrokenOff Unjudged = "the body of the request broke off"
	UnjudgedRequestCoding    Unjudged = "the body of the request has a content coding that cannot be undone"
	UnjudgedResponse         Unjudged = "no response"                               // or none that is HTTP
	UnjudgedResponseBody     Unjudged = "the body of the response was not recorded" // or not as it was
	UnjudgedBrokenOff        Unjudged = "the body of the response broke off"
	UnjudgedCoding           Unjudged = "the body of the response has a content coding that cannot be undone"
	UnjudgedHijacked         Unjudged = "the handler took over the connection"
)

// UnjudgedExchange is an exchange of which the request or the response was not checked.
type UnjudgedExchange struct {
	Exchange  string // as in [Violation]
	Operation string // "PATCH /v1/webhook/endpoint.update", or "" if the document has none for the request
	Reason    Unjudged
}

// String returns the exchange and the reason on one line.
func (u UnjudgedExchange) String() string {
	return (&Violation{Exchange: u.Exchange, Operation: u.Operation}).Subject() + "not checked: " + string(u.Reason)
}

// WithOnUnjudged calls f with everything that was not checked, whichever way the exchange went. Several goroutines may
// call f at the same time.
func WithOnUnjudged(f func(UnjudgedExchange)) Option {
	return func(cfg *config) error {
		if f == nil {
			return errors.New("WithOnUnjudged: the function is nil")
		}
		cfg.onUnjudged = f
		return nil
	}
}

// unjudged reports what was not checked.
func (c *Contract) unjudged(u UnjudgedExchange) {
	if c.collector != nil {
		c.collector.skip(u)
	}
	if c.onUnjudged != nil {
		c.onUnjudged(u)
	}
}

// judgeNoResponse reports an exchange that ended without a response. For a request to no operation the document says
// nothing of one.
func (c *Contract) judgeNoResponse(exchange string, req *http.Request, reason Unjudged) {
	if operation := c.operationOf(req); operation != "" {
		c.unjudged(UnjudgedExchange{exchange, operation, reason})
	}
}

// passes reports whether an exchange goes through unchecked, and reports it.
func (c *Contract) passes(exchange string, req *http.Request) bool {
	if req.Method != http.MethodOptions || !cors.IsPreflight(req.Method, canonical(req.Header)) {
		return false
	}
	c.unjudged(UnjudgedExchange{exchange, "", UnjudgedPreflight})
	return true
}

// operationOf returns the name of the operation that a request is for, or "".
func (c *Contract) operationOf(req *http.Request) string {
	route, _, unknown := c.route(req)
	if unknown != nil {
		return ""
	}
	return route.name
}

// knowsStatus reports whether the document, or its corrected form, has a status for the operation that a request is
// for. Without it the response is wrong, whatever its body.
func (c *Contract) knowsStatus(req *http.Request, status int) bool {
	route, _, unknown := c.route(req)
	if unknown == nil {
		if _, documented := route.response(status); documented != nil {
			return true
		}
	}
	return c.corrected != nil && c.corrected.knowsStatus(req, status)
}
