package main

import (
	"bytes"
	"strings"
)

// withEntry adds an entry to the section Changed of Unreleased, either of which it makes if it is missing.
func withEntry(changelog, entry []byte) []byte {
	text := string(bytes.TrimRight(changelog, "\n")) + "\n"
	start, end := section(text, "## ", "Unreleased", 0, len(text))
	if start < 0 {
		at := len(text)
		if first := strings.Index(text, "\n## "); first >= 0 {
			at = first + 1
		}
		return []byte(text[:at] + "## Unreleased\n\n### Changed\n\n" + string(entry) + "\n" + text[at:])
	}
	if from, to := section(text, "### ", "Changed", start, end); from >= 0 {
		start, end = from, to
	} else {
		entry = append([]byte("### Changed\n\n"), entry...)
		start = -1
	}
	before, after := strings.TrimRight(text[:end], "\n"), strings.TrimLeft(text[end:], "\n")
	gap := "\n"
	if start < 0 || !strings.Contains(text[start:end], "\n- ") {
		gap = "\n\n"
	}
	if after != "" {
		after = "\n" + after
	}
	return []byte(before + gap + string(entry) + after)
}

// section is where a heading's section begins and ends, within a part of a text; -1 if it is not there.
func section(text, mark, title string, from, to int) (start, end int) {
	start = -1
	at := from
	for line := range strings.Lines(text[from:to]) {
		switch heading := strings.TrimSpace(line); {
		case start < 0 && strings.EqualFold(heading, mark+title), start < 0 && strings.EqualFold(heading, mark+"["+title+"]"):
			start = at
		case start >= 0 && strings.HasPrefix(line, mark):
			return start, at
		}
		at += len(line)
	}
	return start, to
}
