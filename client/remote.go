package client

// Remote is the documented extension client.remote: Viewers on other machines over SSH.
type Remote struct{ client *Client }
