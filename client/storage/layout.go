package storage

import (
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"
)

// A place is where a run may lie, known from names alone.
type place struct {
	dir           string // below the root, slash-separated
	id            string
	project, name string
	// sure is true where every folder is a run (the layout of 0.4 and 0.5), or its name has the
	// form of an id; else it is one when it holds a meta.json or status.json.
	sure bool
}

// label is the place as "path/id" names it: "vision/resnet/<id>", or the id alone at the root.
func (p place) label() string {
	switch {
	case p.project == "":
		return p.id
	case p.project == p.name:
		return p.project + "/" + p.id
	}
	return p.project + "/" + p.name + "/" + p.id
}

// runID is the form of ids that the SDKs make: local wall-clock time and six hex digits.
var runID = regexp.MustCompile(`^[0-9]{8}_[0-9]{6}_[a-f0-9]{6}$`)

// idTime is the time in an id of the SDKs' form, taken as UTC; false for any other id.
func idTime(id string) (float64, bool) {
	if !runID.MatchString(id) {
		return 0, false
	}
	t, err := time.Parse("20060102_150405", id[:15])
	return float64(t.Unix()), err == nil
}

const (
	runsDir    = "runs"     // 0.6 and later: runs/<path…>/<id>; before: <project>/<name>/runs/<id>
	recycleDir = ".recycle" // 0.7: runs/.recycle/<id>
	deleted    = ".deleted" // file in the folder of a deleted run; up to 0.6 it stays in its place
	maxSegment = 32         // folders below runs/; paths have at most 200 characters (0.6 sdk)
)

// places finds where runs of a project may lie ("": of any), in every layout.
func (s *Store) places(project string) []place {
	found := s.pathPlaces(nil, runsDir, nil, project)
	for _, top := range s.folders(".") {
		if project != "" && top != project || notProject(top) {
			continue
		}
		for _, name := range s.folders(top) {
			dir := path.Join(top, name, runsDir)
			for _, id := range s.folders(dir) {
				if hidden(id) || top == "artifacts" && artifactVersion.MatchString(id) {
					continue // the registry of 0.4 and 0.5 may hold an artifact named "runs"
				}
				found = append(found, place{dir: dir + "/" + id, id: id, project: top, name: name,
					sure: true})
			}
		}
	}
	return found
}

// ProjectName tells project and name of a run from its folder below the storage root, slash-
// separated: runs/<project>/<name…>/<id> (0.6 and later; one segment is both, none is neither) or
// <project>/<name>/runs/<id> (0.4, 0.5).
func ProjectName(dir string) (project, name string) {
	segments := strings.Split(dir, "/")
	if segments[0] != runsDir {
		if len(segments) == 4 && segments[2] == runsDir {
			return segments[0], segments[1]
		}
		return "", ""
	}
	segments = segments[1 : len(segments)-1]
	if len(segments) == 0 {
		return "", ""
	}
	return segments[0], path.Join(segments[min(1, len(segments)-1):]...)
}

// notProject reports which folders of the root hold no project (0.6 viewer/api/projects.py).
func notProject(name string) bool {
	return hidden(name) || slices.Contains([]string{runsDir, "webui", "archive", "index"}, name)
}

func hidden(name string) bool { return strings.HasPrefix(name, ".") }

// pathPlaces appends the places below a folder of the 0.6 layout, segments being its path.
func (s *Store) pathPlaces(found []place, dir string, segments []string, project string) []place {
	for _, name := range s.folders(dir) {
		if hidden(name) {
			continue
		}
		p := place{dir: dir + "/" + name, id: name, sure: runID.MatchString(name)}
		p.project, p.name = ProjectName(p.dir)
		if p.sure || s.holdsRun(p.dir) {
			if project == "" || p.project == project {
				found = append(found, p)
			}
			if p.sure {
				continue
			}
		}
		if len(segments) == 0 && project != "" && name != project || len(segments) >= maxSegment {
			continue
		}
		found = s.pathPlaces(found, p.dir, append(segments[:len(segments):len(segments)], name), project)
	}
	return found
}

// holdsRun reports whether a folder is a run by the rule of 0.6 and later: it has a meta.json or
// a status.json.
func (s *Store) holdsRun(dir string) bool {
	for _, file := range []string{"meta.json", "status.json"} {
		if info, err := s.root.Lstat(dir + "/" + file); err == nil && info.Mode().IsRegular() {
			return true
		}
	}
	return false
}

// isRun reports whether a place is a run. Below <project>/<name>/runs (0.4, 0.5) every folder is,
// whatever it holds, but for one that is so new that the SDK has yet to fill it.
func (s *Store) isRun(p place) bool {
	if s.holdsRun(p.dir) {
		return true
	}
	if !p.sure || strings.HasPrefix(p.dir, runsDir+"/") {
		return false
	}
	info, err := s.root.Lstat(p.dir)
	return err == nil && !s.fresh(info)
}

// isDeleted reports whether a run lies in its place, marked as deleted (up to 0.6).
func isDeleted(dir *os.Root) bool {
	_, err := dir.Lstat(deleted)
	return err == nil
}
