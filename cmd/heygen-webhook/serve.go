package main

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/heygen-go/heygen/internal/loopback"
	heygen "github.com/heygen-go/heygen/wrapper"
)

func addrFlag() cli.Flag {
	return &cli.StringFlag{
		Name: "addr", Usage: "loopback `HOST:PORT` to listen on; port 0 is a free one", Value: "127.0.0.1:0",
	}
}

// listen listens on --addr, which other machines must not reach unless --public is given.
func listen(cmd *cli.Command) (net.Listener, error) {
	host, _, err := net.SplitHostPort(cmd.String("addr"))
	if err != nil {
		return nil, usageFailure(cmd, "--addr is not HOST:PORT")
	}
	if !loopback.Is(host) && !cmd.Bool("public") {
		f := usageFailure(cmd, "other machines reach --addr %s: give a loopback address such as 127.0.0.1:8080",
			cmd.String("addr"))
		if cmd.Name == "proxy" {
			f.Message += ", or --public"
		}
		return nil, f
	}
	listener, err := net.Listen("tcp", cmd.String("addr"))
	if err != nil {
		return nil, &failure{
			Kind: heygen.KindTransport, Message: err.Error(), next: "give another --addr; port 0 is a free one",
		}
	}
	return listener, nil
}

// serve serves until the context is done, and then ends the calls under way.
func serve(ctx context.Context, listener net.Listener, handler http.Handler) {
	server := &http.Server{
		Handler: handler, ReadHeaderTimeout: 10 * time.Second, ErrorLog: log.New(io.Discard, "", 0),
	}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = server.Serve(listener) // until Shutdown
	}()
	<-ctx.Done()
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	if err := server.Shutdown(limited); errors.Is(err, context.DeadlineExceeded) {
		_ = server.Close()
	}
	<-served // the listener is closed
}
