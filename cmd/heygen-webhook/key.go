package main

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"runtime"
	"strings"

	"github.com/urfave/cli/v3"

	heygen "github.com/heygen-go/heygen/wrapper"
)

// apiKey reads the key file or else the environment, and refuses a text that cannot be a key.
func (p *program) apiKey(ctx context.Context, cmd *cli.Command) (string, error) {
	key := p.getenv("HEYGEN_API_KEY")
	if cmd.IsSet("api-key-file") {
		var err error
		read := func() (string, error) { return readKeyFile(cmd, cmd.String("api-key-file")) }
		if key, err = until(ctx, "the API key", read); err != nil {
			return "", err
		}
	} else if key == "" {
		return "", &failure{
			Kind:    heygen.KindAuth,
			Message: "there is no API key",
			next:    "put it into HEYGEN_API_KEY, or into a file that only you can read, and name that with --api-key-file",
		}
	}
	if err := heygen.CheckAPIKey(key); err != nil {
		return "", &failure{Kind: heygen.KindAuth, Message: err.Error(), next: checkKey(cmd)}
	}
	return key, nil
}

// checkKey names the place that the key came from.
func checkKey(cmd *cli.Command) string {
	if cmd.IsSet("api-key-file") {
		return "check the API key in the file of --api-key-file"
	}
	return "check the API key in HEYGEN_API_KEY"
}

// readKeyFile has no error with the content of the file, nor with the name of a missing file, which may be the key.
func readKeyFile(cmd *cli.Command, path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", usageFailure(cmd, "the file of --api-key-file cannot be opened: %v", withoutPath(err))
	}
	defer file.Close() //nolint:errcheck // it is only read
	info, err := file.Stat()
	if err != nil {
		return "", usageFailure(cmd, "%v", err)
	}
	if info.Mode().Type()&^fs.ModeNamedPipe != 0 {
		return "", usageFailure(cmd, "--api-key-file takes a file or a pipe, and %s is neither", path)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o044 != 0 {
		f := usageFailure(cmd, "others can read the API key in %s, whose mode is %04o", path, info.Mode().Perm())
		f.next = "chmod 600 " + path
		return "", f
	}
	content, err := io.ReadAll(file)
	if err != nil {
		return "", usageFailure(cmd, "%v", err)
	}
	return strings.Trim(string(content), "\r\n"), nil
}

func withoutPath(err error) error {
	if failed, ok := errors.AsType[*fs.PathError](err); ok {
		return failed.Err
	}
	return err
}
