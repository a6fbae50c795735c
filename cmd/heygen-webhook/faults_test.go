package main

import (
	"strings"
	"testing"
)

// A fault is read as it is written: by heygentest in its records, and by users in a faults file.
func TestFaultTexts(t *testing.T) {
	t.Parallel()
	texts := map[string][]string{
		"respond":          {"respond 200 tea", "respond 204"},
		"error":            {"error 200 400131 no", "error 503 5000"},
		"error-v3":         {"error-v3 409 request_in_progress busy", "error-v3 402 insufficient_credit"},
		"reset-late":       {"reset-late"},
		"redirect":         {"redirect 307 http://127.0.0.1:1/"},
		"retry-after":      {"retry-after 2s"},
		"retry-after-date": {"retry-after-date 2s"},
		"delay":            {"delay 1ms"},
		"hang":             {"hang"},
		"reset":            {"reset"},
		"slow-body":        {"slow-body 10ms"},
		"truncate":         {"truncate"},
		"oversize":         {"oversize"},
		"header":           {"header Content-Type text/html", "header Content-Type"},
		"set":              {`set /data/status "paused"`, "set /data/secret null", `set /data/color {"a":[1]}`},
		"remove":           {"remove /data/username"},
	}
	for _, shape := range shapes {
		texts["shape"] = append(texts["shape"], "shape 502 "+string(shape))
	}
	for _, kind := range faultKinds {
		if len(texts[kind.name()]) == 0 {
			t.Errorf("there is no text for %s", kind.name())
		}
		for _, text := range texts[kind.name()] {
			if fault, err := parseFault(text); err != nil || fault.String() != text {
				t.Errorf("%s: read as %q, %v", text, fault, err)
			}
		}
		_, _, takes := strings.Cut(kind.usage, " ")
		_, err := parseFault(kind.name())
		if takes == (err == nil) || err != nil && !strings.HasPrefix(err.Error(), kind.usage+": want ") {
			t.Errorf("%s without arguments: %v", kind.name(), err)
		}
	}
	if fault, err := parseFault("normal"); err != nil || fault.String() != "" {
		t.Errorf("normal: read as %q, %v", fault, err)
	}
	const tab = "error-v3 409 request_in_progress\tbusy"
	if fault, err := parseFault(tab); err != nil || fault.String() != strings.Replace(tab, "\t", " ", 1) {
		t.Errorf("with a tab: read as %q, %v", fault, err)
	}
}

func TestMistakesInAFaultText(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                    `no fault is called ""; there are normal, respond, error, error-v3, shape, redirect, `,
		"explode":             `no fault is called "explode"; there are normal, `,
		"normal 1":            `no fault is called "normal"`,
		"hang 2s":             `hang: want nothing more, not "2s"`,
		"respond":             "want a number",
		"respond abc":         "want a number",
		"respond 100":         "want a status from 200 to 599",
		"respond 600":         "want a status from 200 to 599",
		"error 500":           "want a number",
		"error-v3 500":        "error-v3 STATUS WORD [MESSAGE]: want a WORD",
		"shape 500 v9":        "want one of the shapes code-msg, detail, empty, foreign, html, json-string, v1, v2, v3",
		"shape 500 html page": `want nothing more, not "page"`,
		"redirect 307":        "want a URL",
		"delay 2":             "want a duration such as 2s or 300ms",
		"delay -2s":           "want a duration",
		"header":              "want a NAME",
		"set":                 "want a pointer",
		"set data 1":          "want a JSON pointer such as /data/status",
		"set /data":           `want JSON such as "text" or null`,
		"set /data/status on": `want JSON such as "text" or null`,
		"remove /a b":         `want nothing more, not "b"`,
	} {
		if _, err := parseFault(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

func TestDeliveryFaultTexts(t *testing.T) {
	t.Parallel()
	for _, kind := range deliveryFaultKinds {
		texts := []string{kind.usage}
		if kind.name() == "stale" {
			texts = []string{"stale 10m0s", "stale -1h0m0s"}
		}
		for _, text := range texts {
			if fault, err := parseDeliveryFault(text); err != nil || fault.String() != text {
				t.Errorf("%s: read as %q, %v", text, fault, err)
			}
		}
	}
	for text, want := range map[string]string{
		"":         `no fault of a delivery is called ""; there are once, unsigned, other-secret, tampered, `,
		"late":     `no fault of a delivery is called "late"`,
		"stale":    "stale DURATION: want a duration",
		"stale 10": "want a duration such as 10m or -10m",
		"twice 2":  `twice: want nothing more, not "2"`,
	} {
		if _, err := parseDeliveryFault(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}
