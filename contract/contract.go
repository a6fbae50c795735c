// Package contract checks HTTP exchanges against an OpenAPI document and names the party that broke it: the client, the
// server, or the document itself. It is for tests, and for services that want to know when HeyGen, its document and
// their own code no longer agree:
//
//	c, err := contract.New()
//	...
//	client, err := heygen.NewClient(key, heygen.WithTransport(c.Transport))
//
// There are four ways to check an exchange; all report the same findings: [Contract.Transport] for a client in Go,
// [Contract.Handler] for a server in Go, [Contract.Proxy] for a client in any language, [Contract.CheckHAR] for
// recorded traffic. [WithOnViolation] reports each violation at once, [WithCollector] sums up a run, and package
// report, in contract/report, writes the sum as text, JSON or JUnit XML.
//
// No text of this package holds a value from a message: a [Violation] can be logged.
//
// What the schemas of HeyGen's documents cannot express is checked by rules, which are HeyGen's alone: with another
// API's document use [WithSchemaOnly]. They look at bodies that are JSON objects, and report nothing in a place where
// the schema found something:
//
//   - data-on-success: a 2xx with code 100 carries data, an object.
//   - error-under-200: a 2xx carries no code but 100. A body that does is checked as an error envelope.
//   - error-code: a 4xx or 5xx carries a code, which is not 100.
//   - endpoint-asked-for: the endpoint in the response is the one in the request.
//   - fields-sent: the URL and the events in the response are those in the request. URLs are compared after
//     normalization, events as sets. A field that the response does not have is not compared.
package contract

import (
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"
	"github.com/santhosh-tekuri/jsonschema/v6"

	openapi "github.com/heygen-go/heygen"
)

// Contract is a document to check exchanges against. Make one with [New] or [Load]. It is safe for concurrent use.
type Contract struct {
	doc       *openapi3.T
	servers   openapi3.Servers
	router    routers.Router
	schemas   map[*openapi3.Schema]*jsonschema.Schema // every schema of the document, compiled once
	corrected *Contract                               // says whether the document is to blame; nil for a correct one
	exchanges *atomic.Int64                           // how many were numbered
	config
}

// New returns the contract of HeyGen's corrected document, that of [openapi.Corrected]. It returns an error if an
// option is wrong.
func New(opts ...Option) (*Contract, error) { return Load(openapi.Corrected(), opts...) }

// Load returns the contract of an OpenAPI 3.1 document. Its examples need not fit its schemas, and its servers do not
// matter: requests to any host are checked, by their path. The error says what is wrong with the document or an option.
// With the document of another API use [WithSchemaOnly].
//
// With the published document use [WithCorrected], so that its defects are not blamed on the client or the server:
//
//	contract.Load(openapi.Published(), contract.WithCorrected(openapi.Corrected()))
func Load(document []byte, opts ...Option) (*Contract, error) {
	cfg := config{rules: rules}
	var errs []error
	for _, opt := range opts {
		errs = append(errs, opt(&cfg))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("contract: %w", err)
	}
	c, err := load(document, cfg)
	if err != nil {
		return nil, fmt.Errorf("contract: document: %w", err)
	}
	if cfg.correctedDocument != nil {
		if c.corrected, err = load(cfg.correctedDocument, cfg); err != nil {
			return nil, fmt.Errorf("contract: corrected document: %w", err)
		}
	}
	if cfg.collector != nil {
		cfg.collector.expect(c.doc)
		c.exchanges = &cfg.collector.exchanges
	}
	return c, nil
}

func load(document []byte, cfg config) (*Contract, error) {
	doc, err := openapi3.NewLoader().LoadFromData(document)
	if err != nil {
		return nil, err
	}
	if !doc.IsOpenAPI31OrLater() {
		return nil, errors.New("not OpenAPI 3.1, whose schemas are JSON Schema")
	}
	servers := doc.Servers
	doc.Servers = nil // with servers, the router finds no path of a request to another host
	if cfg.strict {
		closeObjects(doc)
	}
	openObjects(doc)
	router, err := legacy.NewRouter(doc, openapi3.DisableExamplesValidation()) // validates the document
	if err != nil {
		return nil, err
	}
	schemas, err := compile(doc)
	if err != nil {
		return nil, err
	}
	return &Contract{
		doc: doc, servers: servers, router: router, schemas: schemas, exchanges: new(atomic.Int64), config: cfg,
	}, nil
}

// exchange returns the name of a new exchange. Contracts that share a collector number theirs together.
func (c *Contract) exchange() string { return fmt.Sprintf("exchange %d", c.exchanges.Add(1)) }
