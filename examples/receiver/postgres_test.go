//go:build postgres

package main

import (
	"crypto/rand"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib"

	"github.com/heygen-go/heygen/heygentest"
	heygen "github.com/heygen-go/heygen/wrapper"
)

// newDatabase returns an empty database: for database/sql, and as a variable of the service.
func newDatabase(t *testing.T) (driver, source, variable string) {
	t.Helper()
	server, err := url.Parse(os.Getenv("DATABASE_URL"))
	if err != nil || server.Host+server.RawQuery == "" {
		t.Fatal("DATABASE_URL is not the URL of a PostgreSQL: run the tests with scripts/with-postgres")
	}
	db, err := sql.Open("pgx", server.String())
	if err != nil {
		t.Fatal(err)
	}
	name := "test_" + strings.ToLower(rand.Text())
	if _, err := db.ExecContext(t.Context(), "CREATE DATABASE "+name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_, _ = db.Exec("DROP DATABASE " + name + " WITH (FORCE)") // t.Context has ended
		_ = db.Close()
	})
	server.Path = "/" + name
	source = server.String()
	server.RawQuery += "&pool_max_conns=20" // more than the service has workers
	return "pgx", source, "DATABASE_URL=" + server.String()
}

// Two processes that start at once share one database: each event goes to both, and becomes one job of either.
func TestTwoProcessesShareTheWork(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	const second = "coffee"
	f.sandbox.AddEndpoint(heygen.WebhookEndpoint{EndpointID: second})
	started := make(chan struct{})
	go func() {
		defer close(started)
		f.start(t, never, "HEYGEN_ENDPOINT_ID="+second)
	}()
	f.start(t, never)
	<-started

	// No job ends while the table is locked, so a process can take no more than its 10 workers.
	tx, err := f.db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	if _, err := tx.ExecContext(t.Context(), "LOCK TABLE videos"); err != nil {
		t.Fatal(err)
	}
	const events = 15
	for range events {
		deliveries, err := f.sandbox.Emit(t.Context(), heygentest.Event(success))
		if err != nil || len(deliveries) != 2 || !deliveries[0].Delivered() || !deliveries[1].Delivered() {
			t.Fatalf("%+v, %v", deliveries, err)
		}
	}
	f.want(t, "SELECT count(*) FROM river_job WHERE state = 'running'", fmt.Sprint(events))
	f.want(t, "SELECT count(DISTINCT attempted_by) FROM river_job", "2")
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	f.wantDone(t, events)
}
