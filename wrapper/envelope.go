package heygen

import (
	"bytes"
	"cmp"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// failure is the failure that a response reports.
type failure struct {
	code, message string
	param, docURL string // of version 3
	err           error  // nil if there is a code
}

// codeSuccess is HeyGen's code of a success.
const codeSuccess = "100"

// decodeSuccess reads the body of a 2xx: an object whose code is 100 and whose data is a T. If T is struct{}, the
// data is not looked at.
//
// encoding/json would match member names without regard to case, and accept duplicates, invalid UTF-8 and lone
// surrogates. Each of these can change a secret or hide a failure.
func decodeSuccess[T any](status int, body []byte) (*T, failure) {
	var envelope struct {
		Code code `json:"code"`
		Data *T   `json:"data"`
	}
	err := json.Unmarshal(body, &envelope)
	if _, withoutData := any(envelope.Data).(*struct{}); withoutData {
		err = nil // of data that is not an object; the code is "" if the envelope is malformed
		envelope.Code = code(codeText(parse[object](body)["code"]))
		envelope.Data = new(T)
	}
	complete := status != http.StatusPartialContent
	if err == nil && complete && envelope.Data != nil && envelope.Code == codeSuccess {
		return envelope.Data, failure{}
	}
	return nil, unsuccessful(body, "code 100 and data", err)
}

// decodeSuccessV3 reads the body of a 2xx of version 3: an object that is a T, with data and without an error.
func decodeSuccessV3[T any](status int, body []byte) (*T, failure) {
	var envelope struct {
		Data  *jsontext.Value `json:"data"`
		Error *jsontext.Value `json:"error"`
	}
	value, err := new(T), json.Unmarshal(body, &envelope)
	if err == nil && envelope.Data != nil && envelope.Error == nil && status != http.StatusPartialContent {
		if err = json.Unmarshal(body, value); err == nil {
			return value, failure{}
		}
	}
	return nil, unsuccessful(body, "data and no error", err)
}

// unsuccessful returns the failure of a 2xx that is no success: what its body reports, or else that it is malformed. It
// reads the body again, because a decoder that failed may have read a part only.
func unsuccessful(body []byte, want string, err error) failure {
	if reported := decodeFailure(body); reported.err == nil && reported.code != codeSuccess {
		return reported
	}
	return failure{err: fmt.Errorf("%w: want one object with %s; the call may have taken effect%s",
		ErrMalformedResponse, want, part(": %v", err))}
}

// decodeFailure reads the body of a failure in every known shape: HeyGen's envelopes of versions 1, 2 and 3, each
// also as a JSON string that holds it, the messages of validation frameworks and gateways, and a text as a JSON string.
func decodeFailure(body []byte) failure {
	text, plain := string(body), ""
	for inner := parse[string](body); inner != ""; inner = parse[string](inner) {
		text, plain = inner, inner
	}
	if strings.HasPrefix(strings.TrimSpace(plain), "{") {
		plain = "" // JSON that is the envelope, or is broken and may have a secret
	}
	envelope := parse[object](text)
	nested := parse[object](envelope["error"]) // versions 2 and 3
	f := failure{
		code: cmp.Or(codeText(envelope["code"]), codeText(nested["code"])),
		message: cmp.Or(
			parse[string](envelope["message"]),
			parse[string](envelope["msg"]),
			parse[string](nested["message"]),
			parse[string](envelope["error"]),
			parse[string](envelope["detail"]),
			parse[string](envelope["title"]),
			plain,
		),
		param:  parse[string](nested["param"]),
		docURL: parse[string](nested["doc_url"]),
	}
	for _, detail := range parse[[]object](envelope["detail"]) {
		f.message = cmp.Or(f.message, parse[string](detail["msg"]))
	}
	if clean(f.code, maxCode) == "" {
		f.err = fmt.Errorf("%w: response has no HeyGen error envelope; it probably came from a gateway",
			ErrMalformedResponse)
	}
	return f
}

// maxSecrets is how many secrets of one body are redacted. A page of version 3 has at most 100.
const maxSecrets = 128

// secretsIn returns the text of each member secret in a body, wherever it is, as far as the body is JSON.
func secretsIn(body []byte) (secrets []string) {
	d := jsontext.NewDecoder(bytes.NewBuffer(body),
		jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true))
	for follows := false; len(secrets) < maxSecrets; {
		token, err := d.ReadToken()
		if err != nil {
			break
		}
		isText := token.Kind() == '"'
		if isText && d.StackDepth() == 0 {
			return secretsIn([]byte(token.String())) // an envelope in a JSON string
		}
		if isText && follows {
			secrets = append(secrets, token.String())
		}
		parent, read := d.StackIndex(d.StackDepth()) // names and values: after an odd number of them comes a value
		follows = isText && parent == '{' && read%2 == 1 && token.String() == "secret"
	}
	return secrets
}

type object map[string]jsontext.Value

// parse returns the zero T if text is not the JSON of a T. It accepts invalid UTF-8: in a message it must not cost the
// code.
func parse[T any, Text ~string | ~[]byte](text Text) T {
	var value, zero T
	if json.Unmarshal([]byte(text), &value, jsontext.AllowInvalidUTF8(true)) != nil {
		return zero
	}
	return value
}

// code is HeyGen's code in any notation, as text.
type code string

func (c *code) UnmarshalJSON(data []byte) error {
	*c = code(codeText(data))
	return nil
}

// maxExact is up to where every whole number is a float64.
const maxExact = 1 << 53

// codeText returns HeyGen's code as text: a string, or a whole number of any size in any notation; "" if value is
// neither. A number with a fraction or an exponent is read as far as float64 is exact.
func codeText(value jsontext.Value) string {
	if string(value) == codeSuccess {
		return codeSuccess // nearly always, and without an allocation
	}
	if value.Kind() != '0' {
		return parse[string](value)
	}
	number := string(value)
	if !strings.ContainsAny(number, ".eE") {
		return number
	}
	f, err := strconv.ParseFloat(number, 64)
	whole := err == nil && f == math.Trunc(f) && math.Abs(f) <= maxExact
	if !whole || f == 0 || len(number) > 20 { // a longer one may have a fraction that float64 rounds away
		return ""
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}
