package house

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestComments holds that every exported name of every package a reader comes for has a doc
// comment that starts with it.
func TestComments(t *testing.T) {
	t.Parallel()
	names := 0
	for _, dir := range packages(t) {
		fset := token.NewFileSet()
		var files []*ast.File
		matches, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range matches {
			if strings.HasSuffix(m, "_test.go") {
				continue
			}
			f, err := parser.ParseFile(fset, m, nil, parser.ParseComments)
			if err != nil {
				t.Fatal(err)
			}
			files = append(files, f)
		}
		if len(files) == 0 {
			continue
		}
		p, err := doc.NewFromFiles(fset, files, module)
		if err != nil {
			t.Fatal(err)
		}
		if p.Doc == "" {
			t.Errorf("%s: no package comment", dir)
		}
		names += checkPackage(t, dir, p)
	}
	if names < 50 {
		t.Errorf("only %d exported names were seen: the test looks in the wrong place", names)
	}
}

func checkPackage(t *testing.T, dir string, p *doc.Package) int {
	t.Helper()
	n := 0
	check := func(name, text string) {
		n++
		words := strings.Fields(text)
		for i, w := range words {
			if i < 3 && strings.TrimRight(w, ",.:;'s") == name || i < 3 && w == name {
				return
			}
		}
		t.Errorf("%s: %s needs a doc comment that starts with its name", dir, name)
	}
	funcs := p.Funcs
	for _, typ := range p.Types {
		check(typ.Name, typ.Doc)
		funcs = append(append(funcs, typ.Funcs...), typ.Methods...)
	}
	for _, f := range funcs {
		if (f.Recv == "" || ast.IsExported(strings.TrimLeft(f.Recv, "*"))) && !isGenerated(f.Name) {
			check(f.Name, f.Doc)
		}
	}
	return n
}

// isGenerated tells methods whose meaning is that of a well-known interface.
func isGenerated(name string) bool {
	switch name {
	case "Error", "Unwrap", "Is", "String", "Write", "Read", "Close":
		return true
	}
	return false
}

// TestFiles_length holds every file to what CONTRIBUTING.md promises.
func TestFiles_length(t *testing.T) {
	t.Parallel()
	const most = 300
	seen := 0
	for _, dir := range packages(t) {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range files {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			seen++
			if n := strings.Count(string(text), "\n"); n > most {
				t.Errorf("%s has %d lines, more than %d: split it by what it holds", name, n, most)
			}
		}
	}
	if seen < 50 {
		t.Errorf("only %d files were seen: the test looks in the wrong place", seen)
	}
}

func packages(t *testing.T) []string {
	t.Helper()
	var dirs []string
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		if d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".") && name != root {
			return filepath.SkipDir
		}
		dirs = append(dirs, name)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return dirs
}
