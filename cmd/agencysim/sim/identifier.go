package sim

import "strings"

// nationalCode tells whether s is ten digits with the right check digit.
func nationalCode(s string) bool {
	if len(s) != 10 || !digits(s) || strings.Count(s, s[:1]) == 10 {
		return false
	}
	sum := 0
	for i := range 9 {
		sum += int(s[i]-'0') * (10 - i)
	}
	r := sum % 11
	if r >= 2 {
		r = 11 - r
	}
	return int(s[9]-'0') == r
}

// foreignerCode tells whether s has the shape of a foreigner's code, which has
// no known check digit.
func foreignerCode(s string) bool { return len(s) >= 8 && len(s) <= 14 && digits(s) }

// insuranceNumber tells whether s is eight digits, or ten that do not shorten
// to eight.
func insuranceNumber(s string) bool {
	return digits(s) && (len(s) == 8 || len(s) == 10 && !strings.HasPrefix(s, "00"))
}

// jobCode tells whether s has the shape [0-9A-Z]{6}.
func jobCode(s string) bool {
	if len(s) != 6 {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z') {
			return false
		}
	}
	return true
}
