// Package contract judges HTTP exchanges by an OpenAPI document and says who broke it: the client, the server, or the
// document itself. It is for tests and for services that want to know the moment HeyGen, the document and their own
// code no longer agree:
//
//	kit, err := contract.Load(openapi.Corrected())
//	...
//	client, err := heygen.NewClient(key, heygen.WithTransport(kit.Transport))
//
// There are four roads to a judgement, and all find the same: [Contract.Transport] for a client in Go,
// [Contract.Handler] for a server in Go, [Contract.Proxy] for clients in other languages, [Contract.CheckHAR] for
// recorded traffic. [OnViolation] tells of each violation at once, [Collect] sums up a run; package report, in
// contract/report, writes the sum as text, JSON, JUnit XML and SARIF.
//
// How well it judges is measured: "make contract-mutants" changes good exchanges of both documents in every place,
// works out by itself which of them are broken, and fails if one is missed or a good one refused.
//
// No text of this package holds a value from a body: a [Violation] can be logged.
//
// What the schemas of the document cannot say is checked by rules, each of which has a name. They look at JSON objects
// and speak only where the schema found nothing:
//
//   - data-on-success: a 2xx with code 100 carries data, an object.
//   - error-under-200: a 2xx carries no code but 100. One that does is judged as an error envelope.
//   - error-code: a 4xx or 5xx carries a code, which is not 100.
//   - endpoint-asked-for: the endpoint that comes back is the one asked for.
//   - fields-sent: what was sent comes back. URLs are compared after normalisation, events as sets; a field that does
//     not come back is not compared.
package contract

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"
	"github.com/santhosh-tekuri/jsonschema/v6"

	openapi "github.com/heygen-go/heygen"
)

// Contract is a document to judge exchanges by. Make one with [Load]. It is safe for concurrent use.
type Contract struct {
	doc     *openapi3.T
	servers openapi3.Servers
	router  routers.Router
	schemas map[*openapi3.Schema]*jsonschema.Schema // every schema of the document, compiled once
	settings
	corrected *Contract // the second judge of the published document; nil for every other document
}

// Option changes how a [Contract] judges.
type Option func(*settings) error

type settings struct {
	rules           []rule
	strict          bool
	allowDeviations bool
	reportOnly      bool
	onViolation     func(*http.Request, *Violation)
	collector       *Collector
}

// SchemaOnly switches every rule off: only what the document says counts.
func SchemaOnly() Option {
	return func(s *settings) error {
		s.rules = nil
		return nil
	}
}

// WithoutRules switches the named rules off. The package comment lists them; any other name is an error of [Load].
func WithoutRules(names ...string) Option {
	return func(s *settings) (err error) {
		for _, name := range names {
			if !isRule(name) {
				err = errors.Join(err, fmt.Errorf("no rule is called %q; there are %s", name, ruleNames()))
			}
			s.rules = withoutRule(s.rules, name)
		}
		return err
	}
}

// AllowDeviations makes what only the published document is to blame for ([Document]) no violation.
func AllowDeviations() Option {
	return func(s *settings) error {
		s.allowDeviations = true
		return nil
	}
}

// Strict closes every object: members that the document does not name are findings.
func Strict() Option {
	return func(s *settings) error {
		s.strict = true
		return nil
	}
}

// ReportOnly lets every exchange through [Contract.Transport], [Contract.Handler] and [Contract.Proxy] as it is. What
// breaks the contract goes to [OnViolation] and [Collect] alone.
func ReportOnly() Option {
	return func(s *settings) error {
		s.reportOnly = true
		return nil
	}
}

// OnViolation calls tell with every violation, whichever way it was found, and the request it is about, whose body must
// not be read. Several goroutines may call it at the same time.
func OnViolation(tell func(*http.Request, *Violation)) Option {
	return func(s *settings) error {
		if tell == nil {
			return errors.New("OnViolation: the function is nil")
		}
		s.onViolation = tell
		return nil
	}
}

// Collect adds what is judged to a collector, which several contracts may share.
func Collect(into *Collector) Option {
	return func(s *settings) error {
		if into == nil {
			return errors.New("Collect: the collector is nil")
		}
		s.collector = into
		return nil
	}
}

// Load makes a contract of an OpenAPI 3.1 document, usually openapi.Corrected(). Its examples need not fit its schemas,
// and its servers do not matter: requests to any host are judged, by their path.
//
// Of openapi.Published() it also knows the corrections: what is wrong by the published document alone is blamed on the
// [Document].
func Load(document []byte, opts ...Option) (*Contract, error) {
	s := settings{rules: rules}
	var errs []error
	for _, opt := range opts {
		errs = append(errs, opt(&s))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("contract: %w", err)
	}
	c, err := load(document, s)
	if err == nil && s.collector != nil {
		s.collector.expect(c.doc)
	}
	if err == nil && bytes.Equal(document, openapi.Published()) {
		c.corrected, err = load(openapi.Corrected(), s)
	}
	if err != nil {
		return nil, fmt.Errorf("contract: %w", err)
	}
	return c, nil
}

func load(document []byte, s settings) (*Contract, error) {
	doc, err := openapi3.NewLoader().LoadFromData(document)
	if err != nil {
		return nil, fmt.Errorf("document: %w", err)
	}
	if !doc.IsOpenAPI31OrLater() {
		return nil, errors.New("document: not OpenAPI 3.1, whose schemas are JSON Schema")
	}
	servers := doc.Servers
	doc.Servers = nil // with servers, every loopback request would be an unknown path
	if s.strict {
		closeObjects(doc)
	}
	router, err := legacy.NewRouter(doc, openapi3.DisableExamplesValidation()) // validates the document
	if err != nil {
		return nil, fmt.Errorf("document: %w", err)
	}
	schemas, err := compile(doc)
	if err != nil {
		return nil, fmt.Errorf("document: %w", err)
	}
	return &Contract{doc: doc, servers: servers, router: router, schemas: schemas, settings: s}, nil
}
