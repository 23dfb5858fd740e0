package client_test

import (
	"cmp"
	"context"
	"fmt"
	"hash/crc32"
	"io"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/runicorn-mcp/runicorn-mcp/client"
)

// memory is a Source in memory, for what the client does above every source. What real stores
// and Viewers hold is tested in client/storage, client/viewer and internal/truth.
type memory struct {
	runs     []client.Experiment // any order
	metrics  map[string]client.Metrics
	assets   map[string]client.RunAssets
	registry []client.Artifact
	media    map[string]string
	code     map[string]map[string]string // files by name, of runs by id
	logs     map[string]func() io.Reader
	deleted  []string
	unlisted int
	limit    int // Description.AssetRuns
	kind     string
	read     int           // runs yielded so far
	slow     time.Duration // of each Assets
}

func (m *memory) Describe() client.Description {
	return client.Description{Kind: cmp.Or(m.kind, "storage"), Location: "/store",
		AssetRuns: m.limit}
}

func (m *memory) Runs(
	ctx context.Context, scope client.Scope,
) iter.Seq2[client.Experiment, error] {
	sorted := slices.Clone(m.runs)
	slices.SortFunc(sorted, func(a, b client.Experiment) int {
		return cmp.Or(cmp.Compare(b.CreatedAt, a.CreatedAt), cmp.Compare(b.ID, a.ID))
	})
	return func(yield func(client.Experiment, error) bool) {
		for _, run := range sorted {
			if err := ctx.Err(); err != nil {
				yield(client.Experiment{}, err)
				return
			}
			if scope.Project != "" && run.Project != scope.Project {
				continue
			}
			m.read++
			run.Summary = nil
			if !yield(run, nil) {
				return
			}
		}
	}
}

func (m *memory) CountRuns(_ context.Context, scope client.Scope) (client.RunCount, error) {
	n := 0
	for _, run := range m.runs {
		if scope.Project == "" || run.Project == scope.Project {
			n++
		}
	}
	return client.RunCount{Total: n, Unlisted: m.unlisted}, nil
}

func (m *memory) Run(_ context.Context, id string) (client.Experiment, error) {
	if slices.Contains(m.deleted, id) {
		return client.Experiment{}, &client.Error{Kind: client.ErrNotFound,
			Detail: fmt.Sprintf("run %q is in the recycle bin", id), Err: client.ErrInRecycleBin}
	}
	var fits []client.Experiment
	for _, run := range m.runs {
		if run.ID == id || run.Label()+"/"+run.ID == id {
			fits = append(fits, run)
		}
	}
	switch len(fits) {
	case 0:
		return client.Experiment{}, &client.Error{Kind: client.ErrNotFound}
	case 1:
		return fits[0], nil
	}
	return client.Experiment{}, &client.Error{Kind: client.ErrBadRequest, Detail: "two runs " + id}
}

func (m *memory) Metrics(
	_ context.Context, run client.Experiment, names []string,
) (client.Metrics, error) {
	all := m.metrics[run.ID]
	var wanted []client.MetricSeries
	for _, s := range all.Series {
		if names == nil || slices.Contains(names, s.Name) {
			wanted = append(wanted, s)
		}
	}
	all.Series = wanted
	return all, nil
}

func (m *memory) Assets(ctx context.Context, run client.Experiment) (client.RunAssets, error) {
	select {
	case <-time.After(m.slow):
	case <-ctx.Done():
		return client.RunAssets{}, ctx.Err()
	}
	return m.assets[run.ID], nil
}

func (m *memory) RegistryArtifacts(context.Context) ([]client.Artifact, error) {
	return slices.Clone(m.registry), nil
}

func (m *memory) Media(
	_ context.Context, _ client.Experiment, each func(string, io.Reader) error,
) error {
	for name, text := range m.media {
		if err := each(name, strings.NewReader(text)); err != nil {
			return err
		}
	}
	return nil
}

func (m *memory) Code(
	_ context.Context, run client.Experiment, each func(client.CodeFile) error,
) error {
	files, ok := m.code[run.ID]
	if !ok {
		return client.NoCode(run)
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		text := files[name]
		err := each(client.CodeFile{Name: name, Size: uint64(len(text)), CRC: crc32.ChecksumIEEE([]byte(text)),
			Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }})
		if err != nil {
			return err
		}
	}
	return nil
}

func (m *memory) CountMedia(context.Context, client.Experiment) (int, error) {
	return len(m.media), nil
}

func (m *memory) Log(_ context.Context, run client.Experiment) (io.ReadCloser, error) {
	text, ok := m.logs[run.ID]
	if !ok {
		return nil, &client.Error{Kind: client.ErrNotFound}
	}
	return io.NopCloser(text()), nil
}

func (m *memory) Environment(context.Context, client.Experiment) (client.Environment, error) {
	return client.Environment{}, &client.Error{Kind: client.ErrNotFound}
}

func (m *memory) Health(context.Context) (client.Health, error) {
	return client.Health{Status: "ok", Storage: "/store"}, nil
}

func (m *memory) Config(context.Context) (client.Config, error) {
	return client.Config{UserRoot: "/store"}, nil
}

func (m *memory) GPU(context.Context) (client.GPUInfo, error) {
	return client.GPUInfo{Reason: "no nvidia-smi"}, nil
}

// run makes a run created n minutes after an arbitrary time.
func run(id, label string, n int, more ...func(*client.Experiment)) client.Experiment {
	project, name, _ := strings.Cut(label, "/")
	if name == "" {
		name = project
	}
	e := client.Experiment{ID: id, Project: project, Name: name, Path: label,
		Status: client.StatusFinished, CreatedAt: 1_700_000_000 + float64(60*n),
		RunDir: "/store/runs/" + label + "/" + id}
	for _, f := range more {
		f(&e)
	}
	return e
}

func alias(a string) func(*client.Experiment)  { return func(e *client.Experiment) { e.Alias = a } }
func status(s string) func(*client.Experiment) { return func(e *client.Experiment) { e.Status = s } }

func series(name string, first int64, values ...float64) client.MetricSeries {
	s := client.MetricSeries{Name: name}
	for i, v := range values {
		s.Steps = append(s.Steps, first+int64(i))
		s.Values = append(s.Values, v)
		s.Times = append(s.Times, 1_700_000_000+float64(i))
	}
	return s
}

func (m *memory) CompleteArtifact(
	_ context.Context, a client.Artifact,
) (client.Artifact, error) {
	return a, nil
}
