package wire_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"

	"github.com/heygen-go/heygen/wire"
)

const planted = "whsec_planted<&>\"secret\""

// revelations are the ways in which a text could show up in print.
func revelations(text string) []string {
	return []string{
		text, "planted",
		hex.EncodeToString([]byte(text)), strings.ToUpper(hex.EncodeToString([]byte(text))),
		strings.Trim(fmt.Sprintf("%d", []byte(text)), "[]"), // 119 104 115
	}
}

func checkHidden(t *testing.T, how, printed string) {
	t.Helper()
	for _, revelation := range revelations(planted) {
		if strings.Contains(printed, revelation) {
			t.Errorf("%s reveals the secret: %s", how, printed)
			return
		}
	}
}

var verbs = []string{
	"%v", "%+v", "%#v", "%q", "%+q", "%#q", "%s", "%x", "%X", "% x", "%#x", "%d", "%c", "%U", "%b", "%o", "%t",
	"%e", "%g", "%p", "%T", "%w", "%z", "%50v", "%-50s", "%.3s",
}

func TestSecretIsRedactedByEveryVerb(t *testing.T) {
	t.Parallel()
	type exported struct{ Secret wire.Secret }
	type unexported struct{ secret wire.Secret }
	type pointers struct {
		Secret *wire.Secret
		secret *wire.Secret
	}
	type embedded struct{ wire.Secret }
	secret := wire.NewSecret(planted)
	holders := map[string]any{
		"value":             secret,
		"pointer":           &secret,
		"exported":          exported{secret},
		"&exported":         &exported{secret},
		"unexported":        unexported{secret},
		"&unexported":       &unexported{secret},
		"pointers":          pointers{&secret, &secret},
		"embedded":          embedded{secret},
		"slice":             []wire.Secret{secret},
		"pointers in slice": []*wire.Secret{&secret},
		"array":             [1]wire.Secret{secret},
		"map value":         map[string]wire.Secret{"k": secret},
		"map key":           map[wire.Secret]int{secret: 1},
		"unexported, deep":  map[string][]*unexported{"k": {{secret}}},
		"unexported slice":  struct{ secrets []wire.Secret }{[]wire.Secret{secret}},
		"any":               struct{ v any }{secret},
	}
	for name, holder := range holders {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, verb := range verbs {
				checkHidden(t, verb, fmt.Sprintf(verb, holder))
			}
			checkHidden(t, "Sprint", fmt.Sprint(holder))
			checkHidden(t, "Sprintln", fmt.Sprintln(holder))
			checkHidden(t, "Errorf", fmt.Errorf("%v: %w", holder, errors.ErrUnsupported).Error())
		})
	}
}

func TestSecretPrintsThatItIsThere(t *testing.T) {
	t.Parallel()
	for _, verb := range []string{"%v", "%+v", "%#v", "%q", "%s", "%x", "%d"} {
		if got := fmt.Sprintf(verb, wire.NewSecret(planted)); got != "[redacted]" {
			t.Errorf("%s prints %q, want [redacted]", verb, got)
		}
		if got := fmt.Sprintf(verb, wire.Secret{}); got != "" {
			t.Errorf("%s prints %q for no secret, want nothing", verb, got)
		}
	}
}

func TestSecretIsRedactedInLogs(t *testing.T) {
	t.Parallel()
	secret := wire.NewSecret(planted)
	handlers := map[string]func(*bytes.Buffer) slog.Handler{
		"text": func(log *bytes.Buffer) slog.Handler { return slog.NewTextHandler(log, nil) },
		"JSON": func(log *bytes.Buffer) slog.Handler { return slog.NewJSONHandler(log, nil) },
	}
	for name, newHandler := range handlers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log bytes.Buffer
			logger := slog.New(newHandler(&log))
			logger.Info("value", "secret", secret)
			logger.Info("pointer", "secret", &secret)
			logger.Info("group", slog.Group("endpoint", "secret", secret))
			logger.With("secret", secret).Info("with")
			logger.Info("text", "secret", secret.String())
			checkHidden(t, name, log.String())
			if got := strings.Count(log.String(), "[redacted]"); got != 5 {
				t.Errorf("%d of 5 records show [redacted]:\n%s", got, &log)
			}
		})
	}
}

func TestSecretRoundTripsAsData(t *testing.T) {
	t.Parallel()
	type endpoint struct {
		Secret wire.Secret `json:"secret,omitempty,omitzero"`
	}
	inBothCodecs(t, func(t *testing.T, c codec) {
		for _, text := range []string{planted, "x", "1esec_ZvRV3QFE12WZcYA1qSBwBA==", "é\n😀\x00", "null", ""} {
			sent := endpoint{wire.NewSecret(text)}
			var got endpoint
			marshalled := mustMarshal(t, c, sent)
			mustUnmarshal(t, c, marshalled, &got)
			if got.Secret.Reveal() != text {
				t.Errorf("%q is %q after a round trip by %s", text, got.Secret.Reveal(), marshalled)
			}
			if !got.Secret.Equal(sent.Secret) || !reflect.DeepEqual(got, sent) {
				t.Errorf("%q is not equal to itself after a round trip", text)
			}
		}
	})
}

func TestNoSecret(t *testing.T) {
	t.Parallel()
	inBothCodecs(t, func(t *testing.T, c codec) {
		for _, text := range []string{`null`, `""`} {
			got := wire.NewSecret("before")
			mustUnmarshal(t, c, text, &got)
			if !got.IsZero() || got.Reveal() != "" || got != (wire.Secret{}) {
				t.Errorf("%s reads as a secret", text)
			}
		}
		if got := mustMarshal(t, c, wire.Secret{}); got != "null" {
			t.Errorf("no secret marshals as %s, want null", got)
		}
	})
}

func TestSecretRefusesOtherJSON(t *testing.T) {
	t.Parallel()
	inBothCodecs(t, func(t *testing.T, c codec) {
		for _, text := range []string{`12345678`, `true`, `{"planted":"planted"}`, `["planted"]`} {
			got := wire.NewSecret("before")
			err := c.unmarshal([]byte(text), &got)
			switch {
			case err == nil:
				t.Errorf("%s reads as a secret", text)
			case strings.Contains(err.Error(), "planted") || strings.Contains(err.Error(), "12345678"):
				t.Errorf("%s: error %q quotes the secret", text, err)
			case got.Reveal() != "before":
				t.Errorf("%s was refused but changed the secret", text)
			}
		}
	})
}

func TestSecretsCompareByValue(t *testing.T) {
	t.Parallel()
	a, same, other := wire.NewSecret("a"), wire.NewSecret("a"), wire.NewSecret("b")
	if !a.Equal(same) || !reflect.DeepEqual(a, same) {
		t.Error("two secrets of the same text are not equal")
	}
	if a.Equal(other) || a.Equal(wire.Secret{}) || (wire.Secret{}).Equal(a) {
		t.Error("different secrets are equal")
	}
	if !(wire.Secret{}).Equal(wire.NewSecret("")) {
		t.Error("the secret of the empty text is not no secret")
	}
	if a.IsZero() || a.Reveal() != "a" {
		t.Errorf("IsZero() = %v, Reveal() = %q", a.IsZero(), a.Reveal())
	}
}

// A caller can pass anything to UnmarshalJSON, also what is not JSON.
func TestAHalfString(t *testing.T) {
	t.Parallel()
	var secret wire.Secret
	if err := secret.UnmarshalJSON([]byte(`"`)); err == nil {
		t.Errorf("half a string is the secret %q", secret.Reveal())
	}
}
