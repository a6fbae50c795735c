package contract

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
)

// Option configures a [Contract].
type Option func(*config) error

type config struct {
	rules             []rule
	correctedDocument []byte
	strict            bool
	allowDeviations   bool
	reportOnly        bool
	onViolation       func(*http.Request, *Violation)
	onUnjudged        func(UnjudgedExchange)
	collector         *Collector
}

// WithSchemaOnly switches every rule off: only the document counts. Use it with a document that is not HeyGen's: the
// rules are about the envelope and endpoints of HeyGen's version 1, and report good responses of another API where its
// paths begin with /v1/.
func WithSchemaOnly() Option {
	return func(cfg *config) error {
		cfg.rules = nil
		return nil
	}
}

// WithoutRules switches the named rules off. The package comment lists the names; another one is an error.
func WithoutRules(names ...string) Option {
	return func(cfg *config) (err error) {
		for _, name := range names {
			if !isRule(name) {
				err = errors.Join(err, fmt.Errorf("no rule is called %q; there are %s", name, ruleNames()))
			}
			cfg.rules = slices.DeleteFunc(slices.Clone(cfg.rules), func(r rule) bool { return r.name == name })
		}
		return err
	}
}

// WithCorrected gives the corrected form of the document. What is wrong by the document, but right by the corrected
// one, is blamed on the document ([PartyDocument]) and not on who sent it. The document is never to blame for an
// operation that its corrected form does not have.
func WithCorrected(document []byte) Option {
	return func(cfg *config) error {
		if document == nil {
			return errors.New("WithCorrected: the document is nil")
		}
		cfg.correctedDocument = document
		return nil
	}
}

// WithAllowedDeviations makes what only the document is to blame for ([PartyDocument]) no violation. A collector counts
// it as allowed.
func WithAllowedDeviations() Option {
	return func(cfg *config) error {
		cfg.allowDeviations = true
		return nil
	}
}

// WithStrict closes every object of which the document names members: those that it does not name are findings.
func WithStrict() Option {
	return func(cfg *config) error {
		cfg.strict = true
		return nil
	}
}

// WithReportOnly lets every exchange through [Contract.Transport], [Contract.Handler] and [Contract.Proxy] as it is.
// Violations go to [WithOnViolation] and [WithCollector] alone.
func WithReportOnly() Option {
	return func(cfg *config) error {
		cfg.reportOnly = true
		return nil
	}
}

// WithOnViolation calls f with every violation, whichever way it was found, and the request it is about, whose body f
// must not read. Several goroutines may call f at the same time.
func WithOnViolation(f func(*http.Request, *Violation)) Option {
	return func(cfg *config) error {
		if f == nil {
			return errors.New("WithOnViolation: the function is nil")
		}
		cfg.onViolation = f
		return nil
	}
}

// WithCollector adds what is checked to a collector, which several contracts may share.
func WithCollector(collector *Collector) Option {
	return func(cfg *config) error {
		if collector == nil {
			return errors.New("WithCollector: the collector is nil")
		}
		cfg.collector = collector
		return nil
	}
}
