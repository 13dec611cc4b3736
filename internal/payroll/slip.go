package payroll

// The states of a payment slip.
const (
	SlipOpen      = "open"
	SlipCollected = "collected"
	SlipVoid      = "void"
)
