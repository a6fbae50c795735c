package generate

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"

	"github.com/heygen-go/heygen/internal/jsonpointer"
	"github.com/heygen-go/heygen/tools/document"
)

var conflict = regexp.MustCompile(`conflicts with pattern "([^"]+)"`)

// checkRoutes returns an error for each operation that the generated server cannot route: net/http takes no two paths
// that one request can have, unless one is more specific, and no parameter that is a part of a segment.
func checkRoutes(parts []document.Part) (errs []error) {
	mux, known := http.NewServeMux(), map[string]string{}
	for _, part := range parts {
		tokens := jsonpointer.Split(part.Pointer)
		if tokens[0] != "paths" || len(tokens) != 3 {
			continue // no operation
		}
		pattern := strings.ToUpper(tokens[2]) + " " + codegen.SwaggerUriToStdHttpUri(tokens[1])
		known[pattern] = part.Pointer
		if reason := register(mux, pattern); reason != "" {
			if match := conflict.FindStringSubmatch(reason); match != nil {
				reason = "some requests are also of " + known[match[1]]
			}
			errs = append(errs, fmt.Errorf("%s: the sandbox cannot route %s: %s", part.Pointer, pattern, reason))
		}
	}
	return errs
}

// register returns why net/http refuses a pattern, or "".
func register(mux *http.ServeMux, pattern string) (reason string) {
	defer func() {
		if refusal := recover(); refusal != nil {
			reason = fmt.Sprint(refusal)
		}
	}()
	mux.HandleFunc(pattern, http.NotFound)
	return ""
}
