package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"github.com/heygen-go/heygen/contract"
)

type junitSuites struct {
	XMLName  xml.Name `xml:"testsuites"`
	Tests    int      `xml:"tests,attr"`
	Failures int      `xml:"failures,attr"`
	Skipped  int      `xml:"skipped,attr"`
	Suites   []junitSuite
}

type junitSuite struct {
	XMLName  xml.Name `xml:"testsuite"`
	Name     string   `xml:"name,attr"`
	Tests    int      `xml:"tests,attr"`
	Failures int      `xml:"failures,attr"`
	Skipped  int      `xml:"skipped,attr"`
	Cases    []junitCase
}

type junitCase struct {
	XMLName xml.Name   `xml:"testcase"`
	Class   string     `xml:"classname,attr"`
	Name    string     `xml:"name,attr"`
	Failure *junitText `xml:"failure"`
	Skipped *junitText `xml:"skipped"`
	Output  string     `xml:"system-out,omitempty"`
}

type junitText struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr,omitempty"` // the parties
	Text    string `xml:",chardata"`
}

// JUnit writes one test suite for each operation and in it one test for the request and for each response. A test
// fails if there was a violation; it is skipped if its message was never seen. Allowed findings are output of the test.
// The last suite has a skipped test for everything that was not checked.
func JUnit(w io.Writer, s contract.Summary) error {
	var all junitSuites
	for _, operation := range s.Operations {
		suite := junitSuite{Name: nameOf(operation.Operation)}
		for _, message := range operation.Messages {
			test := junitTest(s, operation, message)
			suite.Cases = append(suite.Cases, test)
			suite.Tests++
			if test.Failure != nil {
				suite.Failures++
			}
			if test.Skipped != nil {
				suite.Skipped++
			}
		}
		all.add(suite)
	}
	if n := len(s.Unjudged); n > 0 {
		suite := junitSuite{Name: "not checked, or only in part", Tests: n, Skipped: n}
		for _, u := range s.Unjudged {
			suite.Cases = append(suite.Cases, junitCase{
				Class: nameOf(u.Operation), Name: string(u.Reason), Skipped: &junitText{Message: reason(u)},
			})
		}
		all.add(suite)
	}
	text, err := xml.MarshalIndent(all, "", "  ")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s%s\n", xml.Header, text)
	return err
}

func (all *junitSuites) add(suite junitSuite) {
	all.Suites = append(all.Suites, suite)
	all.Tests += suite.Tests
	all.Failures += suite.Failures
	all.Skipped += suite.Skipped
}

func junitTest(s contract.Summary, operation contract.OperationSummary, message contract.MessageSummary) junitCase {
	test := junitCase{Class: nameOf(operation.Operation), Name: message.Message}
	if message.Seen == 0 {
		test.Skipped = &junitText{Message: "never seen"}
		return test
	}
	var broken, allowed []string
	blamed := map[contract.Party]bool{}
	for _, f := range s.Findings {
		if f.Operation != operation.Operation || f.Message != message.Message {
			continue
		}
		text := string(f.Party) + ": " + line(f)
		if f.Allowed {
			allowed = append(allowed, text)
			continue
		}
		broken = append(broken, text)
		blamed[f.Party] = true
	}
	if len(broken) > 0 {
		message := fmt.Sprintf("%d findings", len(broken))
		if len(broken) == 1 {
			message = "1 finding"
		}
		test.Failure = &junitText{message, joinParties(blamed), strings.Join(broken, "\n")}
	}
	test.Output = strings.Join(allowed, "\n")
	return test
}

func joinParties(found map[contract.Party]bool) string {
	var names []string
	for _, party := range parties {
		if found[party] {
			names = append(names, string(party))
		}
	}
	return strings.Join(names, ",")
}
