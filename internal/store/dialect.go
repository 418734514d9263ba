package store

import (
	"context"
	"database/sql"
	"strconv"
	"strings"

	"github.com/pressly/goose/v3"
)

// dialect is what differs between the two databases. Everything else is SQL
// that both read alike, with ? for parameters.
type dialect interface {
	// bind writes a query's parameters as the database wants them.
	bind(query string) string
	// migrations names the folder of migrations and goose's dialect for it.
	migrations() (string, goose.Dialect)
	// alone lets nobody else migrate until release is called.
	alone(ctx context.Context, db *sql.DB) (release func(), err error)
	// share lets no process sweep until release is called; sweepAlone lets
	// nobody share, and says no while somebody does.
	share(ctx context.Context, db *sql.DB) (release func(), err error)
	sweepAlone(ctx context.Context, db *sql.DB) (release func(), taken bool, err error)
	// lockWriter lets no other transaction of any process write commits until
	// the one of at has ended.
	lockWriter(ctx context.Context, at *session) error
	// announce tells those who wait, once the transaction is committed, that it is.
	announce(ctx context.Context, at *session) error
	// listen gives a function that waits until there may be another commit, of
	// which next tells if it is one of this process; end ends it.
	listen(ctx context.Context, s *Store) (wait func(ctx context.Context, next <-chan struct{}) error, end func())
	// copy adds many rows to a table. The connection is the one of the
	// transaction.
	copy(ctx context.Context, at *session, table string, columns []string, rows [][]any) error
	// hasTable reports whether a table is there.
	hasTable(ctx context.Context, on querier, table string) (bool, error)
	// sound asks the database itself whether its files are sound and gives what
	// it complains of.
	sound(ctx context.Context, at *session) ([]string, error)
	// damaged reports whether an error says that the database's files are not sound.
	damaged(err error) bool
}

// Parameters of one statement at most, and rows of one INSERT: more of them
// make no statement faster.
const (
	inBatch    = 500
	insertRows = 50
)

// dollars writes ? as $1, $2 …
func dollars(query string) string {
	var b strings.Builder
	b.Grow(len(query) + len(query)/8)
	for n := 1; ; n++ {
		before, after, found := strings.Cut(query, "?")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		b.WriteByte('$')
		b.WriteString(strconv.Itoa(n))
		query = after
	}
}
