package contract

import (
	"bytes"
	"compress/gzip"
	stdjson "encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// maxBody is the largest body that is checked. A larger one is a finding.
const maxBody = 1 << 20

var tooLarge = Finding{Keyword: "size", Detail: "over 1 MiB"}

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
	data, err = io.ReadAll(io.LimitReader(body, maxBody+1))
	again = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(data), body), body}
	return data, again, err
}

// brokenOff is the error of reading a body.
type brokenOff struct {
	status int // of the response, which did arrive; 0 for a request
	error
}

func (b brokenOff) Unwrap() error { return b.error }

func readable(data []byte) io.ReadCloser { return io.NopCloser(bytes.NewReader(data)) }

// errCoding is about a body that may be right.
var errCoding = errors.New("the content coding cannot be undone")

// decompress undoes the content coding of a body; of one that is too large it returns the first maxBody+1 bytes. A
// coding other than gzip, and what is no gzip, is errCoding.
func decompress(header http.Header, body []byte) ([]byte, error) {
	var codings []string
	for coding := range strings.SplitSeq(strings.ToLower(strings.Join(header.Values("Content-Encoding"), ",")), ",") {
		if coding = strings.TrimSpace(coding); coding != "" && coding != "identity" {
			codings = append(codings, coding)
		}
	}
	switch {
	case len(codings) == 0:
		return body, nil
	case len(codings) > 1 || codings[0] != "gzip" && codings[0] != "x-gzip":
		return nil, errCoding
	}
	if len(body) == 0 || len(body) > maxBody {
		return body, nil
	}
	unzipped, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil, errCoding
	}
	plain, err := io.ReadAll(io.LimitReader(unzipped, maxBody+1))
	if err != nil {
		return nil, errCoding
	}
	return plain, nil
}

// mediaType is a media type, or a range of some: "text/*".
type mediaType struct {
	name       string // in lower case
	parameters map[string]string
}

var emptyParameters = regexp.MustCompile(`(;\s*)+;`)

// parseMedia is mime.ParseMediaType, but takes empty parameters, which RFC 9110 (5.6.6) allows.
func parseMedia(text string) (mediaType, error) {
	name, parameters, err := mime.ParseMediaType(emptyParameters.ReplaceAllString(text, ";"))
	if err == nil && !strings.Contains(name, "/") {
		err = errors.New("no subtype")
	}
	return mediaType{name, parameters}, err
}

// isJSON reports whether bodies of the type are JSON. Others are not checked.
func (m mediaType) isJSON() bool {
	return m.name == "application/json" || strings.HasSuffix(m.name, "+json")
}

func (m mediaType) isRange() bool { return strings.HasSuffix(m.name, "/*") }

// covers returns 0 if a documented type is not that of a message, and more the closer it is.
func (m mediaType) covers(sent mediaType) int {
	prefix := strings.TrimSuffix(m.name, "*")
	closeness := 1 + len(prefix)
	if m.name != "*/*" && m.name != sent.name && (!m.isRange() || !strings.HasPrefix(sent.name, prefix)) {
		return 0
	}
	for name, want := range m.parameters {
		got, ok := sent.parameters[name]
		switch {
		case got == want, name == "charset" && strings.EqualFold(got, want):
			closeness += 1000
		case !ok && name == "charset" && sent.isJSON(): // RFC 8259: JSON has one charset alone
		default:
			return 0
		}
	}
	return closeness
}

// documentedType returns what the document says about the content type of a message, or what is wrong with the type.
func documentedType(header http.Header, content []media) (documented *media, sent mediaType, problem string) {
	values := header.Values("Content-Type")
	if len(values) == 0 {
		return nil, sent, "missing" + want(content)
	}
	sent, err := parseMedia(values[0])
	if err != nil || len(values) > 1 {
		return nil, sent, "not one media type" + want(content)
	}
	closest := 0
	for i := range content {
		if closeness := content[i].covers(sent); closeness > closest {
			closest, documented = closeness, &content[i]
		}
	}
	if documented == nil {
		return nil, sent, "not documented" + want(content)
	}
	return documented, sent, ""
}

// readBody reads the body of a message, and returns its value and what the document says about it. Without a body to
// check against a schema it returns nil and nil, and findings if that is wrong.
func readBody(header http.Header, content []media, body []byte, message string) (any, *media, []Finding) {
	media, sent, problem := documentedType(header, content)
	if media == nil {
		return nil, nil, []Finding{{Where: message + " content type", Keyword: "content-type", Detail: problem}}
	}
	if len(body) > maxBody {
		return nil, nil, []Finding{tooLarge}
	}
	if !sent.isJSON() {
		return nil, nil, nil
	}
	value, at, problem := decode(body)
	if problem != "" {
		return nil, nil, []Finding{{Pointer: pointer(at), Keyword: "json", Detail: problem}}
	}
	return value, media, nil
}

func want(content []media) string {
	var names []string
	for _, media := range content {
		names = append(names, media.text)
	}
	return ", want " + strings.Join(names, " or ")
}

// decode reads one JSON value, strictly: encoding/json, which kin-openapi uses, accepts trailing data, invalid UTF-8,
// lone surrogates and names that occur twice (https://github.com/getkin/kin-openapi/issues/322). The problem is "" if
// there is none, and else at is where it is.
func decode(data []byte) (value any, at []string, problem string) {
	err := json.Unmarshal(data, &value)
	if err == nil {
		if hasLongNumber(data) {
			if precise, err := jsonschema.UnmarshalJSON(bytes.NewReader(data)); err == nil {
				value = roundNumbers(precise)
			}
		}
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

// hasLongNumber reports whether some number of a JSON value may have more digits than a float64 holds. It is no regular
// expression because those take more time than the schema.
func hasLongNumber(data []byte) bool {
	digits := 0
	for _, char := range data {
		if char < '0' || char > '9' {
			digits = 0
		} else if digits++; digits == 16 {
			return true
		}
	}
	return false
}

// roundNumbers leaves json.Number only what a float64 may not hold.
func roundNumbers(value any) any {
	switch value := value.(type) {
	case map[string]any:
		for name, member := range value {
			value[name] = roundNumbers(member)
		}
	case []any:
		for i, item := range value {
			value[i] = roundNumbers(item)
		}
	case stdjson.Number:
		if len(value) < 16 || !isNumber(value.String()) {
			rounded, _ := value.Float64()
			return rounded
		}
	}
	return value
}
