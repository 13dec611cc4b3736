package intake

import "unsafe"

// arena keeps the strings of lines: one allocation for thousands of them. A kept string is never overwritten, so that
// whoever copies a line may keep it.
type arena struct{ free []byte }

const arenaChunk = 64 << 10

// keep copies b into a string.
func (a *arena) keep(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	if len(b) > cap(a.free)-len(a.free) {
		if len(b) > arenaChunk/4 {
			return string(b)
		}
		a.free = make([]byte, 0, arenaChunk)
	}
	from := len(a.free)
	a.free = append(a.free, b...)
	return unsafe.String(&a.free[from], len(b))
}
