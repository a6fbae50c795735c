package revision

// nextStep is the step of the release that is made from the new document: major if the code of importers, or a client
// that runs, breaks; minor if the Go API grows; patch if anything else changed. What an importer of the Go module sees
// counts, so a document that breaks without breaking either is a patch.
func nextStep(document, goAPI, client Axis) Step {
	switch {
	case goAPI.Verdict == Breaking || client.Verdict == Breaking:
		return Major
	case goAPI.Verdict == Compatible:
		return Minor
	case document.Verdict != None || client.Verdict != None:
		return Patch
	}
	return NoStep
}
