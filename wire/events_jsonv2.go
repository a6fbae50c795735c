//go:build go1.27 && goexperiment.jsonv2

package wire

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"errors"
)

// UnmarshalJSONFrom is UnmarshalJSON for Go 1.27 and later, whose encoding/json calls it without parsing the list twice.
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
