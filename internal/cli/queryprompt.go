package cli

import (
	"context"
	"errors"
)

func (s *session) prompt(ctx context.Context) error {
	return errors.New("not yet")
}
