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

	"github.com/heygen-go/heygen/webhook"
	heygen "github.com/heygen-go/heygen/wrapper"
)

func (p *program) apiKey(ctx context.Context, cmd *cli.Command) (string, error) {
	return p.credential(ctx, cmd, "API key", "api-key-file", "HEYGEN_API_KEY", heygen.CheckAPIKey)
}

func (p *program) signingSecret(ctx context.Context, cmd *cli.Command) (string, error) {
	check := func(secret string) error { _, err := webhook.NewVerifier(secret); return err }
	return p.credential(ctx, cmd, "signing secret", "secret-file", "HEYGEN_WEBHOOK_SECRET", check)
}

// credential reads the file that a flag names, or else the environment, and refuses a text that cannot be what it
// should be.
func (p *program) credential(
	ctx context.Context, cmd *cli.Command, what, flag, variable string, check func(string) error,
) (string, error) {
	text, place := p.getenv(variable), variable
	if cmd.IsSet(flag) {
		var err error
		read := func() (string, error) { return readSecretFile(cmd, flag, what) }
		if text, err = until(ctx, "the "+what, read); err != nil {
			return "", err
		}
		place = "the file of --" + flag
	} else if text == "" {
		return "", &failure{
			Kind:    heygen.KindAuth,
			Message: "there is no " + what,
			next:    "put it into " + variable + ", or into a file that only you can read, and name that with --" + flag,
		}
	}
	if err := check(text); err != nil {
		return "", &failure{Kind: heygen.KindAuth, Message: oneLine(err), next: "check the " + what + " in " + place}
	}
	return text, nil
}

// checkKey names the place that the key came from.
func checkKey(cmd *cli.Command) string {
	if cmd.IsSet("api-key-file") {
		return "check the API key in the file of --api-key-file"
	}
	return "check the API key in HEYGEN_API_KEY"
}

func secretFlag() cli.Flag {
	return &cli.StringFlag{
		Name:      "secret-file",
		Usage:     "`FILE` with the signing secret, of a mode such as 0600; else $HEYGEN_WEBHOOK_SECRET",
		TakesFile: true,
	}
}

// receiverHelp says where the secret comes from, for the help.
const receiverHelp = "The signing secret is that of the endpoint, as HeyGen shows it, with its prefix. It comes\n" +
	"from the environment or a file, never from a flag. The rules for --api-key-file of update hold for the file."

// readSecretFile reads the file that a flag names. It has no error with the content of the file, nor with the name of
// a missing file, which may be the secret.
func readSecretFile(cmd *cli.Command, flag, what string) (string, error) {
	path := cmd.String(flag)
	file, err := os.Open(path)
	if err != nil {
		return "", usageFailure(cmd, "the file of --%s cannot be opened: %v", flag, withoutPath(err))
	}
	defer file.Close() //nolint:errcheck // it is only read
	info, err := file.Stat()
	if err != nil {
		return "", usageFailure(cmd, "%v", err)
	}
	if info.Mode().Type()&^fs.ModeNamedPipe != 0 {
		return "", usageFailure(cmd, "--%s takes a file or a pipe, and %s is neither", flag, path)
	}
	if others := othersCan(info.Mode()); others != "" && runtime.GOOS != "windows" { // whose files have no such mode
		f := usageFailure(cmd, "others can %s the %s in %s, whose mode is %04o", others, what, path, info.Mode().Perm())
		f.next = "chmod 600 " + path + ", or mount the secret with mode 0440"
		return "", f
	}
	content, err := io.ReadAll(io.LimitReader(file, maxSecretFile+1))
	if err != nil {
		return "", usageFailure(cmd, "%v", err)
	}
	if len(content) > maxSecretFile {
		return "", usageFailure(cmd, "%s is too large for its %s", path, what)
	}
	return strings.Trim(strings.TrimPrefix(string(content), byteOrderMark), "\r\n"), nil
}

// maxSecretFile is far more than a key or a secret has, in bytes. A pipe may never end.
const maxSecretFile = 64 << 10

// keyFileHelp is the rule of othersCan, for the help.
const keyFileHelp = "The file of --api-key-file must not be readable for others, who could use the key, nor\n" +
	"writable for others or its group, who could replace it by the key of another account. Its group may\n" +
	"read it, because containers mount secrets with modes such as 0440 and 0640."

// othersCan returns what others can do with a secret file of this mode that they must not do, or "".
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
