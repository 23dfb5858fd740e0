package viewer

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/coder/websocket"

	"github.com/runicorn-mcp/runicorn-mcp/client"
)

// quiet is how long a Viewer may send no line before its log is taken to end: it looks for new
// lines every 0.2 s at first, and keeps the connection open (0.4, 0.5).
const quiet = time.Second

// What a Viewer says on the WebSocket beside the lines of a log (0.4.1, 0.5.3).
const (
	saysNoRun  = "[error] run not found"
	saysNoLog  = "[info] No logs available yet"
	saysFilled = "[info] Showing last " // in the place of line 10,001, which it loses
)

// log reads the lines of a run's log from the WebSocket /api/runs/{id}/logs/ws, until there are
// none for a second: all lines come but line 10,001, one a message, empty ones left out.
func (viewer05) log(
	ctx context.Context, v *Viewer, run client.Experiment,
) (io.ReadCloser, error) {
	ctx, cancel := context.WithCancel(ctx)
	socket, first, err := v.openLog(ctx, run)
	if err != nil {
		cancel()
		return nil, err
	}
	out, in := io.Pipe()
	go func() {
		defer socket.CloseNow()
		line, err := first, error(nil)
		for err == nil && line != "" {
			if strings.HasPrefix(line, saysFilled) {
				line = "(the Viewer leaves out one line here)"
			}
			if _, err = io.WriteString(in, line+"\n"); err == nil {
				line, err = nextLine(ctx, socket)
			}
		}
		in.CloseWithError(err) // nil is the end of the file
	}()
	return &logBody{out, cancel}, nil
}

// hasLog reports whether a run has a log, by the first that a Viewer says of it (0.4, 0.5).
func (v *Viewer) hasLog(ctx context.Context, run client.Experiment) (bool, error) {
	socket, _, err := v.openLog(ctx, run)
	if isNoFile(err) {
		return false, nil
	}
	if err == nil {
		socket.CloseNow()
	}
	return err == nil, err
}

// openLog opens the log of a run and reads its first line, "" of an empty one.
func (v *Viewer) openLog(
	ctx context.Context, run client.Experiment,
) (socket *websocket.Conn, first string, err error) {
	address := "ws" + strings.TrimPrefix(v.base, "http") + "/api/runs/" + url.PathEscape(run.ID) +
		"/logs/ws"
	header := make(http.Header)
	if v.user != nil {
		password, _ := v.user.Password()
		header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString(
			[]byte(v.user.Username()+":"+password)))
	}
	socket, _, err = websocket.Dial(ctx, address, &websocket.DialOptions{HTTPClient: v.http,
		HTTPHeader: header})
	if err != nil {
		if ctx.Err() != nil {
			return nil, "", ctx.Err()
		}
		return nil, "", &client.Error{Kind: client.ErrServer, Err: err,
			Detail: fmt.Sprintf("The Viewer at %s does not open the log of run %s", v.base, run.ID),
			Hint:   "Read its storage folder instead: --storage DIR, on the machine that has it."}
	}
	socket.SetReadLimit(maxFile)
	first, err = nextLine(ctx, socket)
	switch {
	case err != nil:
	case strings.HasPrefix(first, saysNoRun):
		err = noRun(run.ID)
	case strings.HasPrefix(first, saysNoLog):
		err = noFile(run, "logs.txt")
	}
	if err != nil {
		socket.CloseNow()
		return nil, "", err
	}
	return socket, first, nil
}

// nextLine is the next line, or "" when none comes for a while or the Viewer closes the log.
func nextLine(ctx context.Context, socket *websocket.Conn) (string, error) {
	waiting, cancel := context.WithTimeout(ctx, quiet)
	defer cancel()
	_, line, err := socket.Read(waiting)
	switch {
	case err == nil:
		return string(line), nil
	case ctx.Err() != nil:
		return "", ctx.Err()
	case waiting.Err() != nil || websocket.CloseStatus(err) == websocket.StatusNormalClosure:
		return "", nil
	case errors.Is(err, io.EOF):
		return "", io.ErrUnexpectedEOF
	}
	return "", &client.Error{Kind: client.ErrConnection, Err: err, Detail: "The log broke off"}
}
