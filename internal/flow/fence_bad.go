//go:build bad_fence

package flow

// fence lets every version go at once, whatever other one is under way or came later. The drills are proved by it: they must see
// versions that leave out of their order.
func fence(t turn) turn { return turn{same: t.same} }
