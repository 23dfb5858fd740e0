package tools

import "github.com/runicorn-mcp/runicorn-mcp/client"

// What a Viewer tells of other machines is text that anybody there may have chosen, and is shown as
// names and sentences are.

func shownConnection(c client.Connection) client.Connection {
	c.ConnectionID, c.Host, c.Username = name(c.ConnectionID), name(c.Host), name(c.Username)
	c.Notes = each(c.Notes, note)
	return c
}

func shownSession(s client.ViewerSession) client.ViewerSession {
	s.SessionID, s.ConnectionID = name(s.SessionID), name(s.ConnectionID)
	s.RemoteRoot, s.Notes = place(s.RemoteRoot), each(s.Notes, note)
	return s
}

func shownStopped(s client.StoppedViewer) client.StoppedViewer {
	s.SessionID, s.Host, s.Notes = name(s.SessionID), name(s.Host), each(s.Notes, note)
	return s
}

func note(s string) string { return sentence(s, maxText) }
