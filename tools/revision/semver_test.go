package revision

import "testing"

func TestNextStep(t *testing.T) {
	t.Parallel()
	tests := []struct {
		document, goAPI, client Verdict
		want                    Step
	}{
		{None, None, None, NoStep},
		{Compatible, None, None, Patch},
		{Breaking, None, None, Patch},
		{Compatible, None, Compatible, Patch},
		{Compatible, Compatible, None, Minor},
		{Breaking, Compatible, Compatible, Minor},
		{Compatible, Breaking, None, Major},
		{Compatible, None, Breaking, Major},
		{Breaking, Compatible, Breaking, Major},
	}
	for _, tt := range tests {
		got := nextStep(Axis{Verdict: tt.document}, Axis{Verdict: tt.goAPI}, Axis{Verdict: tt.client})
		if got != tt.want {
			t.Errorf("document %s, Go %s, client %s: %s, want %s", tt.document, tt.goAPI, tt.client, got, tt.want)
		}
	}
}
