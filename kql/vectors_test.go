package kql

import "github.com/bartizan-dev/bartizan/kql/data"

const long = data.Long

func ofLong(n int64) Value { return data.OfLong(n) }
