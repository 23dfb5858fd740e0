package storage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/url"
	"slices"

	"github.com/runicorn-mcp/runicorn-mcp/client"
)

// Log implements [client.Source]: the run's logs.txt, a regular file of the run's own folder.
func (s *Store) Log(ctx context.Context, run client.Experiment) (io.ReadCloser, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	p, err := s.openRun(run)
	if err != nil {
		return nil, err
	}
	dir, err := s.openRoot(p.dir)
	if err != nil {
		return nil, vanished(run)
	}
	defer dir.Close() // an open file of it stays open
	f, _, err := openFile(dir, "logs.txt")
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, &client.Error{Kind: client.ErrNotFound, Err: err,
			Detail: fmt.Sprintf("Run %s has no logs.txt", run.ID)}
	case err != nil:
		return nil, &client.Error{Kind: client.ErrServer, Err: err,
			Detail: s.fileProblem(p, "logs.txt", err)}
	}
	return f, nil
}

// Environment implements [client.Source] from the run's environment.json.
func (s *Store) Environment(
	ctx context.Context, run client.Experiment,
) (client.Environment, error) {
	var none client.Environment
	p, err := s.openRun(run)
	if err != nil {
		return none, err
	}
	dir, err := s.openRoot(p.dir)
	if err != nil {
		return none, vanished(run)
	}
	defer dir.Close()
	object, err := s.readObject(ctx, dir, "environment.json")
	switch {
	case ctx.Err() != nil:
		return none, ctx.Err()
	case errors.Is(err, fs.ErrNotExist):
		return none, &client.Error{Kind: client.ErrNotFound, Err: err,
			Detail: fmt.Sprintf("Run %s has no environment.json", run.ID)}
	case err != nil:
		return none, &client.Error{Kind: client.ErrServer, Err: err,
			Detail: s.fileProblem(p, "environment.json", err)}
	}
	return decodeEnvironment(object), nil
}

// ReadEnvironment decodes an environment.json as read elsewhere. The error says that it is no
// valid JSON.
func ReadEnvironment(data []byte) (client.Environment, error) {
	v, err := DecodeJSON(data)
	o, ok := v.(map[string]any)
	if err != nil || !ok {
		return client.Environment{}, objectFault(data, err)
	}
	return decodeEnvironment(o), nil
}

// decodeEnvironment reads environment.json (0.4.1 and 0.7.2 extensions/environment.py), whose
// members may each be null.
func decodeEnvironment(o map[string]any) client.Environment {
	env := client.Environment{Conda: text(o["conda_env"])}
	for _, key := range []string{"pip_packages", "conda_packages"} {
		list, _ := o[key].([]any)
		for _, p := range list {
			if p := text(p); p != "" {
				env.Packages = append(env.Packages, p)
			}
		}
	}
	variables, _ := o["env_variables"].(map[string]any)
	env.Variables = slices.Sorted(maps.Keys(variables))
	for _, gpu := range objects(o["gpu_info"]) {
		env.GPUs = append(env.GPUs, text(gpu["name"]))
	}
	if git, ok := o["git_info"].(map[string]any); ok && len(git) > 0 {
		env.Git = decodeGit(git)
	}
	return env
}

func decodeGit(o map[string]any) *client.Git {
	git := &client.Git{Commit: text(o["commit"]), Branch: text(o["branch"]),
		Message: text(o["last_commit_message"]), Remote: text(o["remote"])}
	if u, err := url.Parse(git.Remote); err == nil && u.User != nil {
		u.User = nil
		git.Remote = u.String()
	}
	if n, ok := o["changed_files_count"].(int64); ok {
		changed := int(n)
		git.Changed = &changed
	} else if changed, ok := o["has_changes"].(bool); ok && !changed {
		git.Changed = new(int)
	}
	return git
}
