package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/urfave/cli/v3"

	heygen "github.com/heygen-go/heygen/wrapper"
	v3 "github.com/heygen-go/heygen/wrapper/v3"
)

// onceHelp is about the flags of secretFlags.
const onceHelp = "HeyGen sends the secret once. --save-secret writes it into a new file, for --secret-file of\n" +
	"listen and deliver. If a call breaks off, the error has the Idempotency-Key, with which a repeated call\n" +
	"gets the response of the first within 24 hours, and so its secret."

// secretFlags are those of a command that gets a secret.
func secretFlags() []cli.Flag {
	return []cli.Flag{
		showSecretFlag(),
		&cli.StringFlag{
			Name: "save-secret", Usage: "new `FILE` for the signing secret, which only you can read", TakesFile: true,
		},
		&cli.StringFlag{
			Name: "idempotency-key", Usage: "`KEY` of the call; calls with one key act once", DefaultText: "random",
		},
	}
}

// getSecret makes a call whose response has a secret, and prints and saves that as the flags ask for.
func (p *program) getSecret(
	ctx context.Context, cmd *cli.Command, id string,
	call func(*v3.Client, v3.CallOption) (result any, got v3.WebhookSecret, err error),
) error {
	client, closeSandbox, err := connect(ctx, p, cmd, v3.NewClient)
	if err != nil {
		return err
	}
	defer closeSandbox()
	file, err := newSecretFile(cmd)
	if err != nil {
		return err
	}
	key := rand.Text()
	if cmd.IsSet("idempotency-key") {
		key = cmd.String("idempotency-key") // the client refuses one that is empty
	}
	again := "within 24 hours the same command with --idempotency-key " + key + " gets the response of the first call"
	result, got, err := call(client, v3.WithIdempotencyKey(key))
	if err != nil {
		file.remove()
		return p.ended(cmd, id, "the call may have taken effect; "+again, err)
	}
	if file != nil {
		err = file.save(got, again) // first, because a pipe may take its time to read what is printed
	}
	p.printEndpoint(cmd, result)
	switch {
	case file != nil:
		return err
	case p.stdout.err != nil:
		p.note("%s", again)
	case !got.Secret.IsZero() && !cmd.Bool("show-secret"):
		p.note("this secret is not shown again, but within 24 hours the same command "+
			"with --idempotency-key %s and --save-secret FILE saves it", key)
	}
	return nil
}

// secretFile is the file of --save-secret. It is made before the call, because the secret comes once. It is nil without
// the flag.
type secretFile struct{ file *os.File }

func newSecretFile(cmd *cli.Command) (*secretFile, error) {
	if !cmd.IsSet("save-secret") || cmd.Bool("dry-run") {
		return nil, nil
	}
	path := cmd.String("save-secret")
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil, usageFailure(cmd, "%s is there already: --save-secret takes a name for a new file", path)
	} else if err != nil {
		return nil, usageFailure(cmd, "the file of --save-secret cannot be made: %v", err)
	}
	return &secretFile{file}, nil
}

// save writes and closes the file, or removes it.
func (f *secretFile) save(got v3.WebhookSecret, again string) error {
	if got.Secret.IsZero() {
		f.remove()
		return &failure{
			Kind: heygen.KindMalformed, Message: "the response has no secret, so none is saved",
			next: "the call has taken effect; " + name + " endpoints rotate-secret gets a new secret",
		}
	}
	_, err := f.file.WriteString(got.Secret.Reveal() + "\n")
	if err = cmp.Or(err, f.file.Sync(), f.file.Close()); err == nil {
		return nil
	}
	f.remove()
	return &failure{
		Kind: heygen.KindTransport, Message: fmt.Sprintf("the secret cannot be saved: %v", withoutPath(err)),
		next: "the call has taken effect; " + again,
	}
}

func (f *secretFile) remove() {
	if f != nil {
		_ = f.file.Close() // on Windows an open file cannot be removed
		_ = os.Remove(f.file.Name())
	}
}
