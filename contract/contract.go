// Package contract checks HTTP exchanges against an OpenAPI document and names the party that broke it: the client, the
// server, or the document itself. It is for tests, and for services that want to know when HeyGen, its document and
// their own code no longer agree:
//
//	c, err := contract.New() // version 1 and version 3 of HeyGen's API; Load takes any one document
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
// What the schemas of HeyGen's version 1 cannot express is checked by rules. They apply to the operations whose path in
// the document begins with /v1/; version 3 has none. They look at bodies that are JSON objects, and report nothing in a
// place where the schema found something:
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
	"regexp"
	"slices"
	"sync/atomic"

	"github.com/santhosh-tekuri/jsonschema/v6"

	openapi "github.com/heygen-go/heygen"
	"github.com/heygen-go/heygen/internal/formats"
)

// Contract is what exchanges are checked against: one document, or several whose paths differ. Make one with [New] or
// [Load]. It is safe for concurrent use.
type Contract struct {
	paths      []*pathTemplate // of every document
	hosts      []string        // of the servers
	limit      *steps
	notChecked []string
	corrected  *Contract     // says whether the document is to blame; nil for a correct one
	exchanges  *atomic.Int64 // how many were numbered
	config
}

// NotChecked returns what of a document is not checked, although it describes it, each with its place and the reason:
// bodies that are not JSON, schemas with a pattern that is not one of ECMA-262 or cannot be run as one, parameters of
// other styles than form, simple and deepObject, paths that are in another document, and what contradicts the rest of
// the document, such as a path parameter that the path does not have. It is empty for HeyGen's documents.
func (c *Contract) NotChecked() []string { return slices.Clone(c.notChecked) }

// New returns the contract of HeyGen's API: of version 1 by the corrected document, that of [openapi.Corrected], and of
// version 3 by [openapi.CorrectedV3]. It returns an error if an option is wrong.
func New(opts ...Option) (*Contract, error) {
	return newContract([][]byte{openapi.Corrected(), openapi.CorrectedV3()}, opts)
}

// Load returns the contract of an OpenAPI 3.1 document, in JSON or YAML. Its examples and defaults need not fit its
// schemas, and its servers do not matter: requests to any host are checked, by their path. The error says what is wrong
// with an option or with the document, and where. A reference that leads out of the document is wrong: nothing is
// opened. What of the document is read but cannot be judged is in [Contract.NotChecked]. With the document of another
// API use [WithSchemaOnly]: its paths can begin with /v1/, too.
//
// With the published document use [WithCorrected], so that its defects are not blamed on the client or the server:
//
//	contract.Load(openapi.Published(), contract.WithCorrected(openapi.Corrected()))
func Load(document []byte, opts ...Option) (*Contract, error) {
	return newContract([][]byte{document}, opts)
}

func newContract(documents [][]byte, opts []Option) (*Contract, error) {
	cfg := config{rules: rules}
	var errs []error
	for _, opt := range opts {
		errs = append(errs, opt(&cfg))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("contract: %w", err)
	}
	c, err := load(cfg, documents...)
	if err != nil {
		return nil, printableError("contract: document: ", err)
	}
	if cfg.correctedDocument != nil {
		if c.corrected, err = load(cfg, cfg.correctedDocument); err != nil {
			return nil, printableError("contract: corrected document: ", err)
		}
	}
	if cfg.collector != nil {
		cfg.collector.expect(c)
		c.exchanges = &cfg.collector.exchanges
	}
	return c, nil
}

func load(cfg config, documents ...[]byte) (*Contract, error) {
	c := &Contract{limit: new(steps), exchanges: new(atomic.Int64), config: cfg}
	for _, document := range documents {
		if err := c.add(document); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// add adds the paths of a document. It is read on its own, because the names of its components can be those of another.
func (c *Contract) add(text []byte) error {
	document, err := readDocument(text)
	if err != nil {
		return err
	}
	if version := fmt.Sprint(document["openapi"]); !versionWithJSONSchema.MatchString(version) {
		return errors.New("not OpenAPI 3.1, whose schemas are JSON Schema")
	}
	if dialect, ok := document["jsonSchemaDialect"]; ok && dialect != dialect2020 && !formats.IsDialect(dialect) {
		return errors.New("jsonSchemaDialect: not that of OpenAPI 3.1 or JSON Schema 2020-12")
	}
	r := &reader{document: document, rules: c.rules, compiled: map[string]*jsonschema.Schema{}, omitted: map[string]bool{}}
	if r.schemas, err = newSchemas(document, c.limit); err != nil {
		return err
	}
	c.paths, c.hosts = append(c.paths, r.paths()...), append(c.hosts, r.hosts()...)
	r.schemas.complete = true
	if len(r.errs) > 0 {
		return errors.Join(r.errs[:min(len(r.errs), 5)]...)
	}
	if !c.limit.on {
		for schema := range r.schemas.reach {
			schema.Extensions = nil // the limit, which costs time
		}
	}
	c.notChecked = append(c.notChecked, r.notChecked...)
	if c.strict {
		r.schemas.close()
	} else {
		r.schemas.open()
	}
	return nil
}

var versionWithJSONSchema = regexp.MustCompile(`^3\.[1-9]`)

// exchange returns the name of a new exchange. Contracts that share a collector number theirs together.
func (c *Contract) exchange() string { return fmt.Sprintf("exchange %d", c.exchanges.Add(1)) }
