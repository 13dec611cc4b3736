package store

import "log/slog"

// quiet is a logger for libraries whose words no operator needs: what fails comes back as an error.
func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }
