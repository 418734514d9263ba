// Package operator says what Kusto's operators mean: which types they take,
// what they give, and how one value or a batch of values is computed. Start
// with [Result] and [Compile]; [In] is for lists.
package operator
