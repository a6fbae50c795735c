package webhook

import (
	"encoding/json"
	"strings"
)

// Details is what is known of "event_data", under one name each. HeyGen documents little of it and names the same
// thing differently from one type of event to the next. A field is "" if its member is missing, null, or not a text or
// a number.
type Details struct {
	VideoID       string // video_id
	TranslationID string // video_translate_id, video_translation_id, or id
	ProjectID     string // project_id, of a personalized video
	SessionID     string // session_id, of an agent
	CallbackID    string // callback_id, the caller's own; beside event_data in some deliveries

	URL            string // url or video_url; a success may have none
	PageURL        string // video_page_url
	SharePageURL   string // video_share_page_url
	LandingPageURL string // landing_page_url
	GIFURL         string // gif_download_url or gif_url
	GIFHTML        string // gif_html
	CaptionURL     string // caption_url or subtitle_url

	Message     string // why it failed: msg, message, error, reason, or failure_message
	FailureCode string // failure_code

	OutputLanguage string // output_language, of a translation
	FolderID       string // folder_id

	ContactInfo json.RawMessage // contact_info of a personalized video, whose form is not known; nil if it is missing
}

// Details returns what is known of the event's data. It fails for no data: what it cannot read is "".
func (e Event) Details() Details {
	data := map[string]json.RawMessage{}
	eachMember(e.Data, func(name, value []byte) { data[text(name)] = value })

	get := func(names ...string) string {
		for _, name := range names {
			if value := textOrNumber(data[name]); value != "" {
				return value
			}
		}
		return ""
	}
	details := Details{
		VideoID:       get("video_id"),
		TranslationID: get("video_translate_id", "video_translation_id", "id"),
		ProjectID:     get("project_id"),
		SessionID:     get("session_id"),
		CallbackID:    get("callback_id"),

		URL:            get("url", "video_url"),
		PageURL:        get("video_page_url"),
		SharePageURL:   get("video_share_page_url"),
		LandingPageURL: get("landing_page_url"),
		GIFURL:         get("gif_download_url", "gif_url"),
		GIFHTML:        get("gif_html"),
		CaptionURL:     get("caption_url", "subtitle_url"),

		Message:     get("msg", "message", "error", "reason", "failure_message"),
		FailureCode: get("failure_code"),

		OutputLanguage: get("output_language"),
		FolderID:       get("folder_id"),

		ContactInfo: data["contact_info"],
	}
	if details.CallbackID == "" {
		eachMember(e.Body, func(name, value []byte) {
			if text(name) == "callback_id" {
				details.CallbackID = textOrNumber(value)
			}
		})
	}
	return details
}

// textOrNumber returns a JSON string, or a number as it stands there, and "" for every other value and for none.
func textOrNumber(value json.RawMessage) string {
	if len(value) > 0 && strings.ContainsRune("-0123456789", rune(value[0])) {
		return string(value)
	}
	return text(value)
}
