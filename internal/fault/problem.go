package fault

// Kind says why a request failed, in the few words that decide an HTTP status or an exit code.
type Kind uint8

// The kinds. The zero Kind is a mistake of ours.
const (
	Internal Kind = iota
	Malformed
	Unsigned
	Forbidden
	NotFound
	Conflict
	TooLarge
	Unsupported
	Unprocessable
	Busy
	TooMany // of one sender
)

// Problem is why a request failed, with words for the person who made it. It never carries a library's own text.
type Problem struct {
	Kind   Kind
	Code   string // a catalogue code, or empty
	Text   Text
	Faults []Fault // what was found in the list, if one was read
	Left   int     // how many of them are left off here
	Extra  any     // what else the answer shows, such as an earlier receipt
	// RetryAfter is in seconds; zero means the header is not sent.
	RetryAfter int
	Err        error // for the log, never for the answer
}

func (p *Problem) Error() string {
	if p.Err != nil {
		return p.Text.EN + ": " + p.Err.Error()
	}
	return p.Text.EN
}

func (p *Problem) Unwrap() error { return p.Err }
