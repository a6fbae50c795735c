package contract

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"errors"
	"io"
	"maps"
	"math"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// maxBody is the size from which a body is no longer read but a finding.
const maxBody = 1 << 20

// requestBody returns the body of a request, of one that is too large the first maxBody+1 bytes. The body can be read
// again afterwards, and GetBody works unless the body is too large.
func requestBody(req *http.Request) ([]byte, error) {
	if req.Body == nil || req.Body == http.NoBody {
		return nil, nil
	}
	if req.GetBody != nil {
		return sentBody(req)
	}
	data, again, err := read(req.Body)
	req.Body = again
	if err == nil && len(data) <= maxBody {
		req.GetBody = func() (io.ReadCloser, error) { return readable(data), nil }
	}
	return data, err
}

// sentBody returns the body of a request that may have been sent already, or nil if it has no GetBody.
func sentBody(req *http.Request) ([]byte, error) {
	if req.GetBody == nil {
		return nil, nil
	}
	body, err := req.GetBody()
	if err != nil {
		return nil, err
	}
	defer func() { _ = body.Close() }()
	return io.ReadAll(io.LimitReader(body, maxBody+1))
}

// read reads at most maxBody+1 bytes of a body and returns one that can be read from the start.
func read(body io.ReadCloser) (data []byte, again io.ReadCloser, err error) {
	if body == nil {
		return nil, http.NoBody, nil
	}
	data, err = io.ReadAll(io.LimitReader(body, maxBody+1))
	again = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(data), body), body}
	return data, again, err
}

// brokenOff is the error of reading a reply, whose status and beginning did arrive.
type brokenOff struct {
	status int
	error
}

func (b brokenOff) Unwrap() error { return b.error }

func readable(data []byte) io.ReadCloser { return io.NopCloser(bytes.NewReader(data)) }

// decompress returns what the content coding of a reply hides, of a body that is too large the first maxBody+1 bytes.
// A coding other than gzip is an error: such a body could be right, but nobody can tell.
func decompress(header http.Header, body []byte) ([]byte, error) {
	codings := header.Values("Content-Encoding")
	if len(codings) == 0 {
		return body, nil
	}
	switch strings.ToLower(strings.Join(codings, ", ")) {
	case "", "identity":
		return body, nil
	case "gzip", "x-gzip":
	default:
		return nil, errors.New("content coding other than gzip: it cannot be judged")
	}
	if len(body) == 0 || len(body) > maxBody {
		return body, nil
	}
	unzipped, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(io.LimitReader(unzipped, maxBody+1))
}

// documentedType returns what the document says about the content type of a message, or what is wrong with the type.
// kin-openapi 0.152.0 takes the first of several types, and malformed parameters.
func documentedType(header http.Header, content openapi3.Content) (documented *openapi3.MediaType, problem string) {
	values := header.Values("Content-Type")
	if len(values) == 0 {
		return nil, "missing" + want(content)
	}
	if _, _, err := mime.ParseMediaType(values[0]); err != nil || len(values) > 1 {
		return nil, "not one media type" + want(content)
	}
	documented = content.Get(values[0])
	if documented == nil {
		return nil, "not documented" + want(content)
	}
	return documented, ""
}

func want(content openapi3.Content) string {
	return ", want " + strings.Join(slices.Sorted(maps.Keys(content)), " or ")
}

// isJSON reports whether a documented content type is JSON. Bodies of other types are not judged.
func isJSON(contentType string) bool {
	name, _, _ := strings.Cut(contentType, ";")
	name = strings.ToLower(strings.TrimSpace(name))
	return name == "application/json" || strings.HasSuffix(name, "+json")
}

// decode reads one JSON value, strictly: kin-openapi 0.152.0 accepts trailing data, names that occur twice, invalid
// UTF-8, lone surrogates and numbers out of range. The problem is "" if there is none.
func decode(data []byte) (value any, at []string, problem string) {
	var options json.Options
	if hasFraction(data) { // else the library is twice as fast without
		options = exactNumbers
	}
	err := json.Unmarshal(data, &value, options)
	if err == nil {
		return value, nil, ""
	}
	var syntax *jsontext.SyntacticError
	var semantic *json.SemanticError
	if errors.As(err, &syntax) {
		at = slices.Collect(syntax.JSONPointer.Tokens())
	} else if errors.As(err, &semantic) {
		at = slices.Collect(semantic.JSONPointer.Tokens())
	}
	_, noValue := jsontext.NewDecoder(bytes.NewReader(data)).ReadValue()
	switch {
	case len(bytes.TrimSpace(data)) == 0:
		problem = "empty"
	case !utf8.Valid(data):
		problem = "not UTF-8"
	case errors.Is(err, jsontext.ErrDuplicateName):
		problem = "a name occurs twice in one object"
	case errors.Is(err, io.ErrUnexpectedEOF):
		problem = "ends too early"
	case semantic != nil: // there is no other reason
		problem = "a number out of range"
	case noValue == nil:
		problem = "more than one value"
	default:
		problem = "not JSON"
	}
	return nil, at, problem
}

// hasFraction reports whether a number in a JSON text is written with a fraction or an exponent.
func hasFraction(data []byte) bool {
	inString := false
	for i := 0; i < len(data); i++ {
		switch c := data[i]; {
		case c == '"':
			inString = !inString
		case inString && c == '\\':
			i++
		case !inString && (c == '.' || c == 'e' || c == 'E') && i > 0 && data[i-1] >= '0' && data[i-1] <= '9':
			return true
		}
	}
	return false
}

// exactNumbers makes a number that is not whole, but as a float64 would be, the next float64 that is not.
var exactNumbers = json.WithUnmarshalers(json.UnmarshalFromFunc(func(in *jsontext.Decoder, value *any) error {
	if in.PeekKind() != '0' {
		return errors.ErrUnsupported // as without this function
	}
	text, err := in.ReadValue()
	if err != nil {
		return err
	}
	number, err := strconv.ParseFloat(string(text), 64)
	*value = number
	if math.Trunc(number) == number && bytes.ContainsAny(text, ".eE") && !isWhole(string(text)) {
		*value = math.Copysign(min(math.Nextafter(math.Abs(number), math.Inf(1)), 1<<52-0.5), number)
	}
	return err
}))

// isWhole reports whether a JSON number has no fraction, from its digits alone: to compute it could take for ever.
func isWhole(number string) bool {
	mantissa, exponent, _ := strings.Cut(strings.ToLower(number), "e")
	whole, fraction, _ := strings.Cut(mantissa, ".")
	digits := strings.TrimLeft(whole+fraction, "-0")
	tens, err := strconv.Atoi(cmp.Or(exponent, "0"))
	if err != nil { // no body has that many digits
		tens = math.MinInt32
	}
	return digits == "" || tens+len(digits)-len(strings.TrimRight(digits, "0")) >= len(fraction)
}
