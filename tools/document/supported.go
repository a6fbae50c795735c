package document

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// CheckSupported returns an error for a document that is not valid, and for each part of it that the request builders
// of api/templates/client.tmpl do not know: bodies other than JSON, cookies, and parameters described by content.
func CheckSupported(document []byte) error {
	loaded, err := openapi3.NewLoader().LoadFromData(document)
	if err != nil {
		return err
	}
	// It refuses an operation id that two operations have, and two paths that differ in the names of parameters alone.
	if err := loaded.Validate(context.Background(), openapi3.DisableExamplesValidation()); err != nil {
		return err
	}
	var errs []error
	for _, path := range loaded.Paths.InMatchingOrder() {
		item := loaded.Paths.Value(path)
		for method, operation := range item.Operations() {
			if operation.OperationID == "" {
				errs = append(errs, fmt.Errorf("%s %s has no operationId: add one by a correction", method, path))
			}
			refuse := func(format string, args ...any) {
				errs = append(errs, fmt.Errorf("operation %s (%s %s): %s is not supported: add it to api/templates/client.tmpl",
					operation.OperationID, method, path, fmt.Sprintf(format, args...)))
			}
			if body := operation.RequestBody; body != nil && body.Value != nil {
				for _, mediaType := range slices.Sorted(maps.Keys(body.Value.Content)) {
					if !isJSON(mediaType) {
						refuse("the body %s", mediaType)
					}
				}
			}
			for _, parameter := range slices.Concat(item.Parameters, operation.Parameters) {
				switch p := parameter.Value; {
				case p.In == openapi3.ParameterInCookie:
					refuse("the cookie %q", p.Name)
				case p.Schema == nil:
					refuse("content of the %s parameter %q", p.In, p.Name)
				}
			}
		}
	}
	return errors.Join(errs...)
}

func isJSON(mediaType string) bool {
	kind, _, _ := strings.Cut(strings.ToLower(mediaType), ";")
	kind = strings.TrimSpace(kind)
	return kind == "application/json" || strings.HasSuffix(kind, "+json")
}
