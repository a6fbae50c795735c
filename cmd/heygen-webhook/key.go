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
	if others := othersCan(info.Mode()); others != "" && runtime.GOOS != "windows" { // whose files have no such mode
		f := usageFailure(cmd, "others can %s the API key in %s, whose mode is %04o", others, path, info.Mode().Perm())
		f.next = "chmod 600 " + path + ", or mount the secret with mode 0440"
		return "", f
	}
	content, err := io.ReadAll(io.LimitReader(file, maxKeyFile+1))
	if err != nil {
		return "", usageFailure(cmd, "%v", err)
	}
	if len(content) > maxKeyFile {
		return "", usageFailure(cmd, "%s is too large for an API key", path)
	}
	return strings.Trim(strings.TrimPrefix(string(content), byteOrderMark), "\r\n"), nil
}

// maxKeyFile is far more than an API key has, in bytes. A pipe may never end.
const maxKeyFile = 64 << 10

// keyFileHelp is the rule of othersCan, for the help.
const keyFileHelp = "The file of --api-key-file must not be readable for others, who could use the key, nor\n" +
	"writable for others or its group, who could replace it by the key of another account. Its group may\n" +
	"read it, because containers mount secrets with modes such as 0440 and 0640."

// othersCan returns what others can do with a key file of this mode that they must not do, or "".
func othersCan(mode fs.FileMode) string {
	switch {
	case mode.Perm()&0o022 != 0:
		return "write"
	case mode.Perm()&0o004 != 0:
		return "read"
	}
	return ""
}

func withoutPath(err error) error {
	if failed, ok := errors.AsType[*fs.PathError](err); ok {
		return failed.Err
	}
	return err
}
