package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/heygen-go/heygen/heygentest"
)

// deliveryFaultKind is a kind of fault of a delivery.
type deliveryFaultKind struct {
	usage  string // its name and its argument, "stale DURATION"
	effect string // what the receiver sees

	parse func(*arguments) heygentest.DeliveryFault
}

// deliveryFaultKinds are all kinds of faults of deliveries, in the order of the help.
var deliveryFaultKinds = []deliveryFaultKind{
	{"once", "no repeat of what gets no 2xx", deliveryFault(heygentest.DeliverOnce)},
	{"unsigned", "no signature", deliveryFault(heygentest.DeliverUnsigned)},
	{"other-secret", "a signature by another secret", deliveryFault(heygentest.DeliverOtherSecret)},
	{"tampered", "an event that was changed after it was signed", deliveryFault(heygentest.DeliverTampered)},
	{"re-encoded", "an event that was formatted anew after it was signed, as relays do",
		deliveryFault(heygentest.DeliverReencoded)},
	{"stale DURATION", "a time that is so long ago, or to come: stale -10m", func(a *arguments) heygentest.DeliveryFault {
		return heygentest.DeliverStale(a.age())
	}},
	{"twice", "every attempt twice at the same time", deliveryFault(heygentest.DeliverTwice)},
	{"replayed", "the same again, under another id", deliveryFault(heygentest.DeliverReplayed)},
	{"headers-v1", "the header of version 1, Signature; that is the default", deliveryFault(heygentest.DeliverHeadersV1)},
	{"headers-v3", "the headers of version 3, with an id and a time", deliveryFault(heygentest.DeliverHeadersV3)},
	{"hang-up", "a sender that closes the first connection before the response", deliveryFault(heygentest.DeliverHangUp)},
}

func deliveryFault(fault func() heygentest.DeliveryFault) func(*arguments) heygentest.DeliveryFault {
	return func(*arguments) heygentest.DeliveryFault { return fault() }
}

// parseDeliveryFault reads a fault of a delivery: the name of a kind and, separated by a space, its argument, such as
// "unsigned" or "stale 10m". heygentest.DeliveryFault.String writes this form.
func parseDeliveryFault(text string) (heygentest.DeliveryFault, error) {
	name, rest, _ := strings.Cut(strings.TrimSpace(text), " ")
	var names []string
	for _, kind := range deliveryFaultKinds {
		kindName, _, _ := strings.Cut(kind.usage, " ")
		names = append(names, kindName)
		if kindName != name {
			continue
		}
		a := &arguments{text: strings.TrimSpace(rest)}
		fault := kind.parse(a)
		if a.text != "" {
			a.wrong(fmt.Sprintf("nothing more, not %q", a.text))
		}
		if a.err != nil {
			return heygentest.DeliveryFault{}, fmt.Errorf("%s: %w", kind.usage, a.err)
		}
		return fault, nil
	}
	return heygentest.DeliveryFault{}, fmt.Errorf("no fault of a delivery is called %q; there are %s",
		name, strings.Join(names, ", "))
}

// age is a duration that may be negative.
func (a *arguments) age() time.Duration {
	d, err := time.ParseDuration(a.word("duration"))
	if err != nil {
		a.wrong("a duration such as 10m or -10m")
	}
	return d
}
