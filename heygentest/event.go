package heygentest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// knownEvents has the types of events whose members were seen: what version 3 says of each, in our words, and the data,
// with $ID for a fresh id.
var knownEvents = map[string]struct{ description, data string }{
	"avatar_video.success": {
		"A video was made.",
		`{"video_id":"$ID","url":"https://files.example.org/$ID.mp4",` +
			`"gif_download_url":"https://files.example.org/$ID.gif","video_page_url":"https://app.example.org/videos/$ID",` +
			`"video_share_page_url":"https://app.example.org/share/$ID","folder_id":null,"callback_id":null}`,
	},
	"avatar_video.fail": {
		"A video could not be made.",
		`{"video_id":"$ID","msg":"the sandbox failed on purpose","callback_id":null}`,
	},
	"avatar_video_caption.success": {
		"The captions of a video were made.",
		`{"video_id":"$ID","caption_url":"https://files.example.org/$ID.srt","callback_id":null}`,
	},
	"video_translate.success": {
		"A video was translated.",
		`{"video_translate_id":"$ID","url":"https://files.example.org/$ID.mp4","output_language":"French",` +
			`"callback_id":null}`,
	},
	"video_translate.fail": {
		"A video could not be translated.",
		`{"video_translate_id":"$ID","message":"the sandbox failed on purpose","callback_id":null}`,
	},
	"personalized_video": {
		"A video for one contact was made.",
		`{"project_id":"$ID","video_id":"$ID","video_url":"https://files.example.org/$ID.mp4",` +
			`"landing_page_url":"https://pages.example.org/$ID","gif_url":"https://files.example.org/$ID.gif",` +
			`"gif_html":"<img src=\"https://files.example.org/$ID.gif\">","contact_info":{"first_name":"Ada"}}`,
	},
}

// EventTypes returns the types of events whose data [Event] knows, sorted. HeyGen has more, and adds some.
func EventTypes() []string { return slices.Sorted(maps.Keys(knownEvents)) }

// Event returns the JSON of an event as HeyGen delivers it, for [Sandbox.Deliver] and [Sandbox.Emit], with a fresh id
// of 32 hex digits. The members of its data are those that others recorded; HeyGen documents few. The data of a type
// that nobody recorded is an empty object.
func Event(eventType string) []byte {
	data := cmp.Or(knownEvents[eventType].data, "{}")
	name, err := json.Marshal(eventType)
	if err != nil {
		panic(fmt.Sprintf("heygentest: Event: %v", err)) // cannot happen: a string has JSON
	}
	return fmt.Appendf(nil, `{"event_type":%s,"event_data":%s}`, name, strings.ReplaceAll(data, "$ID", newID()))
}
