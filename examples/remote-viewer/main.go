// Remote-viewer has a Viewer start another on a machine that it reaches over SSH, lists the runs
// there through the tunnel, and stops it again when Enter is pressed. It is the fifth example of
// the documented Python client, in Go. It needs a running Viewer, 0.5 to 0.7. A host key that the
// Viewer does not know is shown, and accepted if you say yes.
//
//	go run ./examples/remote-viewer -host gpu-server.lab.com -user researcher -key ~/.ssh/id_ed25519 /data/experiments
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"strings"

	"github.com/runicorn-mcp/runicorn-mcp/client"
	"github.com/runicorn-mcp/runicorn-mcp/client/viewer"
)

type options struct {
	viewer, host, user, key, root string
	port                          int
}

func main() {
	var o options
	flag.StringVar(&o.viewer, "viewer", "http://127.0.0.1:23300", "`address` of the Viewer on this machine")
	flag.StringVar(&o.host, "host", "", "`host` to start the other one on")
	flag.IntVar(&o.port, "port", 22, "SSH `port` there")
	flag.StringVar(&o.user, "user", "", "`account` there")
	flag.StringVar(&o.key, "key", "", "private key `file`, on the Viewer's machine; none: its ssh-agent")
	flag.Parse()
	o.root = flag.Arg(0)
	log.SetFlags(0)
	if err := run(context.Background(), os.Stdin, os.Stdout, o); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, stdin io.Reader, w io.Writer, o options) (err error) {
	typed := bufio.NewReader(stdin)
	remote := client.New(viewer.New(viewer.Options{BaseURL: o.viewer})).Remote

	connection, err := remote.Connect(ctx, o.host, client.ConnectOptions{Port: o.port, Username: o.user,
		PrivateKeyPath: o.key, Confirm: func(_ context.Context, key client.HostKey) error {
			fmt.Fprintf(w, "The key of %s is %s %s (changed: %v). Type yes to accept it: ",
				key.Host, key.Type, key.Fingerprint, key.Changed)
			if line, _ := typed.ReadString('\n'); strings.TrimSpace(line) != "yes" {
				return errors.New("you did not say yes")
			}
			return nil
		}})
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "connected: %s\n", connection.ConnectionID)
	// This also stops what was started, whatever happens in between.
	defer func() {
		gone, cause := remote.Disconnect(ctx, connection.ConnectionID)
		if cause == nil {
			fmt.Fprintf(w, "disconnected; %d Viewers stopped\n", len(gone.Stopped))
		}
		err = errors.Join(err, cause)
	}()

	session, err := remote.StartViewer(ctx, connection.ConnectionID, o.root, 0, 0)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "started: %s, process %d there\n", session.URL, session.RemotePID)
	sessions, err := remote.ListViewerSessions(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "remote Viewers: %d\n", len(sessions))
	there, err := remote.Viewer(ctx, session.SessionID)
	if err != nil {
		return err
	}
	runs, err := there.ListExperiments(ctx, client.ListOptions{})
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "runs there: %d\nPress Enter to stop the remote Viewer.\n", runs.Total)
	_, _ = typed.ReadString('\n')
	return nil
}
