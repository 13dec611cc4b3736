package intake

import "unsafe"

// arena keeps the strings of lines: one allocation for thousands of them. A kept string is never overwritten, so that
// whoever copies a line may keep it. Its pieces grow with the list: the lines of a small one hold little.
type arena struct{ free []byte }

const (
	firstChunk   = 2 << 10
	largestChunk = 64 << 10
)

// keep copies b into a string.
func (a *arena) keep(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	if len(b) > cap(a.free)-len(a.free) {
		size := min(max(2*cap(a.free), firstChunk), largestChunk)
		if len(b) > size/4 {
			return string(b)
		}
		a.free = make([]byte, 0, size)
	}
	from := len(a.free)
	a.free = append(a.free, b...)
	return unsafe.String(&a.free[from], len(b))
}
