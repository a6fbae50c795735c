//go:build !postgres

package main

import (
	"path/filepath"
	"testing"
)

// newDatabase returns an empty database: for database/sql, and as a variable of the service.
func newDatabase(t *testing.T) (driver, source, variable string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "a b?#%.db")
	return "sqlite", sqliteSource(file), "DATABASE_FILE=" + file
}
