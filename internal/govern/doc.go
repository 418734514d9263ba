// Package govern holds the documents by which people lay something over verdicts:
// exemptions, attestations and disablings. It reads them, with all their problems
// at once, and says what lies where at an instant. It is pure; internal/estate
// keeps them, internal/index lays them.
//
// Start with [Parse] and [Layings]; document.go holds what the documents say.
package govern
