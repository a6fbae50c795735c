package webhook_test

import (
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/heygen-go/heygen/webhook"
)

func claim(t *testing.T, s webhook.Store, want webhook.State, keys ...string) {
	t.Helper()
	if got, err := s.Claim(t.Context(), keys); got != want || err != nil {
		t.Errorf("claim %v: %v, %v; want %v", keys, got, err, want)
	}
}

func settle(t *testing.T, s webhook.Store, done bool, keys ...string) {
	t.Helper()
	if err := s.Settle(t.Context(), keys, done); err != nil {
		t.Error(err)
	}
}

func TestMemoryStore(t *testing.T) {
	t.Parallel()
	s := webhook.NewMemoryStore()
	claim(t, s, webhook.New, "a", "1")
	claim(t, s, webhook.Pending, "a", "2")
	claim(t, s, webhook.Pending, "b", "1")
	settle(t, s, false, "a", "1")
	claim(t, s, webhook.New, "a", "1")
	settle(t, s, true, "a", "1")
	settle(t, s, false, "a", "1") // done stays done
	claim(t, s, webhook.Done, "a")
	claim(t, s, webhook.New, "b")
	claim(t, s, webhook.Done, "b", "1") // one pending, one done
	claim(t, s, webhook.Done, "1", "b")
	claim(t, s, webhook.New, "2") // was never claimed, because its claim found "a"
	settle(t, s, true, "never claimed")
	claim(t, s, webhook.New, "never claimed")
	claim(t, s, webhook.New, "x", "x")
	settle(t, s, true, "x", "x")
	claim(t, s, webhook.Done, "x")
}

func TestMemoryStoreForgets(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := webhook.NewMemoryStore()
		claim(t, s, webhook.New, "pending")
		claim(t, s, webhook.New, "done")
		settle(t, s, true, "done")
		time.Sleep(25 * time.Hour)
		claim(t, s, webhook.Done, "done")
		time.Sleep(time.Nanosecond)
		claim(t, s, webhook.New, "done")
		claim(t, s, webhook.Pending, "pending")
	})
}

func TestMemoryStoreIsBounded(t *testing.T) {
	t.Parallel()
	const limit = 65_536
	s := webhook.NewMemoryStore()
	claim(t, s, webhook.New, "pending")
	for i := range limit {
		key := fmt.Sprint(i)
		claim(t, s, webhook.New, key)
		settle(t, s, true, key)
	}
	claim(t, s, webhook.Pending, "pending")
	claim(t, s, webhook.Done, fmt.Sprint(limit-1))
	claim(t, s, webhook.New, "0") // the oldest was forgotten
	claim(t, s, webhook.Done, "9")

	s = webhook.NewMemoryStore()
	for i := range limit {
		claim(t, s, webhook.New, fmt.Sprint(i))
	}
	if state, err := s.Claim(t.Context(), []string{"one more"}); err == nil {
		t.Errorf("a store full of pending keys: %v", state)
	}
	settle(t, s, true, "7")
	claim(t, s, webhook.New, "one more")
}

func TestMemoryStoreClaimsOnce(t *testing.T) {
	t.Parallel()
	s := webhook.NewMemoryStore()
	states := make(chan webhook.State, 50)
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() {
			state, err := s.Claim(t.Context(), []string{"a", fmt.Sprint(i)})
			if err != nil {
				t.Error(err)
			}
			states <- state
		})
	}
	wg.Wait()
	claimed := 0
	for range 50 {
		if <-states == webhook.New {
			claimed++
		}
	}
	if claimed != 1 {
		t.Errorf("claimed %d times", claimed)
	}
}
