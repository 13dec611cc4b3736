package main

import (
	"bytes"
	"context"
	"os"
	"testing"

	"fehrest/internal/store/storetest"
)

func TestMain(m *testing.M) {
	// The demonstration runs its simulators through its own executable, which in tests is this one.
	if len(os.Args) > 1 && os.Args[1] == "agencysim" {
		main()
	}
	os.Exit(storetest.Main(m))
}

// fehrest runs the program and returns its exit code and output.
func fehrest(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, complaint bytes.Buffer
	err := run(context.Background(), args, &out, &complaint)
	return exitCode(err, &complaint), out.String(), complaint.String()
}
