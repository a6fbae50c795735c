package heygen

import (
	"cmp"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// failure is what a response says went wrong.
type failure struct {
	code, message string
	secret        string // an endpoint's, if the body holds one: the message may repeat it
	err           error  // nil if there is a code
}

// decodeSuccess reads the body of a 2xx: an object whose code is 100 and whose data is a T. There need be no data if T
// is struct{}.
//
// encoding/json would match member names without regard to case and accept duplicates, invalid UTF-8 and lone
// surrogates, any of which can alter a secret or hide a failure.
func decodeSuccess[T any](status int, body []byte) (*T, failure) {
	var envelope struct {
		Code jsontext.Value `json:"code"`
		Data *T             `json:"data"`
	}
	err := json.Unmarshal(body, &envelope)
	if _, none := any(envelope.Data).(*struct{}); none {
		err, envelope.Data, envelope.Code = nil, new(T), parse[object](body)["code"]
	}
	if err == nil && codeText(envelope.Code) == "100" && envelope.Data != nil && status != http.StatusPartialContent {
		return envelope.Data, failure{}
	}
	// The envelope may be half filled: say no more of it.
	if reported := decodeFailure(body); reported.err == nil && reported.code != "100" {
		return nil, reported
	}
	return nil, failure{err: fmt.Errorf("%w: want one object with code 100 and data; the call may have taken effect%s",
		ErrMalformedResponse, part(": %v", err))}
}

// decodeFailure reads the body of a failure in every shape that is known: HeyGen's v1, v2 and v3 envelopes, each also
// as a JSON string that holds it, and, for their message alone, those of validation frameworks and gateways.
func decodeFailure(body []byte) failure {
	envelope := parse[object](cmp.Or(parse[string](body), string(body)))
	nested := parse[object](envelope["error"]) // v2 and v3
	f := failure{
		code: cmp.Or(codeText(envelope["code"]), codeText(nested["code"])),
		message: cmp.Or(parse[string](envelope["message"]), parse[string](envelope["msg"]),
			parse[string](nested["message"]), parse[string](envelope["error"]),
			parse[string](envelope["detail"]), parse[string](envelope["title"])),
		secret: parse[string](parse[object](envelope["data"])["secret"]),
	}
	for _, detail := range parse[[]object](envelope["detail"]) {
		f.message = cmp.Or(f.message, parse[string](detail["msg"]))
	}
	if clean(f.code, maxCode) == "" {
		f.err = fmt.Errorf("%w: no error envelope of HeyGen's, so probably a gateway's answer", ErrMalformedResponse)
	}
	return f
}

type object map[string]jsontext.Value

// parse returns the zero T for what is no T. It takes invalid UTF-8, which in a message must not cost the code.
func parse[T any, Text ~string | ~[]byte](text Text) (value T) {
	if json.Unmarshal([]byte(text), &value, jsontext.AllowInvalidUTF8(true)) != nil {
		return *new(T)
	}
	return value
}

// codeText returns HeyGen's code, a string or a whole number of any size however written, as text; "" if it is neither.
// What has a fraction or an exponent is read as far as a float64 is exact.
func codeText(value jsontext.Value) string {
	if value.Kind() != '0' {
		return parse[string](value)
	}
	number := string(value)
	if !strings.ContainsAny(number, ".eE") {
		return number
	}
	f, err := strconv.ParseFloat(number, 64)
	if err != nil || f != math.Trunc(f) || math.Abs(f) > 1<<53 || f == 0 || len(number) > 20 {
		return ""
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}
