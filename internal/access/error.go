package access

import (
	"errors"
	"fmt"
)

// Fault says what was wrong with what somebody wanted, for those who map it to a
// status or an exit code.
type Fault uint8

// The faults.
const (
	NoFault   Fault = iota // not the caller's: something broke
	Invalid                // a value that is not what is wanted
	Missing                // there is no such thing
	Taken                  // there is one already
	Ambiguous              // it means several things
	LastOwner              // nobody would be left to govern the server
	Refused                // a secret that proves nothing: wrong, expired, used, of somebody disabled
	TooOften               // tried too often; see RetryError
)

// Error is a fault with a text fit for whoever caused it.
type Error struct {
	Fault Fault
	Text  string
}

// Error gives the text.
func (e *Error) Error() string { return e.Text }

// Errorf makes an error of a fault.
func Errorf(fault Fault, format string, args ...any) error {
	return &Error{fault, fmt.Sprintf(format, args...)}
}

// FaultOf gives the fault of an error or of one that it wraps.
func FaultOf(err error) Fault {
	var fault *Error
	if errors.As(err, &fault) {
		return fault.Fault
	}
	return NoFault
}
