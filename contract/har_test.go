package contract_test

import (
	"bytes"
	"encoding/base64"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/heygen-go/heygen/contract"
)

// entryOf is one entry of an archive: a good exchange with other parts.
func entryOf(parts ...string) string {
	return strings.NewReplacer(parts...).Replace(`{
		"request": {"method": "PATCH", "url": "https://api.heygen.com` + path + `", "bodySize": 20, "headers": [
			{"name": "Content-Type", "value": "application/json"}, {"name": "x-api-key", "value": "[redacted]"}],
			"postData": {"mimeType": "application/json", "text": "{\"endpoint_id\":\"e1\"}"}},
		"response": {"status": 404, "headers": [{"name": "content-type", "value": "application/json"}],
			"content": {"size": 15, "mimeType": "application/json", "text": "{\"code\":400131}"}}
	}`)
}

func archiveOf(entries ...string) string {
	return `{"log":{"entries":[` + strings.Join(entries, ",") + `]}}`
}

func TestCheckHARNamesWhatItDidNotCheck(t *testing.T) {
	t.Parallel()

	const postData = `"postData": {"mimeType": "application/json", "text": "{\"endpoint_id\":\"e1\"}"}`
	const text = `, "text": "{\"code\":400131}"`
	const server = "https://api.heygen.com"
	zipped := base64.StdEncoding.EncodeToString([]byte(gzipped(t, `{"code":400131}`)))
	c := load(t, correctedDocument)
	for name, test := range map[string]struct {
		entry     string
		operation string
		unjudged  contract.Unjudged
		findings  string
	}{
		"all is checked":        {entryOf(), operation, "", ""},
		"in another place":      {entryOf(server, "http://staging:8080"), operation, "", ""},
		"another path":          {entryOf(path, "/v2/videos"), "", "", "client: request path: path"},
		"another loopback path": {entryOf(server+path, "http://[::1]/x"), "", "", "client: request path: path"},
		"another host":          {entryOf(server+path, "https://example.org/"), "", contract.UnjudgedHost, ""},
		"data":                  {entryOf(server+path, "data:text/plain,x"), "", contract.UnjudgedHost, ""},
		"no URL":                {entryOf(server, "https://%zz"), "", contract.UnjudgedHost, ""},
		"a blob":                {entryOf(server+path, "blob:"+server+"/1-2"), "", contract.UnjudgedHost, ""},
		"a websocket":           {entryOf("https:", "wss:", "404", "101"), "", contract.UnjudgedHost, ""},
		"a tunnel":              {entryOf("PATCH", "CONNECT", path, ":443"), "", contract.UnjudgedHost, ""},
		"odd, of another host": {
			entryOf(server+path, "https://example.org/", "404", `""`, "15", `"x"`), "", contract.UnjudgedHost, "",
		},

		"no entry":      {"null", "", contract.UnjudgedEntry, ""},
		"no object":     {"[5]", "", contract.UnjudgedEntry, ""},
		"no method":     {entryOf(`"PATCH"`, "5"), "", contract.UnjudgedEntry, ""},
		"an odd status": {entryOf("404", `"404"`), operation, contract.UnjudgedEntry, ""},
		"no request headers": {
			entryOf(`"headers": [
			{"name": "Content-Type"`, `"x": [
			{"name": "Content-Type"`), operation, contract.UnjudgedEntry, "",
		},
		"no response headers": {
			entryOf(`"headers": [{"name": "content-type"`, `"x": [{"name": "content-type"`), operation,
			contract.UnjudgedEntry, "",
		},
		"a preflight": {
			entryOf("PATCH", "OPTIONS", "Content-Type", "Origin", "x-api-key", "access-control-request-method"), "",
			contract.UnjudgedPreflight, "",
		},
		"OPTIONS of a program": {
			entryOf("PATCH", "OPTIONS", "Content-Type", "Origin"), "", "", "client: request method: method",
		},

		"aborted":                {entryOf("404", "0"), operation, contract.UnjudgedResponse, ""},
		"aborted, by Playwright": {entryOf("404", "-1"), operation, contract.UnjudgedResponse, ""},
		"no response":            {entryOf(`"response"`, `"x"`), operation, contract.UnjudgedResponse, ""},
		"broken off": {
			entryOf("404,", `404, "_error": "net::ERR_ABORTED",`, "31}", ""), operation, contract.UnjudgedBrokenOff, "",
		},
		"an error afterwards": {entryOf("404,", `404, "_failureText": "aborted",`), operation, "", ""},
		"no error":            {entryOf("404,", `404, "_error": null, "_failureText": "",`), operation, "", ""},

		"response not kept":           {entryOf(text, ""), operation, contract.UnjudgedResponseBody, ""},
		"response kept empty":         {entryOf(text, `, "text": ""`), operation, contract.UnjudgedResponseBody, ""},
		"response of an unknown size": {entryOf(text, "", "15", "-1"), operation, contract.UnjudgedResponseBody, ""},
		"response of size 0, but sent": {
			entryOf(text, "", "15", "0", "404,", `404, "bodySize": 9,`), operation, contract.UnjudgedResponseBody, "",
		},
		"response of size 0, but long": {
			entryOf(text, "", "15", "0", `[{"name": "content-type"`, `[{"name": "content-length", "value": "15"},
				{"name": "content-type"`), operation, contract.UnjudgedResponseBody, "",
		},
		"response empty":   {entryOf(text, "", "15", "0"), operation, "", "server: response 404 body: json"},
		"response cut off": {entryOf("31}", ""), operation, contract.UnjudgedResponseBody, ""},
		"HTML with an odd size": {
			entryOf(text, `, "text": "<html>"`, `"content-type", "value": "application/json"`,
				`"content-type", "value": "text/html"`),
			operation, "", "server: response 404 content type: content-type",
		},
		"response not base64": {
			entryOf(text, text+`, "encoding": "base64"`), operation, contract.UnjudgedResponseBody, "",
		},
		"unknown encoding": {
			entryOf(text, text+`, "encoding": "zip"`), operation, contract.UnjudgedResponseBody, "",
		},
		"an encoding that is none":       {entryOf(text, text+`, "encoding": "UTF-8"`), operation, "", ""},
		"undocumented, not kept":         {entryOf(text, "", "404", "302"), operation, "", "server: response status: status"},
		"304 with what the browser kept": {entryOf("404", "304"), operation, "", "server: response status: status"},
		"compressed by gzip": {
			entryOf(`"text": "{\"code\":400131}"`, `"text": "`+zipped+`", "encoding": "base64"`,
				`[{"name": "content-type"`, `[{"name": "content-encoding", "value": "gzip"}, {"name": "content-type"`),
			operation, "", "",
		},
		"compressed by something": {
			entryOf(`"text": "{\"code\":400131}"`, `"text": "GwAAgA==", "encoding": "base64"`,
				`[{"name": "content-type"`, `[{"name": "content-encoding", "value": "br"}, {"name": "content-type"`),
			operation, contract.UnjudgedCoding, "",
		},

		"type by mimeType": {
			entryOf(`[{"name": "content-type", "value": "application/json"}]`, `[]`), operation, "", "",
		},
		"a preflight of Chrome": {
			entryOf(`"PATCH"`, `"OPTIONS"`, `"request": {`, `"_resourceType": "preflight", "request": {`), "",
			contract.UnjudgedPreflight, "",
		},
		"a redirect of Chrome": {
			entryOf(`[{"name": "content-type"`, `[{"name": "Non-Authoritative-Reason", "value": "HSTS"},
				{"name": "content-type"`,
				"404", "307"), operation, contract.UnjudgedResponse, "",
		},
		"why Firefox kept nothing": {
			entryOf(text, `, "comment": "not included"`, "15", "0"), operation, contract.UnjudgedResponseBody, "",
		},
		"size 0 of an unknown size": {
			entryOf(text, "", "15", "0", "404,", `404, "bodySize": -1,`), operation, contract.UnjudgedResponseBody, "",
		},
		"text cut off": {entryOf(text, `, "text": " \"aa"`, "15", "90"), operation, contract.UnjudgedResponseBody, ""},
		"request cut off": {
			entryOf("20", "5000", `{\"endpoint_id\":\"e1\"}`, `{\"endpoint_id\":\"e1`), operation,
			contract.UnjudgedRequestBody, "",
		},

		"request not kept": {entryOf(postData, `"cookies": []`), operation, contract.UnjudgedRequestBody, ""},
		"request of an unknown size": {
			entryOf(`20`, `-1`, postData, `"cookies": []`), operation, contract.UnjudgedRequestBody, "",
		},
		"request of no size": {
			entryOf(`"bodySize": 20,`, ``, postData, `"cookies": []`), operation, contract.UnjudgedRequestBody, "",
		},
		"request of size 0, but long": {
			entryOf(`20`, `0`, postData, `"cookies": []`, "x-api-key", "X-Api-Key", `[
			{"name": "Content-Type"`, `[{"name": "content-length", "value": "20"},
			{"name": "Content-Type"`), operation, contract.UnjudgedRequestBody, "",
		},
		"request of size 0, but chunked": {
			entryOf(`20`, `0`, postData, `"cookies": []`, `[
			{"name": "Content-Type"`, `[{"name": "transfer-encoding", "value": "chunked"},
			{"name": "Content-Type"`), operation, contract.UnjudgedRequestBody, "",
		},
		"request with parameters": {
			entryOf(postData, `"postData": {"mimeType": "application/json", "params": []}`), operation,
			contract.UnjudgedRequestBody, "",
		},
		"neither kept":   {entryOf(postData, `"cookies": []`, text, ""), operation, contract.UnjudgedResponseBody, ""},
		"another method": {entryOf("PATCH", "POST"), "", "", "client: request method: method"},
		"no body":        {entryOf(`20`, `0`, postData, `"cookies": []`), operation, "", "client: request body: required"},
		"both broken": {
			entryOf("endpoint_id", "id", `"code\`, `"x\`), operation, "",
			"client: request body: required, server: response 404 body: required",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			entries, err := c.CheckHAR(strings.NewReader(archiveOf(entryOf(), test.entry)))
			if err != nil || len(entries) != 2 {
				t.Fatalf("got %v, error %v", entries, err)
			}
			got := entries[1]
			if got.Index != 1 || got.Operation != test.operation || got.Unjudged != test.unjudged ||
				strings.Join(texts(got.Findings), ", ") != test.findings {
				t.Errorf("got %+v", got)
			}
		})
	}
}

// Traffic that kept the document of its day may break a newer one.
func TestCheckHARByANewerDocument(t *testing.T) {
	t.Parallel()
	newer := strings.Replace(string(correctedDocument), `"required": [
          "endpoint_id"
        ]`, `"required": [
          "endpoint_id", "url"
        ]`, 1)
	for document, want := range map[string]int{string(correctedDocument): 0, newer: 1} {
		entries, err := load(t, []byte(document)).CheckHAR(strings.NewReader(archiveOf(entryOf())))
		if err != nil || len(entries) != 1 || len(entries[0].Findings) != want {
			t.Errorf("got %+v, error %v, want %d findings", entries, err, want)
		}
	}
}

func TestCheckHARRefuses(t *testing.T) {
	t.Parallel()
	const secret = "whsec_Zv4R7"
	c := load(t, correctedDocument)
	for text, want := range map[string]string{
		"":                "log.entries",
		`{"log":{}}`:      "log.entries",
		`[` + secret:      "log.entries",
		archiveOf() + "x": "log.entries",
	} {
		entries, err := c.CheckHAR(strings.NewReader(text))
		if entries != nil || err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), secret) {
			t.Errorf("%.40s: got %v, want an error with %q", text, err, want)
		}
	}
	if _, err := c.CheckHAR(errorReader{}); err == nil || !strings.Contains(err.Error(), "lost") {
		t.Errorf("got %v", err)
	}
	if entries, err := c.CheckHAR(strings.NewReader(archiveOf())); err != nil || entries == nil {
		t.Errorf("an empty archive: %v, %v", entries, err)
	}
}

// Whatever was recorded, nothing panics or hangs, and each entry was checked or has the reason why not.
func FuzzHAR(f *testing.F) {
	seed := func(method, target, contentType, sent string, status int, got string) {
		f.Add([]byte(har(f, "", traffic{
			method: method, target: target, sent: sent, status: status, contentType: contentType, got: got,
			header: http.Header{"Content-Type": {contentType}, "X-Api-Key": {"key"}},
		})))
	}
	seed("PATCH", "https://api.heygen.com"+path, "application/json", `{"endpoint_id":"e1"}`, 200, success(""))
	seed("GET", "data:,", "", "", 0, "")
	seed("", "/v1%2Fwebhook/endpoint.update?a=%zz", "a/b;=", "\xff", -1, "{}{}")
	for _, entry := range []string{
		entryOf(), entryOf("404", "0"), entryOf("20", "-1", "15", "1e999"),
		entryOf("PATCH", "OPTIONS", "Content-Type", "Origin"),
		entryOf(`"size": 15`, `"encoding": "base64"`), entryOf("404,", `404, "_error": "net::ERR_ABORTED",`), "null", "[]",
	} {
		f.Add([]byte(archiveOf(entry, entry)))
	}
	c := load(f, publishedDocument, contract.WithCollector(new(contract.Collector)))
	f.Fuzz(func(t *testing.T, archive []byte) {
		started := time.Now()
		entries, err := c.CheckHAR(bytes.NewReader(archive))
		if took := time.Since(started); took > 5*time.Second {
			t.Errorf("took %v", took)
		}
		if err != nil {
			return
		}
		for i, e := range entries {
			if e.Index != i || e.Operation == "" && e.Unjudged == "" && len(e.Findings) == 0 {
				t.Errorf("neither checked nor not: %+v", e)
			}
		}
	})
}
