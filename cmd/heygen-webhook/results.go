package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

// The outcomes of an endpoint. Only "updated" is confirmed: HeyGen answered with success, and that was written down.
const (
	outcomeUpdated = "updated"
	outcomeFailed  = "failed"
)

// result is a line of the results file. It begins with the outcome, so that no other file is taken for one.
type result struct {
	Outcome    string `json:"outcome"`
	EndpointID string `json:"endpoint_id"`
	Status     int    `json:"status"`
	Code       string `json:"code"`
	Attempts   int    `json:"attempts"`
	Desired    string `json:"desired"` // the hash of the desired state
	Kind       kind   `json:"kind,omitempty"`
	Message    string `json:"message,omitempty"`
}

const beginOfResult = `{"outcome":"`

// resultsFile takes a line per endpoint. A line is written before its worker makes another call, so that whatever kills
// the program loses no line that another would rely on; the system may lose those of the last second if it fails
// itself. Their endpoints are updated again, which leaves the same state.
type resultsFile struct {
	file   *os.File
	whole  int64 // the length of the lines that an earlier run has left
	synced time.Time
}

func createResults(path string) (*resultsFile, error) {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	return &resultsFile{file: file, synced: time.Now()}, lock(file)
}

// resumeResults opens a results file, and returns the hashes of what it confirms by endpoint id.
func resumeResults(path string) (_ *resultsFile, confirmed map[string]string, err error) {
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return nil, nil, err
	}
	var whole int64
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() { // what is read from a pipe or a device may never end
		err = errors.New("it is not a regular file")
	}
	if err == nil {
		err = lock(file)
	}
	if err == nil {
		confirmed, whole, err = readResults(file)
	}
	if err != nil {
		return nil, nil, errors.Join(err, file.Close())
	}
	return &resultsFile{file: file, whole: whole, synced: time.Now()}, confirmed, nil
}

// cut removes a last line that was half written.
func (f *resultsFile) cut() error {
	if err := f.file.Truncate(f.whole); err != nil {
		return err
	}
	_, err := f.file.Seek(f.whole, io.SeekStart)
	return err
}

// readResults returns what is confirmed, and the length of all lines that are whole.
func readResults(r io.Reader) (confirmed map[string]string, whole int64, err error) {
	confirmed = map[string]string{}
	reader := bufio.NewReader(r)
	for number := 1; ; number++ {
		line, err := reader.ReadBytes('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, 0, err
		}
		if err != nil && halfResult(line) {
			return confirmed, whole, nil
		}
		var r result
		failed := err != nil || !bytes.HasPrefix(line, []byte(beginOfResult)) || json.Unmarshal(line, &r) != nil
		if failed || r.EndpointID == "" || r.Desired == "" {
			return nil, 0, fmt.Errorf("line %d is not a result of apply: is it a results file?", number)
		}
		whole += int64(len(line))
		if r.Outcome == outcomeUpdated {
			confirmed[r.EndpointID] = r.Desired
		} else { // the failed update may have been applied
			delete(confirmed, r.EndpointID)
		}
	}
}

// halfResult reports whether a text is the begin of a result.
func halfResult(text []byte) bool {
	n := min(len(text), len(beginOfResult))
	return string(text[:n]) == beginOfResult[:n]
}

func (f *resultsFile) write(r result) error {
	var line strings.Builder
	printJSON(&line, r)
	if _, err := io.WriteString(f.file, line.String()); err != nil {
		return err
	}
	if time.Since(f.synced) < time.Second {
		return nil
	}
	f.synced = time.Now()
	return f.file.Sync()
}

func (f *resultsFile) close() error {
	err := f.file.Sync()
	unlock(f.file)
	return errors.Join(err, f.file.Close())
}
