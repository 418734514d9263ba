// Package govern holds the documents by which people govern: exemptions,
// attestations and disablings, which lie over verdicts, and definitions,
// initiatives, assignments, standards and alias tables, which say what judges where
// and by what. It reads them, with all their problems at once, and says what lies
// where at an instant. It is pure; internal/estate keeps them and judges,
// internal/index lays them.
//
// Start with [Parse] and [Layings]; document.go holds what the documents say. Of
// what judges start with [ParsePolicy] and [Policies].
package govern
