package main

import (
	"context"
	"sync"
)

const (
	atOnce  = 2  // items are worked on at once
	waiting = 16 // results of an item wait for those of the items before it
)

// inOrder works on every item, two at once; what work emits is taken in the items' order, one after another. It ends with the
// first error of take, or with the context's.
func inOrder[T, R any](ctx context.Context, items []T, work func(ctx context.Context, item T, emit func(R) error), take func(R) error, done func()) error {
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	defer running.Wait() // whoever works gives its files back before the caller goes on
	defer cancel()
	streams := make(chan chan R, atOnce)
	turn := make(chan struct{}, atOnce)
	running.Go(func() {
		defer close(streams)
		for _, item := range items {
			select {
			case turn <- struct{}{}:
			case <-ctx.Done():
				return
			}
			stream := make(chan R, waiting)
			running.Go(func() {
				defer func() { close(stream); <-turn }()
				work(ctx, item, func(r R) error {
					select {
					case stream <- r:
						return nil
					case <-ctx.Done():
						return ctx.Err()
					}
				})
			})
			select {
			case streams <- stream:
			case <-ctx.Done():
				return
			}
		}
	})
	for stream := range streams {
		for r := range stream {
			if err := take(r); err != nil {
				return err
			}
		}
		done()
	}
	return ctx.Err()
}
