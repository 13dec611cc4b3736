package store_test

import (
	"os"
	"testing"

	"fehrest/internal/store/storetest"
)

func TestMain(m *testing.M) { os.Exit(storetest.Main(m)) }
