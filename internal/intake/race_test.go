//go:build race

package intake_test

// slower is how many times longer the race detector lets a file's reading take.
const slower = 10
