//go:build bad_rescue

package flow

import "time"

// rescueAfter leaves a killed worker's jobs lying. The drills are proved by it: they must see the lists that go nowhere.
const rescueAfter = time.Hour
