module example.com/consumer

go 1.26.0

require github.com/heygen-go/heygen v0.0.0

require github.com/go-json-experiment/json v1.27.2 // indirect

replace github.com/heygen-go/heygen => ../../..
