package policy_test

import (
	"fmt"

	"github.com/bartizan-dev/bartizan/policy"
)

func ExampleCallFunction() {
	v, err := policy.CallFunction("padLeft", []policy.Value{policy.StringValue("7"), policy.IntValue(3), policy.StringValue("0")})
	fmt.Println(v, err)
	_, err = policy.CallFunction("int", []policy.Value{policy.StringValue("ten")})
	fmt.Println(err)
	// Output:
	// "007" <nil>
	// int: argument 1: got "ten", want a number or a text that is one
}

func ExampleParseExpression() {
	expr, err := policy.ParseExpression("[ Concat( 'tags.', Parameters( 'tag' ) ) ]")
	fmt.Println(expr, err)
	_, err = policy.ParseExpression("[tolowr(field('name'))]")
	fmt.Println(err)
	// Output:
	// [concat('tags.', parameters('tag'))] <nil>
	// unknown function "tolowr"; did you mean "toLower"?
}
