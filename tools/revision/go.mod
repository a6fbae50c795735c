module github.com/heygen-go/heygen/tools/revision

go 1.26.0

// It is a module of its own so that what it needs (oasdiff, apidiff) cannot move the generator's versions in tools/.
replace (
	github.com/heygen-go/heygen => ../..
	github.com/heygen-go/heygen/tools => ..
)
