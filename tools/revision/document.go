package revision

// documentAxis knows only that the document changed.
func documentAxis() Axis {
	return newAxis([]Change{{
		ID: "document-changed", Level: Compatible, Text: "the document changed; what changed in it is not compared yet",
	}})
}
