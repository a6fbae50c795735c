package main

import (
	"context"
	"database/sql"
	"net/url"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
	_ "modernc.org/sqlite"
)

// database is SQLite or PostgreSQL. Statements are the same for both.
type database[TTx any] struct {
	driver riverdriver.Driver[TTx]
	// transaction commits what f did, or rolls it back if f returns an error.
	transaction func(ctx context.Context, f func(TTx, execFunc) error) error
}

// execFunc executes a statement in a transaction and returns the number of rows that it changed.
type execFunc func(statement string, args ...any) (int64, error)

// migrate makes the tables of River and of the service where they are missing.
func (db database[TTx]) migrate(ctx context.Context) error {
	river, err := rivermigrate.New(db.driver, nil)
	if err != nil {
		return err
	}
	if _, err := river.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return err
	}
	return db.transaction(ctx, func(_ TTx, exec execFunc) error {
		if _, err := exec(`CREATE TABLE IF NOT EXISTS deliveries
			(digest text PRIMARY KEY, received_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP)`); err != nil {
			return err
		}
		_, err := exec(`CREATE TABLE IF NOT EXISTS videos
			(video_id text PRIMARY KEY, url text NOT NULL, failure text NOT NULL)`)
		return err
	})
}

func openSQLite(ctx context.Context, file string) (database[*sql.Tx], func(), error) {
	pool, err := sql.Open("sqlite", sqliteSource(file))
	if err != nil {
		return database[*sql.Tx]{}, nil, err
	}
	pool.SetMaxOpenConns(1) // as River advises: SQLite writes one after the other
	db := database[*sql.Tx]{riversqlite.New(pool), func(ctx context.Context, f func(*sql.Tx, execFunc) error) error {
		tx, err := pool.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		defer func() { _ = tx.Rollback() }() // does nothing after Commit
		if err := f(tx, func(statement string, args ...any) (int64, error) {
			result, err := tx.ExecContext(ctx, statement, args...)
			if err != nil {
				return 0, err
			}
			return result.RowsAffected()
		}); err != nil {
			return err
		}
		return tx.Commit()
	}}
	return db, func() { _ = pool.Close() }, db.migrate(ctx)
}

func sqliteSource(file string) string {
	return "file:" + url.PathEscape(file) + "?" + url.Values{
		"_txlock": {"immediate"}, // else a transaction that reads first fails when another process writes
		"_pragma": {"busy_timeout(5000)", "journal_mode(WAL)"},
	}.Encode()
}

func openPostgreSQL(ctx context.Context, source string) (database[pgx.Tx], func(), error) {
	pool, err := pgxpool.New(ctx, source)
	if err != nil {
		return database[pgx.Tx]{}, nil, err
	}
	db := database[pgx.Tx]{riverpgxv5.New(pool), func(ctx context.Context, f func(pgx.Tx, execFunc) error) error {
		return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
			return f(tx, func(statement string, args ...any) (int64, error) {
				tag, err := tx.Exec(ctx, statement, args...)
				return tag.RowsAffected(), err
			})
		})
	}}
	// Processes that start at the same time migrate one after the other.
	return db, pool.Close, db.transaction(ctx, func(_ pgx.Tx, exec execFunc) error {
		if _, err := exec(`SELECT pg_advisory_xact_lock(hashtext('receiver'))`); err != nil {
			return err
		}
		return db.migrate(ctx)
	})
}
