// Command contractlive asks the real HeyGen, or the server of HEYGEN_BASE_URL, whether it keeps the contract. It sends
// five requests and prints what agreed with the documents and what did not, by party.
//
// It is meant for a throw-away endpoint. It sends what the operator names for it, twice, after a wrong key, a wrong id
// and an invalid URL, so that the endpoint ends with the values that were named. Nobody documents what the fields that
// are not sent become: events may change.
//
// Without its variables it says what it needs and exits with 0: skipped, not passed. It exits with 1 if the server
// broke the contract and with 2 if there was no answer.
package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"
)

const usage = `SKIPPED: nothing was sent and nothing was tested. Set
  HEYGEN_API_KEY       API key
  HEYGEN_ENDPOINT_ID   id of a webhook endpoint to throw away: nobody documents what an update does to the rest of it
  HEYGEN_ENDPOINT_URL  callback URL it has and is to have afterwards
  HEYGEN_BASE_URL      another server than https://api.heygen.com (optional)
  HEYGEN_HAR           file to write the exchanges to, without keys and secrets (optional; contract-live.har)
missing: %s
`

// settings are what the operator names.
type settings struct {
	key, endpointID, endpointURL string
	base, har                    string
}

func main() { os.Exit(run(os.Getenv, os.Stdout)) }

func run(getenv func(string) string, out io.Writer) (exit int) {
	s, missing := settingsOf(getenv)
	if len(missing) > 0 {
		fmt.Fprintf(out, usage, strings.Join(missing, ", "))
		return 0
	}
	agreed, err := s.live(out)
	switch {
	case err != nil:
		fmt.Fprintln(out, "contractlive:", err)
		return 2
	case !agreed:
		return 1
	}
	return 0
}

func settingsOf(getenv func(string) string) (s settings, missing []string) {
	for name, value := range map[string]*string{
		"HEYGEN_API_KEY": &s.key, "HEYGEN_ENDPOINT_ID": &s.endpointID, "HEYGEN_ENDPOINT_URL": &s.endpointURL,
	} {
		if *value = getenv(name); *value == "" {
			missing = append(missing, name)
		}
	}
	slices.Sort(missing)
	s.base = strings.TrimSuffix(cmp.Or(getenv("HEYGEN_BASE_URL"), "https://api.heygen.com"), "/")
	s.har = cmp.Or(getenv("HEYGEN_HAR"), "contract-live.har")
	return s, missing
}

// checkBase keeps the key off the network's wires.
func checkBase(base string) error {
	u, err := url.Parse(base)
	if err != nil || u.Host == "" {
		return errors.New("HEYGEN_BASE_URL is no URL with a host")
	}
	loopback := strings.EqualFold(u.Hostname(), "localhost") || net.ParseIP(u.Hostname()).IsLoopback()
	if u.Scheme != "https" && (u.Scheme != "http" || !loopback) {
		return errors.New("HEYGEN_BASE_URL is not https: want that, or http on loopback, to keep the API key secret")
	}
	return nil
}

// newClient follows no redirect: the key would go along.
func newClient(transport http.RoundTripper) *http.Client {
	return &http.Client{
		Transport: transport, Timeout: 30 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}
