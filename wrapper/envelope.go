package heygen

import (
	"errors"
	"fmt"
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

// decodeSuccess reads the body of a 2xx: an object whose code is 100 and whose data is a T. If T is struct{}, there need
// be no data.
//
// encoding/json would match member names without regard to case and accept duplicates, invalid UTF-8 and lone
// surrogates, any of which can alter a secret or hide a failure.
func decodeSuccess[T any](status int, body []byte) (*T, failure) {
	var envelope struct {
		Code code `json:"code"`
		Data *T   `json:"data"`
	}
	err := json.Unmarshal(body, &envelope)
	if _, none := any(envelope.Data).(*struct{}); none {
		envelope.Data = new(T)
	}
	switch {
	case err != nil: // the envelope is half filled: say no more of it
	case envelope.Code != "100":
		err = errors.New("code is not 100")
	case envelope.Data == nil:
		err = errors.New("data is missing")
	case status == http.StatusPartialContent:
		err = errors.New("the content is partial")
	default:
		return envelope.Data, failure{}
	}
	if reported := decodeFailure(body); reported.code != "" && reported.code != "100" {
		return nil, reported
	}
	return nil, failure{err: fmt.Errorf("%w, so the call may have taken effect: %w", ErrMalformedResponse, err)}
}

// decodeFailure reads the body of a failure in every shape that was seen: HeyGen's v1, v2 and v3 envelopes, each also as
// a JSON string that holds it, and, for their message alone, those of validation frameworks and gateways.
func decodeFailure(body []byte) failure {
	// Invalid UTF-8 in a message must not cost the code; a message is cleaned before it is shown.
	lenient := jsontext.AllowInvalidUTF8(true)
	var inner string
	if json.Unmarshal(body, &inner, lenient) == nil {
		body = []byte(inner)
	}
	var envelope struct {
		Code    jsontext.Value `json:"code"`
		Message jsontext.Value `json:"message"`
		Msg     jsontext.Value `json:"msg"`
		Error   jsontext.Value `json:"error"`
		Detail  jsontext.Value `json:"detail"`
		Title   jsontext.Value `json:"title"`
		Data    jsontext.Value `json:"data"`
	}
	var nested struct { // v2 and v3
		Code    jsontext.Value `json:"code"`
		Message jsontext.Value `json:"message"`
	}
	var details []struct {
		Msg jsontext.Value `json:"msg"`
	}
	var data struct {
		Secret string `json:"secret"`
	}
	f := failure{err: fmt.Errorf("%w: no error envelope of HeyGen's, so probably a gateway's answer", ErrMalformedResponse)}
	if json.Unmarshal(body, &envelope, lenient) != nil {
		return f
	}
	_ = json.Unmarshal(envelope.Error, &nested, lenient)
	_ = json.Unmarshal(envelope.Detail, &details, lenient)
	_ = json.Unmarshal(envelope.Data, &data, lenient)
	f.secret = data.Secret
	messages := []jsontext.Value{
		envelope.Message, envelope.Msg, nested.Message, envelope.Error, envelope.Detail, envelope.Title,
	}
	for _, detail := range details {
		messages = append(messages, detail.Msg)
	}
	for _, value := range messages {
		if json.Unmarshal(value, &f.message, lenient) == nil && f.message != "" {
			break
		}
		f.message = ""
	}
	for _, value := range []jsontext.Value{envelope.Code, nested.Code} {
		var c code
		if value != nil && c.UnmarshalJSON(value) == nil {
			f.code, f.err = string(c), nil
			break
		}
	}
	return f
}

// code is HeyGen's code as text. In JSON it is a whole number of any size, however written, or a string.
type code string

func (c *code) UnmarshalJSON(data []byte) error {
	value := jsontext.Value(data)
	switch value.Kind() {
	case '"':
		var text string
		if err := json.Unmarshal(value, &text); err != nil {
			return err
		}
		*c = code(clean(text, maxCode))
	case '0':
		*c = code(clean(wholeNumber(string(value)), maxCode))
	}
	if *c == "" {
		return errors.New("code is neither a whole number nor a text")
	}
	return nil
}

// wholeNumber writes a JSON number without fraction and exponent, or returns "" if it is not whole. A number written
// with either is taken as far as a float64 is exact.
func wholeNumber(number string) string {
	if !strings.ContainsAny(number, ".eE") {
		return number
	}
	const exact = 1 << 53
	f, err := strconv.ParseFloat(number, 64)
	if err != nil || f != float64(int64(f)) || f < -exact || f > exact {
		return ""
	}
	return strconv.FormatInt(int64(f), 10)
}
