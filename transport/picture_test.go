package transport_test

import (
	"encoding/base64"
	"testing"
)

// TestPicture holds the form in which hosts show a picture: text, then the image, and no
// structured content, in favour of which they would drop both.
func TestPicture(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.send(t, hello, callLine("1", "draws", "{}"), callLine("2", "echo", `{"a":1}`), "")
	p.in.Close()
	answers := p.rest(t)
	r := answers["1"].Result
	if len(r.Content) != 2 || r.Content[0].Type != "text" || r.Content[0].Text != `{"curves":2}` ||
		r.Content[1].Type != "image" || r.Content[1].MIMEType != "image/png" || r.StructuredContent != nil ||
		r.Content[1].Data != base64.StdEncoding.EncodeToString([]byte("a picture")) {
		t.Errorf("a picture came as %+v", r)
	}
	if r := answers["2"].Result; len(r.Content) != 1 || string(r.StructuredContent) != `{"a":1}` {
		t.Errorf("an answer without one came as %+v", r)
	}
}
