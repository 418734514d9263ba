//go:build unix

package store

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/bartizan-dev/bartizan/internal/ledger"
)

// handles opens a database several times, as several processes would, or the
// same handle again where only one may.
func handles(t *testing.T, where Options, n int) []*Store {
	stores := []*Store{open(t, where)}
	for len(stores) < n {
		if where.URL != "" {
			stores = append(stores, open(t, where))
		} else {
			stores = append(stores, stores[0])
		}
	}
	return stores
}

// TestWritersAndFollowers: commits of many writers come to every follower once,
// in order, and none is lost.
func TestWritersAndFollowers(t *testing.T) {
	const writers, each = 3, 8
	onBoth(t, func(t *testing.T, where Options) {
		stores := handles(t, where, writers)
		var all sync.WaitGroup
		for i, s := range stores {
			all.Go(func() {
				for k := range each {
					work := func(tx ledger.Tx) error { return tx.SetDocuments(t.Context(), document(fmt.Sprint(i), fmt.Sprint(k))) }
					if _, err := s.Write(t.Context(), commitOf(ledger.Document), work); err != nil {
						t.Error(err)
					}
				}
			})
			all.Go(func() { follow(t, s, writers, each) })
		}
		all.Wait()
		sound(t, stores[0])
	})
}

// follow takes changes until all commits came.
func follow(t *testing.T, s *Store, writers, each int) {
	last := make([]int, writers)
	for at := ledger.Number(0); int(at) < writers*each; {
		if _, err := s.Wait(t.Context(), at); err != nil {
			t.Error(err)
			return
		}
		for c, err := range s.Changed(t.Context(), at) {
			if err != nil {
				t.Error(err)
				return
			}
			if c.Commit.Number != at+1 {
				t.Errorf("commit %d came after %d", c.Commit.Number, at)
			}
			at = c.Commit.Number
			for _, d := range c.Documents {
				if d.Since == at {
					var i, k int
					_, _ = fmt.Sscan(d.ID+" "+string(d.Text), &i, &k)
					if k != last[i] {
						t.Errorf("writer %d: commit %d has its change %d, want %d", i, at, k, last[i])
					}
					last[i]++
				}
			}
		}
	}
}

// TestWaitIsWoken: a commit of another process wakes who waits, who would not
// look by himself before the test is given up.
func TestWaitIsWoken(t *testing.T) {
	onBoth(t, func(t *testing.T, where Options) {
		stores := handles(t, where, 2)
		stores[0].pollEvery = time.Hour
		woken := make(chan error)
		go func() {
			head, err := stores[0].Wait(t.Context(), 0)
			if err == nil && head != 1 {
				err = fmt.Errorf("head %d", head)
			}
			woken <- err
		}()
		write(t, stores[1], func(tx ledger.Tx) error { return tx.SetDocuments(t.Context(), document("d", "1")) })
		if err := <-woken; err != nil {
			t.Error(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := stores[0].Wait(ctx, 1); err == nil {
			t.Error("Wait came back from nothing without an error")
		}
	})
}
