package heygentest

import (
	"fmt"
	"strconv"
)

// Shape is a form in which HeyGen, or a gateway in front of it, reports a failure.
type Shape string

// The shapes that were seen, each with an example of its body.
const (
	ShapeV1         Shape = "v1"          // {"code":400131,"message":"…"}, the envelope of this version of the API
	ShapeV2         Shape = "v2"          // {"data":null,"error":{"code":"…","message":"…"}}
	ShapeV3         Shape = "v3"          // {"error":{"code":"…","message":"…","param":null}}
	ShapeCodeMsg    Shape = "code-msg"    // {"code":400131,"msg":"…"}
	ShapeDetail     Shape = "detail"      // {"detail":"…"}, from a framework that validates requests
	ShapeJSONString Shape = "json-string" // the envelope of version 1 as JSON in a JSON string
	ShapeForeign    Shape = "foreign"     // JSON of a gateway that is no envelope: {"status":"error"}
	ShapeHTML       Shape = "html"        // a page of a gateway, as text/html
	ShapeEmpty      Shape = "empty"       // no body and no content type
)

const typeJSON = "application/json"

// shapes has the content type and the body of each shape.
var shapes = map[Shape]struct{ contentType, body string }{
	ShapeV1:         {typeJSON, `{"code":400500,"message":"scripted failure"}`},
	ShapeV2:         {typeJSON, `{"data":null,"error":{"code":"scripted_failure","message":"scripted failure"}}`},
	ShapeV3:         {typeJSON, `{"error":{"code":"scripted_failure","message":"scripted failure","param":null}}`},
	ShapeCodeMsg:    {typeJSON, `{"code":400500,"msg":"scripted failure"}`},
	ShapeDetail:     {typeJSON, `{"detail":"scripted failure"}`},
	ShapeJSONString: {typeJSON, `"{\"code\":400500,\"message\":\"scripted failure\"}"`},
	ShapeForeign:    {typeJSON, `{"status":"error"}`},
	ShapeHTML:       {"text/html; charset=utf-8", "<html><body><h1>scripted failure</h1></body></html>"},
	ShapeEmpty:      {},
}

// FaultShape responds with a status, usually that of a failure, and a body of the shape. It panics if the shape is none
// of the constants.
func FaultShape(status int, shape Shape) Fault {
	form, ok := shapes[shape]
	if !ok {
		panic(fmt.Sprintf("heygentest: unknown shape %s", strconv.Quote(string(shape))))
	}
	checkStatus(status)
	return instead(fmt.Sprintf("shape %d %s", status, shape), func(resp *response) {
		if form.contentType != "" {
			resp.header.Set("Content-Type", form.contentType)
		}
		resp.WriteHeader(status)
		resp.body.WriteString(form.body)
	})
}
