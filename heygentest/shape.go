package heygentest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Shape is a form in which HeyGen, or what stands before it, reports a failure.
type Shape string

// The shapes that were seen, each with what its body is like.
const (
	V1         Shape = "v1"          // {"code":400131,"message":"…"}, the envelope of this version of the API
	V2         Shape = "v2"          // {"data":null,"error":{"code":"…","message":"…"}}
	V3         Shape = "v3"          // {"error":{"code":"…","message":"…","param":null}}
	CodeMsg    Shape = "code-msg"    // {"code":400131,"msg":"…"}
	Detail     Shape = "detail"      // {"detail":"…"}, of a framework that validates
	JSONString Shape = "json-string" // the envelope of version 1 as JSON in a JSON string
	Foreign    Shape = "foreign"     // JSON of a gateway that is no envelope: {"status":"error"}
	HTML       Shape = "html"        // a page of a gateway, as text/html
	Empty      Shape = "empty"       // no body and no content type
)

const typeJSON = "application/json"

// shapes has the content type and the body of each shape.
var shapes = map[Shape]struct{ contentType, body string }{
	V1:         {typeJSON, `{"code":400500,"message":"scripted failure"}`},
	V2:         {typeJSON, `{"data":null,"error":{"code":"scripted_failure","message":"scripted failure"}}`},
	V3:         {typeJSON, `{"error":{"code":"scripted_failure","message":"scripted failure","param":null}}`},
	CodeMsg:    {typeJSON, `{"code":400500,"msg":"scripted failure"}`},
	Detail:     {typeJSON, `{"detail":"scripted failure"}`},
	JSONString: {typeJSON, `"{\"code\":400500,\"message\":\"scripted failure\"}"`},
	Foreign:    {typeJSON, `{"status":"error"}`},
	HTML:       {"text/html; charset=utf-8", "<html><body><h1>scripted failure</h1></body></html>"},
	Empty:      {},
}

// RespondWithShape answers with a status, usually that of a failure, and the body of a shape. It panics if there is no
// such shape.
func RespondWithShape(status int, shape Shape) Fault {
	form, ok := shapes[shape]
	if !ok {
		panic(fmt.Sprintf("heygentest: no shape is called %q; there are %s", shape, shapeNames()))
	}
	return instead(fmt.Sprintf("shape %d %s", status, shape), func(a *answer) {
		if form.contentType != "" {
			a.header.Set("Content-Type", form.contentType)
		}
		a.WriteHeader(status)
		a.body.WriteString(form.body)
	})
}

func shapeNames() string {
	var names []string
	for _, shape := range slices.Sorted(maps.Keys(shapes)) {
		names = append(names, string(shape))
	}
	return strings.Join(names, ", ")
}
