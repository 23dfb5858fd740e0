package client

import (
	"cmp"
	"context"
	"slices"
)

// A Project is one element of the documented answer of list_projects. Root-level runs belong to
// the project with an empty name.
type Project struct {
	Name            string  `json:"name"`
	ExperimentCount int     `json:"experiment_count"`
	Running         int     `json:"running"`
	LatestUpdate    float64 `json:"latest_update"` // CreatedAt of its newest run
}

// ListProjects lists the projects by name: documented list_projects(), GET /api/projects (which
// sends bare names on every real Viewer; the counts are made here).
func (c *Client) ListProjects(ctx context.Context) ([]Project, error) {
	byName := make(map[string]*Project)
	for run, err := range c.source.Runs(ctx, Scope{}) {
		if err != nil {
			return nil, c.named("list_projects", err)
		}
		p := byName[run.Project]
		if p == nil {
			p = &Project{Name: run.Project}
			byName[run.Project] = p
		}
		p.ExperimentCount++
		if run.Status == StatusRunning {
			p.Running++
		}
		p.LatestUpdate = max(p.LatestUpdate, run.CreatedAt)
	}
	projects := make([]Project, 0, len(byName))
	for _, p := range byName {
		projects = append(projects, *p)
	}
	slices.SortFunc(projects, func(a, b Project) int { return cmp.Compare(a.Name, b.Name) })
	return projects, nil
}
