package contract

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/dlclark/regexp2"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// maxMatch is how long one text is compared with a pattern that Go's regexp cannot run.
const maxMatch = 250 * time.Millisecond

var (
	errUnclearPattern = errors.New("neither engine runs it as ECMA-262 wants")
	errNoPattern      = errors.New("not a pattern of ECMA-262")
)

// parsePattern compiles a pattern of ECMA-262, which JSON Schema has: with Go's regexp, whose time is linear, or else
// with regexp2. It returns errUnclearPattern for one that may be right.
func parsePattern(text string) (jsonschema.Regexp, error) {
	translated, err := translate(text, `\b`, `\B`)
	if err != nil {
		return nil, err
	}
	if compiled, err := regexp.Compile(translated); err == nil {
		return compiled, nil
	}
	const word = `[0-9A-Za-z_]` // regexp2 has letters beyond ASCII in one, too
	const boundary = `(?:(?<=` + word + `)(?!` + word + `)|(?<!` + word + `)(?=` + word + `))`
	translated, _ = translate(text, boundary, `(?!`+boundary+`)`)
	compiled, err := regexp2.Compile(translated, regexp2.ECMAScript|regexp2.Unicode)
	switch {
	case err == nil:
		compiled.MatchTimeout = maxMatch
		return ecmaPattern{compiled}, nil
	case strings.Contains(strings.ToLower(text), `\p{`): // maybe a property that the engines do not know
		return nil, errUnclearPattern
	}
	return nil, errNoPattern
}

// token matches what of a pattern can mean something else to an engine: escapes, brackets, starts of groups, and dots.
var token = regexp.MustCompile(`(?s)\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|` +
	`\\u\{[0-9a-fA-F]{1,6}\}|\\x[0-9a-fA-F]{2}|\\c[A-Za-z]|\\[pP]\{[A-Za-z_=]+\}|\\k<|\\.?|` +
	`\(\?(?:[:=!]|<[=!A-Za-z_])?|\[\^?\]|[\[\].]`)

// What . does not match, what \s matches, and what \S matches in ECMA-262, as members of a class.
const (
	lineEnds  = "\n\r\u2028\u2029"
	blanks    = "\t-\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
	notBlanks = "\x00-\x08\x0e-\x1f!-\u009f\u00a1-\u167f\u1681-\u1fff\u200b-\u2027\u202a-\u202e\u2030-\u205e" +
		"\u2060-\u2fff\u3001-\ufefe\uff00-\U0010ffff"
)

var propertyKind = strings.NewReplacer("Script=", "", "sc=", "", "General_Category=", "", "gc=", "")

// translate writes a pattern of ECMA-262 so that the engines that take it run it as ECMA-262 wants.
func translate(text, boundary, notBoundary string) (translated string, err error) {
	inClass, named, numbered := false, false, false
	member := func(members string) string {
		if inClass {
			return members
		}
		return "[" + members + "]"
	}
	escape := func(found string) string {
		letter := found[min(1, len(found)-1):] // and what belongs to it
		switch {
		case letter[0] == 's':
			return member(blanks)
		case letter[0] == 'S':
			return member(notBlanks)
		case letter == "b" && inClass:
			return `\x08`
		case letter == "b":
			return boundary
		case letter == "B" && !inClass:
			return notBoundary
		case letter == "0":
			return `\x00`
		case letter[0] == 'c' && len(letter) == 2:
			return fmt.Sprintf(`\x%02x`, letter[1]&31)
		case letter[0] == 'u' && len(letter) > 1:
			var char string
			if digits, braced := strings.CutPrefix(letter, "u{"); braced {
				code, _ := strconv.ParseInt(strings.TrimSuffix(digits, "}"), 16, 32)
				char = string(rune(code))
			} else {
				_ = json.Unmarshal([]byte(`"`+found+`"`), &char)
			}
			if char == string(utf8.RuneError) { // half a character
				err = errUnclearPattern
			} else if char < "\x80" {
				return fmt.Sprintf(`\x%02x`, char)
			}
			return char
		case strings.Contains("pP", letter[:1]) && len(letter) > 1:
			return propertyKind.Replace(found)
		case '1' <= letter[0] && letter[0] <= '9':
			numbered = true
		case len(letter) > 1 && strings.Contains("xk", letter[:1]), strings.Contains("dDwWfnrtv", letter),
			letter[0] < utf8.RuneSelf && !unicode.IsLetter(rune(letter[0])) && found != `\`: // itself
		default:
			err = errNoPattern
		}
		return found
	}
	translated = token.ReplaceAllStringFunc(text, func(found string) string {
		switch {
		case found[0] == '\\':
			return escape(found)
		case found == "]":
			inClass = false
		case found == "[" && inClass: // else the class could be one of POSIX, or be subtracted
			return `\[`
		case found == "[":
			inClass = true
		case found[0] == '[' && inClass:
			inClass = false
			return `\` + found
		case found == "[]":
			return `(?!)`
		case found == "[^]":
			return `[\s\S]`
		case found == "." && !inClass:
			return member("^" + lineEnds)
		case found == "(?" && !inClass:
			err = errUnclearPattern
		case len(found) == 4 && found[3] > '=':
			named = true
		}
		return found
	})
	if named && numbered { // regexp2 numbers the groups with names after those without
		err = errUnclearPattern
	}
	return translated, err
}

type ecmaPattern struct{ *regexp2.Regexp }

func (p ecmaPattern) MatchString(text string) bool {
	matched, err := p.Regexp.MatchString(text)
	if err != nil {
		panic(tooManySteps{}) // caught by Contract.judge
	}
	return matched
}

// unknownPattern is a pattern that cannot be judged by. A schema that has one in its reach is not judged.
type unknownPattern struct{ text string }

func (p unknownPattern) String() string        { return p.text }
func (unknownPattern) MatchString(string) bool { return true }
