package main

import (
	"net/url"

	"github.com/urfave/cli/v3"

	"github.com/heygen-go/heygen/internal/loopback"
)

// receiverURL reads a flag with the URL of a receiver: an https one, or an http one on loopback, and on loopback alone
// with onlyLocal. Its error does not quote the URL, which may hold a token.
func receiverURL(cmd *cli.Command, flag string, onlyLocal bool) (*url.URL, error) {
	u, err := url.Parse(cmd.String(flag))
	switch {
	case err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https":
		return nil, usageFailure(cmd, "--%s is missing, or not an absolute http or https URL", flag)
	case loopback.Is(u.Hostname()):
		return u, nil
	case onlyLocal:
		return nil, usageFailure(cmd, "--%s is not on loopback: give one such as http://127.0.0.1:8080/hook", flag)
	case u.Scheme == "http":
		return nil, usageFailure(cmd, "--%s is not https; http is allowed on loopback only", flag)
	}
	return u, nil
}
