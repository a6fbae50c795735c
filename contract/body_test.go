package contract

import "testing"

func TestNumbersWithAFractionOrAnExponentAreFound(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		`1.5`: true, `-0.0`: true, `{"a":[1e2]}`: true, `1E2`: true, `{"a\"":1.5}`: true, `["\\",1.5]`: true,
		``: false, `1`: false, `{"a1.5":"1e5","b":[true,false,null]}`: false, `"\"1.5"`: false, `.e`: false, `"1.5`: false,
	} {
		if got := hasFraction([]byte(text)); got != want {
			t.Errorf("%s: %t", text, got)
		}
	}
}
