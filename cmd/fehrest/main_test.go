package main

import (
	"bytes"
	"context"
	"os"
	"testing"

	"fehrest/internal/store/storetest"
)

// asProgram makes the test's executable the program itself, so that tests can kill it and demo can start its simulators.
const asProgram = "FEHREST_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	os.Exit(storetest.Main(m))
}

// fehrest runs the program within the test and returns its exit code and output.
func fehrest(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, complaint bytes.Buffer
	err := run(context.Background(), args, &out, &complaint)
	return exitCode(err, &complaint), out.String(), complaint.String()
}
