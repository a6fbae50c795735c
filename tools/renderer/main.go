// Command renderer fetches the renderer of the sandbox's page from npm, checks that it is the package that is recorded,
// and writes the files that the page needs. "make renderer" runs it.
package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// record is renderer.json: which package the files are from.
type record struct {
	Package   string            `json:"package"`
	Version   string            `json:"version"`
	License   string            `json:"license"`
	Integrity string            `json:"integrity"` // of the package, as npm states it
	Files     map[string]string `json:"files"`     // SHA-256 of each file, before it is compressed
}

func main() {
	version := flag.String("version", "", "another `version` than the one that is recorded")
	flag.Parse()
	if err := refresh(flag.Arg(0), *version); err != nil {
		fmt.Fprintln(os.Stderr, "renderer:", err)
		os.Exit(1)
	}
}

// refresh writes the files of a directory anew.
func refresh(dir, version string) error {
	path := filepath.Join(dir, "renderer.json")
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var recorded record
	if err := json.Unmarshal(data, &recorded); err != nil {
		return err
	}
	if version != "" && version != recorded.Version {
		recorded.Version, recorded.Integrity = version, ""
	}
	packed, err := pack(recorded.Package + "@" + recorded.Version)
	if err != nil {
		return err
	}
	sum := sha512.Sum512(packed)
	integrity := "sha512-" + base64.StdEncoding.EncodeToString(sum[:])
	if recorded.Integrity != "" && recorded.Integrity != integrity {
		return fmt.Errorf("%s %s is not the package that was recorded: %s, want %s",
			recorded.Package, recorded.Version, integrity, recorded.Integrity)
	}
	recorded.Integrity = integrity
	if err := unpack(packed, dir, recorded.Files); err != nil {
		return err
	}
	if data, err = json.MarshalIndent(recorded, "", "  "); err != nil {
		return err
	}
	return os.WriteFile(path, append(data, '\n'), 0o644)
}

// pack has npm fetch a package, which checks it against what the registry says of it, and returns the archive.
func pack(spec string) ([]byte, error) {
	dir, err := os.MkdirTemp("", "renderer")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)                                                  //nolint:errcheck // a temporary directory
	npm := exec.Command("npm", "pack", "--silent", "--ignore-scripts", spec) //nolint:gosec,noctx // the maintainer's own
	npm.Dir, npm.Stderr = dir, os.Stderr
	name, err := npm.Output()
	if err != nil {
		return nil, fmt.Errorf("npm pack %s: %w", spec, err)
	}
	return os.ReadFile(filepath.Join(dir, strings.TrimSpace(string(name))))
}

// unpack writes the files that are listed: licences as they are, the others compressed. It lists their sums.
func unpack(packed []byte, dir string, files map[string]string) error {
	decompressed, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return err
	}
	missing := len(files)
	for archive := tar.NewReader(decompressed); ; {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		name := strings.TrimPrefix(header.Name, "package/")
		if _, wanted := files[name]; !wanted {
			continue
		}
		content, err := io.ReadAll(archive)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(content)
		files[name] = hex.EncodeToString(sum[:])
		if ext := filepath.Ext(name); ext == ".js" || ext == ".css" {
			name, content = name+".gz", compress(content)
		}
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o644); err != nil {
			return err
		}
		missing--
	}
	if missing > 0 {
		return fmt.Errorf("the package lacks %d of the files that renderer.json lists", missing)
	}
	return nil
}

func compress(content []byte) []byte {
	var compressed bytes.Buffer
	w, _ := gzip.NewWriterLevel(&compressed, gzip.BestCompression) // the level is good
	_, _ = w.Write(content)                                        // to memory
	_ = w.Close()
	return compressed.Bytes()
}
