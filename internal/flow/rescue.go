//go:build !bad_rescue

package flow

import "time"

// rescueAfter is when the job of a killed worker is taken for lost.
const rescueAfter = 20 * time.Second
