package api

import (
	"context"
	"time"

	"fehrest/internal/access"
)

const mostItems = 100

func (s *server) await(context.Context, access.Principal, string, time.Duration) {}
