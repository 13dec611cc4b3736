package main

import (
	"context"
	"errors"
	"io"
)

var errNotHere = errors.New("not here")

func (s *stage) moveToSmallDisk(context.Context) error { return errNotHere }
func (s *stage) leaveSmallDisk()                       {}
func badAnswers(ctx context.Context, s *stage, l *load) error {
	return nil
}
func answersRefused(ctx context.Context, s *stage, l *load, e *evidence) []violation { return nil }
func diskFull(ctx context.Context, s *stage, l *load) error                          { return nil }
func poison(ctx context.Context, s *stage, l *load) error                            { return nil }
func overload(ctx context.Context, s *stage, l *load) error                          { return nil }
func sameLists(ctx context.Context, s *stage, l *load) error                         { return nil }
func migration(ctx context.Context, s *stage, l *load) error                         { return nil }
func oneDown(ctx context.Context, s *stage, l *load) error                           { return nil }
func otherUnslowed(ctx context.Context, s *stage, l *load, e *evidence) []violation  { return nil }
func prove(ctx context.Context, o order, out io.Writer) error                        { return nil }
func runStorm(ctx context.Context, o order, b *binaries, out io.Writer) error        { return nil }
