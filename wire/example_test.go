package wire_test

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/heygen-go/heygen/wire"
)

// The three things an update can say about events.
func ExampleEvents() {
	type request struct {
		EndpointID string      `json:"endpoint_id"`
		Events     wire.Events `json:"events,omitzero"`
	}
	for _, events := range []wire.Events{
		{},               // leave the subscription as it is
		wire.AllEvents(), // every event
		wire.OnlyEvents("avatar_video.success", "avatar_video.fail"), // these and no other
	} {
		body, err := json.Marshal(request{EndpointID: "1b7c53df", Events: events})
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(string(body))
	}
	// Output:
	// {"endpoint_id":"1b7c53df"}
	// {"endpoint_id":"1b7c53df","events":null}
	// {"endpoint_id":"1b7c53df","events":["avatar_video.success","avatar_video.fail"]}
}

func ExampleEvents_Includes() {
	const eventType = "avatar_video.success"
	fmt.Println(wire.AllEvents().Includes(eventType))
	fmt.Println(wire.OnlyEvents("avatar_video.fail").Includes(eventType))
	fmt.Println(wire.Events{}.Includes(eventType)) // not reported, so not known
	// Output:
	// true
	// false
	// false
}

func ExampleEvents_Types() {
	fmt.Printf("%q\n", wire.OnlyEvents("avatar_video.success").Types())
	fmt.Println(wire.OnlyEvents().Types() == nil, wire.AllEvents().Types() == nil)
	// Output:
	// ["avatar_video.success"]
	// false true
}

// HeyGen writes no zone; the time is in UTC.
func ExampleTimestamp() {
	var created wire.Timestamp
	if err := json.Unmarshal([]byte(`"2025-10-22T08:31:48"`), &created); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(created.Time.Format(time.RFC1123))
	fmt.Println(created)
	// Output:
	// Wed, 22 Oct 2025 08:31:48 UTC
	// 2025-10-22T08:31:48
}

// A time that cannot be read is no error: its text is kept.
func ExampleTimestamp_unreadable() {
	var created wire.Timestamp
	if err := json.Unmarshal([]byte(`"yesterday"`), &created); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(created.Time.IsZero(), created.Raw)
	// Output: true yesterday
}

// A secret is shown only when asked for by name; JSON carries it, because there it is data.
func ExampleSecret() {
	secret := wire.NewSecret("whsec_123456")
	fmt.Printf("%v %+v %#v\n", secret, secret, secret)
	fmt.Println(secret.Reveal())
	body, err := json.Marshal(secret)
	fmt.Println(string(body), err)
	// Output:
	// [redacted] [redacted] [redacted]
	// whsec_123456
	// "whsec_123456" <nil>
}
