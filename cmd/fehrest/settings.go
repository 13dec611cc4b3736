package main

import (
	"errors"
	"os"
	"path/filepath"
	"time"

	"fehrest/internal/intake"

	"github.com/caarlos0/env/v11"
)

// setting holds what the environment says; flags of a command replace it.
type setting struct {
	Database string        `env:"DATABASE_URL"`
	Addr     string        `env:"FEHREST_ADDR" envDefault:"127.0.0.1:8080"`
	Metrics  string        `env:"FEHREST_METRICS_ADDR"` // empty: nothing is measured
	Log      string        `env:"FEHREST_LOG" envDefault:"json"`
	Data     string        `env:"FEHREST_DATA"`
	SSO      string        `env:"FEHREST_SSO_URL"`
	Tax      string        `env:"FEHREST_TAX_URL"`
	TaxWait  time.Duration `env:"FEHREST_TAX_WAIT" envDefault:"10m"`
	Keys     string        `env:"FEHREST_KEYS"`
	Slots    uint16        `env:"FEHREST_SLOTS" envDefault:"2"`           // large files read at once
	Waiting  uint16        `env:"FEHREST_WAITING" envDefault:"14"`        // more of them arriving or waiting
	Closure  uint8         `env:"FEHREST_CLOSURE_MONTHS" envDefault:"12"` // that nil lists are ordered for at most
	Limits   intake.Limits `env:"-"`                                      // see limitSettings
}

// settings reads the environment. What it cannot read it says, for another folder or pace would be taken in its place.
func settings() (setting, error) {
	s, err := env.ParseAs[setting]()
	var wrong env.ParseError
	if errors.As(err, &wrong) && (wrong.Name == "Slots" || wrong.Name == "Waiting") || err == nil && (s.Slots == 0 || s.Waiting == 0) {
		return s, usage("FEHREST_SLOTS and FEHREST_WAITING are whole numbers from 1 to 65535; correct them or take them away")
	}
	if errors.As(err, &wrong) && wrong.Name == "Closure" || err == nil && (s.Closure == 0 || s.Closure > 12) {
		return s, usage("FEHREST_CLOSURE_MONTHS is a whole number from 1 to 12; correct it or take it away")
	}
	if err != nil || s.TaxWait < 0 {
		return s, usage("FEHREST_TAX_WAIT is not a time such as 10m or 90s; correct it or take it away")
	}
	if s.Log != "json" && s.Log != "text" {
		return s, usage("FEHREST_LOG is json or text; correct it or take it away")
	}
	if s.Limits, err = fileLimits(); err != nil {
		return s, err
	}
	if s.Data == "" {
		s.Data = dataFolder()
	}
	if s.TaxWait == 0 {
		s.TaxWait = 10 * time.Minute
	}
	return s, nil
}

// keys is the folder of the signing keys.
func (s setting) keys() string {
	if s.Keys != "" {
		return s.Keys
	}
	return filepath.Join(s.Data, "keys")
}

// dataFolder is where everything lies that must outlive the program. Root's stands where PostgreSQL's own user may pass.
func dataFolder() string {
	if os.Geteuid() == 0 {
		return "/var/lib/fehrest"
	}
	if dir := os.Getenv("XDG_STATE_HOME"); dir != "" {
		return filepath.Join(dir, "fehrest")
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "fehrest-data"
	}
	return filepath.Join(home, ".local", "state", "fehrest")
}
