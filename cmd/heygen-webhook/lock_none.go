//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package main

import "os"

// lock does nothing where there is no flock.
func lock(*os.File) error { return nil }

func unlock(*os.File) {}
