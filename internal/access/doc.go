// Package access says who may see and do what: principals, roles at scopes,
// callers and what limits them, and the secrets that tell who somebody is. It
// knows no clock, no database and no HTTP; time and randomness are handed in.
//
// [Role.Gives] is the table of rights; [Caller.May] asks it over a [Tree], and
// [Caller.Visible] filters what is shown. password.go and secret.go hold what is
// proved by secrets, limit.go how often one may try.
package access
