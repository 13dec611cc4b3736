package main

import (
	"context"
	"time"
)

// drills are all there are, in the order they are run.
var drills = []drill{
	{name: "kill-program", what: "kill -9 the program five times under load", fault: killProgram, after: ranAgain},
	{name: "kill-database", what: "kill -9 PostgreSQL three times under load", fault: killDatabase},
	{name: "silence", what: "the SSO takes lists in and says nothing, the tax administration is down", fault: silence, after: askedFor},
	{name: "answers", what: "answers repeated, shuffled, forged, replayed", tune: unhurried, fault: badAnswers},
	{name: "stopped-worker", what: "a worker stopped for 30 seconds and resumed, two programs on one database", needs: needs{twoWorker: true}, fault: stoppedWorker},
	{name: "half-open", what: "the network to the database and to both organisations falls silent", fault: halfOpen},
	{name: "disk-full", what: "the database's disk is full for a while", needs: needs{smallDisk: true}, fault: diskFull},
	{name: "poison", what: "files that are none, bombs and cut uploads among the lists", fault: poison, after: refusedInWords},
	{name: "overload", what: "three times the senders, large files among them, then as before", fault: overload},
	{name: "same-lists", what: "twenty senders replace the same lists", fault: sameLists, refusals: []string{"LIST-02", "LIST-03"}},
	{name: "migration", what: "the database gets a new version under traffic, the old program still running", needs: needs{next: true}, fault: migration},
	{name: "one-down", what: "the SSO is down for two minutes: the tax administration's lane does not slow down", fault: oneDown, after: otherUnslowed},
}

func killProgram(ctx context.Context, s *stage, _ *load) error {
	watched, unwatch := context.WithCancel(ctx)
	s.unwatch = unwatch
	go s.watch(watched)
	for range 5 {
		s.pause(500*time.Millisecond, 3*time.Second)
		s.windows[0].kill()
		if err := s.noteInHand(ctx); err != nil {
			return err
		}
		s.pause(0, 700*time.Millisecond)
		if err := s.windows[0].start(ctx); err != nil {
			return err
		}
	}
	return nil
}

func killDatabase(ctx context.Context, s *stage, _ *load) error {
	for range 3 {
		s.pause(time.Second, 4*time.Second)
		if err := s.killDatabase(ctx); err != nil {
			return err
		}
	}
	s.pause(time.Second, 2*time.Second)
	return nil
}
