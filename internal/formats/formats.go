// Package formats holds the formats of JSON Schema that the schema library does not know or takes too widely, in one
// place for all packages that check values.
package formats

import (
	"errors"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Assert makes a compiler assert formats, and refuse every reference that leads out of what was added to it: it opens
// nothing.
func Assert(compiler *jsonschema.Compiler) {
	compiler.UseLoader(closed{})
	compiler.AssertFormat()
	for name, fits := range formats {
		err := errors.New("not a " + name)
		compiler.RegisterFormat(&jsonschema.Format{Name: name, Validate: func(value any) error {
			if text, ok := value.(string); ok && !fits(text) {
				return err
			}
			return nil
		}})
	}
}

// IsDialect reports whether a value of $schema is the dialect of OpenAPI 3.1, which is JSON Schema 2020-12.
func IsDialect(value any) bool {
	name, _ := value.(string)
	return strings.HasPrefix(name, "https://spec.openapis.org/oas/3.")
}

// closed is a loader that opens nothing.
type closed struct{}

// Load returns an error for all but the dialect of OpenAPI.
func (closed) Load(name string) (any, error) {
	if IsDialect(name) {
		return map[string]any{"$schema": "https://json-schema.org/draft/2020-12/schema"}, nil
	}
	return nil, errors.New("it leads out of the document")
}

// Has reports whether a text has a format of this package.
func Has(name, text string) bool {
	fits, ok := formats[name]
	return ok && fits(text)
}

// formats are those that HeyGen's documents use or are likely to use. The library's own date-time takes "+1:+2:+3" for
// a time, and its uri takes letters beyond ASCII. A format that nothing here knows, such as password, is an annotation.
var formats = map[string]func(string) bool{
	"date-time":       func(text string) bool { return isTime(text, true) },
	"date-time-local": func(text string) bool { return isTime(text, false) },
	"uri":             isURI,
}

var timeText = regexp.MustCompile(
	`^(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d):(\d\d)(?:\.\d+)?([Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)?$`)

// isTime reports whether a text is a date-time of RFC 3339, with its zone or without one.
func isTime(text string, zoned bool) bool {
	parts := timeText.FindStringSubmatch(text)
	if parts == nil || (parts[4] != "") != zoned {
		return false
	}
	date, clock, second, zone := parts[1], parts[2], parts[3], "Z"
	if zoned {
		zone = strings.ToUpper(parts[4])
	}
	leap := second == "60" // time.Parse knows no leap seconds
	if leap {
		second = "59"
	}
	parsed, err := time.Parse(time.RFC3339, date+"T"+clock+":"+second+zone)
	return err == nil && (!leap || parsed.UTC().Format("15:04") == "23:59")
}

var uriText = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]*:(?:[A-Za-z0-9:/?#\[\]@!$&'()*+,;=._~-]|%[0-9A-Fa-f]{2})*$`)

func isURI(text string) bool {
	_, err := url.Parse(text)
	return err == nil && uriText.MatchString(text)
}
