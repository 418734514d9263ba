package function

import (
	"testing"

	"github.com/bartizan-dev/bartizan/kql/data"
)

// A range that is long asks whether to go on, whatever it counts in.
func TestRange_can_be_ended(t *testing.T) {
	for name, args := range map[string][]data.Value{
		"longs":    {data.OfLong(1), data.OfLong(1 << 20)},
		"reals":    {data.OfReal(0.5), data.OfReal(1 << 20), data.OfReal(1)},
		"decimals": {data.OfDecimal("0.5"), data.OfDecimal("100000"), data.OfDecimal("1")},
		"times":    {data.OfTimeSpan(0), data.OfTimeSpan(1 << 20), data.OfTimeSpan(1)},
	} {
		t.Run(name, func(t *testing.T) {
			asked := 0
			defer func() {
				if _, halted := recover().(*Halt); !halted || asked != 3 {
					t.Errorf("asked %d times, halted %v; want to be halted when it asks for the third time", asked, halted)
				}
			}()
			rangeArray(&Context{Ask: func() {
				if asked++; asked == 3 {
					panic(&Halt{})
				}
			}}, args)
		})
	}
}
