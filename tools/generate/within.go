package generate

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// limit is how long making the code may take. It takes a second for the vendored page.
const limit = 30 * time.Second

// Within returns what a step returns. Once ctx is done, or after a limit, it returns an error instead, and the step
// goes on until the program ends: most libraries that read documents cannot be interrupted. A panic is an error too.
func Within[T any](ctx context.Context, limit time.Duration, step func(context.Context) (T, error)) (T, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("it takes more than %v", limit))
	defer cancel()
	type outcome struct {
		result T
		err    error
	}
	done := make(chan outcome, 1)
	go func() {
		var o outcome
		defer func() {
			if reason := recover(); reason != nil {
				o.err = fmt.Errorf("it panics: %v", reason)
			}
			done <- o
		}()
		o.result, o.err = step(ctx)
	}()
	select {
	case o := <-done:
		if ctx.Err() != nil && errors.Is(o.err, ctx.Err()) {
			o.err = context.Cause(ctx)
		}
		return o.result, o.err
	case <-ctx.Done():
		var none T
		return none, context.Cause(ctx)
	}
}
