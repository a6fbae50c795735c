module github.com/heygen-go/heygen/tools/revision

go 1.26.0

// It is a module of its own so that what it needs (oasdiff, apidiff) cannot move the generator's versions in tools/.
replace (
	github.com/heygen-go/heygen => ../..
	github.com/heygen-go/heygen/tools => ..
)

require (
	golang.org/x/exp v0.0.0-20261014143641-f0251eb4aa3e
	golang.org/x/sync v0.24.0
)

require golang.org/x/tools v0.52.0 // indirect
