package main

import (
	"context"
)

func migration(ctx context.Context, s *stage, l *load) error { return nil }
