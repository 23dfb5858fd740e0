// Package truth holds what the client says against Runicorn itself: stores made by the SDK of
// each release against a table of what the seeding programs put there
// (internal/realtest/testdata), and for 0.7.2 against its Viewer.
package truth

import (
	"bytes"
	"context"
	"errors"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/runicorn-mcp/runicorn-mcp/client"
	"github.com/runicorn-mcp/runicorn-mcp/client/storage"
	"github.com/runicorn-mcp/runicorn-mcp/internal/realtest"
)

// A row is one call and what it must answer: a value, or an error of a kind.
type row struct {
	call string
	got  func(ctx context.Context, c *client.Client) (any, error)
	want any
}

func TestFolder(t *testing.T) {
	t.Parallel()
	for _, version := range realtest.Versions {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			base, root := realtest.Seed(t, version)
			c := client.New(open(t, root))
			rows := append(commonRows(version), artifactRows(version)...)
			if len(rows) < 80 {
				t.Errorf("only %d rows", len(rows))
			}
			for _, r := range rows {
				got, err := r.got(t.Context(), c)
				if kind, ok := r.want.(error); ok {
					if !errors.Is(err, kind) {
						t.Errorf("%s: error %v, want %v", r.call, err, kind)
					}
					continue
				}
				if err != nil {
					t.Errorf("%s: %v", r.call, err)
					continue
				}
				if diff := cmp.Diff(r.want, got, masks(base)); diff != "" {
					t.Errorf("%s (-want +got):\n%s", r.call, diff)
				}
			}
		})
	}
}

func open(t *testing.T, root string) *storage.Store {
	t.Helper()
	store, err := storage.Open(root)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	return store
}

// Contents that the seeding programs write, by their SHA-256: of a file, or of the manifest that
// the SDK makes of a folder. Other hashes cover times, and are masked.
var contents = strings.NewReplacer(
	"9a129038d9a00aed0cf6a7ea059ca50a813449061ab87848cf1a13eafdf33b2c", "<weights>",
	"2757f3f7b49db36900ecc1b1a38204f9dde04fad5f41f0e7104a81e4e2b31fa5", "<hello>",
	"4980c3da64739aa279be6a0cd1d0104ec81f6d71c97306b527dd9adf49d92272", "<hello again>",
)

var (
	shard    = regexp.MustCompile(`/[0-9a-f]{2}/(<|[0-9a-f]{64})`)
	sha256   = regexp.MustCompile(`[0-9a-f]{64}`)
	sha1     = regexp.MustCompile(`[0-9a-f]{40}_`)
	hostname = func() string { name, _ := os.Hostname(); return name }()
)

// masks are the differences between two machines: folders, hashes over times, process ids, host
// and platform.
func masks(base string) cmp.Option {
	isField := func(names ...string) func(cmp.Path) bool {
		return func(p cmp.Path) bool {
			field, ok := p.Last().(cmp.StructField)
			for _, name := range names {
				if ok && field.Name() == name {
					return true
				}
			}
			return false
		}
	}
	host := isField("Python", "Platform", "Hostname")
	return cmp.Options{
		cmpopts.EquateNaNs(),
		cmp.FilterPath(func(p cmp.Path) bool { return !host(p) },
			cmpopts.AcyclicTransformer("mask", func(s string) string {
				s = contents.Replace(strings.ReplaceAll(s, base, "$BASE"))
				s = sha256.ReplaceAllString(shard.ReplaceAllString(s, "/$1"), "<hash>")
				return sha1.ReplaceAllString(s, "<key>_")
			})),
		cmp.FilterPath(isField("PID"), cmp.Comparer(func(a, b int) bool { return a > 0 && b > 0 })),
		cmp.FilterPath(isField("Python", "Platform"), cmp.Comparer(func(a, b string) bool {
			return a != "" && b != ""
		})),
		cmp.FilterPath(isField("Hostname"), cmp.Comparer(func(a, b string) bool {
			return strings.Replace(a, "here", hostname, 1) == strings.Replace(b, "here", hostname, 1)
		})),
	}
}

// text is what a call that writes to w has written, under the name of what it says of it.
func text(write func(w *bytes.Buffer) (client.Export, error)) (any, error) {
	var b bytes.Buffer
	done, err := write(&b)
	return written{done.Rows, done.Media, b.String()}, err
}

type written struct {
	Rows, Media int
	Text        string
}
