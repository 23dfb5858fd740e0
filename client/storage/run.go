package storage

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"time"

	"github.com/runicorn-mcp/runicorn-mcp/client"
)

// errGone is the fault of a folder that holds no run: it was deleted meanwhile, is being made,
// or never was one.
var errGone = errors.New("no run here")

// readRun reads a run as a list shows it: meta.json, status.json and of summary.json the best
// metric. A deleted or vanished run is errGone.
func (s *Store) readRun(ctx context.Context, p place) (client.Experiment, error) {
	dir, err := s.openRoot(p.dir)
	if err != nil {
		return client.Experiment{}, errGone
	}
	defer dir.Close()
	run, _, err := s.readRunFiles(ctx, dir, p)
	return run, err
}

// readRunFiles reads a run as a list shows it, and its summary.
func (s *Store) readRunFiles(
	ctx context.Context, dir *os.Root, p place,
) (run client.Experiment, summary map[string]any, err error) {
	if isDeleted(dir) {
		return run, nil, errGone
	}
	run = client.Experiment{ID: p.id, Project: p.project, Name: p.name, RunDir: s.absolute(p.dir),
		Status: client.StatusUnknown, Tags: []string{}}
	files := make(map[string]map[string]any, 3)
	for _, name := range []string{"meta.json", "status.json", "summary.json"} {
		object, err := s.readObject(ctx, dir, name)
		switch {
		case ctx.Err() != nil:
			return run, nil, ctx.Err()
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			run.Problems = append(run.Problems, s.fileProblem(p, name, err))
			object = map[string]any{} // it is there
		}
		files[name] = object
	}
	if files["meta.json"] == nil || files["status.json"] == nil {
		if err := s.awaitNewborn(ctx, dir, files); err != nil {
			return run, nil, err
		}
		if files["meta.json"] == nil && files["status.json"] == nil && !s.isRun(p) {
			return run, nil, errGone
		}
	}
	record := decoder{run: &run, file: p.dir + "/"}
	record.meta(files["meta.json"])
	record.status(files["status.json"])
	record.best(files["summary.json"])
	s.checkProcess(&run)
	s.checkSilence(&run, dir)
	if run.CreatedAt == 0 {
		if info, err := dir.Stat("."); err == nil {
			run.CreatedAt = modified(info.ModTime())
		}
	}
	return run, files["summary.json"], nil
}

// awaitNewborn looks again for the files that a run lacks. The SDKs write meta.json and right
// after it status.json (0.4.1 to 0.7.2), so the first is there when the second is, and both are a
// moment after the folder is.
func (s *Store) awaitNewborn(
	ctx context.Context, dir *os.Root, files map[string]map[string]any,
) error {
	look := func() (complete bool) {
		complete = true
		for _, name := range []string{"meta.json", "status.json"} {
			if files[name] == nil {
				object, err := s.readObject(ctx, dir, name)
				if err == nil {
					files[name] = object
				}
				complete = complete && err == nil
			}
		}
		return complete
	}
	for _, d := range tornWaits {
		if info, err := dir.Stat("."); look() || err != nil || !s.fresh(info) {
			return ctx.Err()
		}
		if err := wait(ctx, d); err != nil {
			return err
		}
	}
	look()
	return ctx.Err()
}

// fresh reports whether a file or folder changed so recently that it may be incomplete.
func (s *Store) fresh(info fs.FileInfo) bool { return s.now().Sub(info.ModTime()) < freshFile }

func (s *Store) fileProblem(p place, name string, err error) string {
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) {
		err = pathErr.Err
	}
	return fmt.Sprintf("%q cannot be read: %v", p.dir+"/"+name, err)
}

// checkProcess shows a run of this machine whose process is gone as failed, as a Viewer would
// make it on its next look (0.7.2 viewer/services). Nothing is written.
func (s *Store) checkProcess(run *client.Experiment) {
	if run.Status == client.StatusRunning && run.PID > 0 && run.Hostname != "" &&
		run.Hostname == s.host && !processAlive(run.PID) {
		run.Status, run.RawStatus = client.StatusFailed, client.StatusRunning
		run.StatusReason = "process gone"
	}
}

// silence is how long a running run may write nothing before that is said.
const silence = time.Hour

// checkSilence says of a running run that it has written nothing for long: its process may have
// ended on a machine that cannot be looked at from here.
func (s *Store) checkSilence(run *client.Experiment, dir *os.Root) {
	if run.Status != client.StatusRunning {
		return
	}
	var last time.Time
	for _, name := range []string{"events.jsonl", "logs.txt", "status.json"} {
		if info, err := dir.Lstat(name); err == nil && info.ModTime().After(last) {
			last = info.ModTime()
		}
	}
	if quiet := s.now().Sub(last); !last.IsZero() && quiet > silence {
		run.StatusReason = "has written nothing for " + roughly(quiet)
	}
}

// roughly is a duration in whole hours, or in days from two on.
func roughly(d time.Duration) string {
	if hours := int(d.Hours()); hours < 48 {
		return fmt.Sprintf("%d h", hours)
	}
	return fmt.Sprintf("%d days", int(d.Hours()/24))
}

// readDetail reads a run in full.
func (s *Store) readDetail(ctx context.Context, p place) (client.Experiment, error) {
	dir, err := s.openRoot(p.dir)
	if err != nil {
		return client.Experiment{}, errGone
	}
	defer dir.Close()
	run, summary, err := s.readRunFiles(ctx, dir, p)
	if err != nil {
		return run, err
	}
	run.Summary = summary
	if run.Summary == nil {
		run.Summary = map[string]any{}
	}
	run.Captured = captured(dir)
	run.UpdatedAt = run.EndedAt
	if run.UpdatedAt == 0 {
		run.UpdatedAt = LastEventTime(eventsTail(dir))
	}
	if run.UpdatedAt == 0 {
		run.UpdatedAt = run.CreatedAt
	}
	return run, nil
}

func captured(dir *os.Root) *client.Captured {
	c := &client.Captured{
		Console:     exists(dir, "logs.txt"),
		Environment: exists(dir, "environment.json"),
		Code:        exists(dir, CodeFile),
	}
	if data, _, err := readFile(dir, "assets.json", maxJSON); err == nil && !c.Code {
		c.Code = HasCode(data)
	}
	if holdsFolder(dir, "media") {
		if media, err := dir.Open("media"); err == nil {
			names, _ := media.Readdirnames(1)
			c.Media = len(names) > 0
			media.Close()
		}
	}
	return c
}

// HasCode reports whether an assets.json names an archived snapshot of the code.
func HasCode(data []byte) bool {
	v, err := DecodeJSON(data)
	if err != nil {
		return false
	}
	object, _ := v.(map[string]any)
	code, _ := object["code"].(map[string]any)
	snapshot, _ := code["snapshot"].(map[string]any)
	return len(snapshot) > 0
}

// EventsTail is how much of the end of an events.jsonl [LastEventTime] needs, in bytes.
const EventsTail = 64 << 10

// eventsTail is the end of a run's events.jsonl; nil when it cannot be read.
func eventsTail(dir *os.Root) []byte {
	f, info, err := openFile(dir, "events.jsonl")
	if err != nil {
		return nil
	}
	defer f.Close()
	data, err := io.ReadAll(io.NewSectionReader(f, max(0, info.Size()-EventsTail), EventsTail))
	if err != nil {
		return nil
	}
	return data
}

// LastEventTime is when the last metrics in the end of an events.jsonl were logged, in seconds
// since 1970; 0 when there are none.
func LastEventTime(tail []byte) float64 {
	lines := bytes.Split(tail, []byte("\n"))
	for i := len(lines) - 1; i >= 0; i-- {
		var e event
		if ok, err := decodeEvent(lines[i], &e); err == nil && ok && !math.IsNaN(e.time) {
			return e.time
		}
	}
	return 0
}
