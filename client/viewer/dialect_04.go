package viewer

// viewer04 is Viewer 0.4 (seen on 0.4.1). Unlike 0.5:
//   - it has no remote Viewers: /api/remote is another feature, never called;
//   - metrics cannot be thinned;
//   - it marks runs of other hosts as failed when no such process is on its own.
type viewer04 struct{ viewer05 }

func (viewer04) remote() remoteRules { return nil }
