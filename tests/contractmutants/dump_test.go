package main

import (
	"fmt"
	"os"
	"sort"
	"testing"
)

func TestDump(t *testing.T) {
	pub, _ := os.ReadFile("../../contract/testdata/published.json")
	cor, _ := os.ReadFile("../../contract/testdata/corrected.json")
	published, _ := parse("published", pub)
	corrected, _ := parse("corrected", cor)
	var lines []string
	var total score
	for _, d := range []document{published, corrected} {
		judge, err := newJudge(d.text)
		if err != nil {
			t.Fatal(err)
		}
		ms := mutantsOf(d, corrected)
		for _, m := range ms {
			b := "good"
			if m.broken != nil {
				b = fmt.Sprint(*m.broken)
			}
			r := ""
			if m.exchange.reply != nil {
				r = fmt.Sprint(*m.exchange.reply)
			}
			lines = append(lines, fmt.Sprintf("%s|%v|%s|%v %s %s|%v|%.300q|%.300q", d.name, m.strict, b, m.exchange.method, m.exchange.path, "", m.exchange.header, m.exchange.sent, r))
		}
		total.add(rate(ms, judge))
	}
	sort.Strings(lines)
	f, _ := os.Create("/tmp/w/mutants-baseline.txt")
	for _, l := range lines {
		fmt.Fprintln(f, l)
	}
	f.Close()
	t.Log(total.String(), len(total.wrong))
	for _, w := range total.wrong[:min(5, len(total.wrong))] {
		t.Log(w)
	}
}
