//go:build go1.27 && goexperiment.jsonv2

package wire

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"errors"
)

// UnmarshalJSONFrom does what UnmarshalJSON does. encoding/json of Go 1.27 and later calls it instead, and then
// parses the list once and not twice.
func (e *Events) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	if dec.PeekKind() != '[' {
		value, err := dec.ReadValue()
		if err != nil {
			return err
		}
		return e.UnmarshalJSON(value)
	}
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	types := make([]string, 0, 4)
	for dec.PeekKind() != ']' {
		if dec.PeekKind() != '"' {
			return errors.New("wire: events is neither null nor a list of strings")
		}
		types = append(types, "")
		if err := json.UnmarshalDecode(dec, &types[len(types)-1]); err != nil {
			return err
		}
	}
	*e = Events{types: types}
	_, err := dec.ReadToken()
	return err
}
