package webhook

import (
	"container/list"
	"context"
	"errors"
	"sync"
	"time"
)

// State is what a [Store] knows of a delivery.
type State int

const (
	New     State = iota + 1 // no key was known; now they are pending
	Pending                  // a delivery with one of the keys is being worked on
	Done                     // a delivery with one of the keys was worked on
)

// Store remembers deliveries by their keys, so that a duplicate is not worked on again. A delivery has one or two keys:
// of the signed body, and of the event's id if there is one. Keys are printable and at most 69 bytes.
//
// A store for several processes keeps the keys in a database. Its Claim must be atomic, and should take keys that have been
// pending for some minutes as new, because the process that claimed them may have died. HeyGen repeats a delivery for up to
// 24 hours; keep done keys a little longer.
//
// The handler responds with 503 to a delivery for which a method returns an error; HeyGen then repeats it.
type Store interface {
	// Claim returns Done if one of the keys is done, else Pending if one is pending, and changes nothing in both cases, so that a
	// copy of a delivery with another id does not use up that id. Otherwise it makes all keys pending and returns New.
	Claim(ctx context.Context, keys []string) (State, error)
	// Settle makes keys that Claim made pending done, or else unknown again.
	Settle(ctx context.Context, keys []string, done bool) error
}

const (
	memoryKeys = 65_536
	memoryTime = 25 * time.Hour
)

// MemoryStore is a [Store] in the memory of one process. It keeps at most 65,536 keys, and a done one for at most 25 hours.
// When it is full it forgets the key that was done first, so that a duplicate of that delivery would be worked on again. It is safe
// for concurrent use.
type MemoryStore struct {
	mu      sync.Mutex
	entries map[string]*entry
	done    list.List // of the done *entry, oldest first
}

type entry struct {
	key     string
	expires time.Time // zero while pending
}

// NewMemoryStore returns an empty MemoryStore.
func NewMemoryStore() *MemoryStore { return &MemoryStore{entries: map[string]*entry{}} }

// Claim implements [Store]. It returns an error if the store is full of pending keys.
func (s *MemoryStore) Claim(_ context.Context, keys []string) (State, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forget(func(oldest *entry) bool { return time.Now().After(oldest.expires) })
	state := New
	for _, key := range keys {
		switch entry := s.entries[key]; {
		case entry == nil:
		case entry.expires.IsZero() && state == New:
			state = Pending
		case !entry.expires.IsZero():
			state = Done
		}
	}
	if state != New {
		return state, nil
	}
	s.forget(func(*entry) bool { return len(s.entries)+len(keys) > memoryKeys })
	if len(s.entries)+len(keys) > memoryKeys {
		return 0, errors.New("webhook: too many deliveries are being worked on at once")
	}
	for _, key := range keys {
		s.entries[key] = &entry{key: key}
	}
	return New, nil
}

// Settle implements [Store]. It returns no error.
func (s *MemoryStore) Settle(_ context.Context, keys []string, done bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, key := range keys {
		entry := s.entries[key]
		switch {
		case entry == nil || !entry.expires.IsZero():
		case done:
			entry.expires = time.Now().Add(memoryTime)
			s.done.PushBack(entry)
		default:
			delete(s.entries, key)
		}
	}
	return nil
}

// forget removes done keys, the oldest first, while a condition holds for the oldest.
func (s *MemoryStore) forget(while func(oldest *entry) bool) {
	for front := s.done.Front(); front != nil && while(front.Value.(*entry)); front = s.done.Front() {
		delete(s.entries, s.done.Remove(front).(*entry).key)
	}
}
