// Package plan turns a query's tree into typed steps: it binds names to
// columns, functions and tables, decides types and names of columns, and
// rewrites the result so that it runs fast. Start with [Bind].
package plan
