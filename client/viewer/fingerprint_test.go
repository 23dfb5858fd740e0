package viewer_test

import (
	"crypto/sha256"
	"encoding/base64"
	"strings"
)

// fingerprintOf is what ssh-keygen -l says of a public key.
func fingerprintOf(public string) string {
	raw, _ := base64.StdEncoding.DecodeString(strings.Fields(public)[1])
	sum := sha256.Sum256(raw)
	return "SHA256:" + base64.RawStdEncoding.EncodeToString(sum[:])
}
