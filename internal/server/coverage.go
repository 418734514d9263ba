package server

import (
	"context"

	"github.com/bartizan-dev/bartizan/internal/estate"
	"github.com/bartizan-dev/bartizan/internal/index"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

// covered is the coverage of some scopes: of their checks, of the resources that read
// records name there and nobody has read, which count as one check each if a
// recommendation judges their type, and of what of inventories could not be read, which
// it tells.
func (s *Server) covered(ctx context.Context, v *view, scopes []string, t *index.Tally) (*Coverage, []LostPlace, error) {
	s.stale.mu.Lock()
	defer s.stale.mu.Unlock()
	if err := s.stale.at(ctx, s.Store, v.commit); err != nil {
		return nil, nil, err
	}
	c := coverageOf(t)
	rejected, lost := v.lostIn(s.stale.losses, scopes)
	if c.Rejected = rejected; rejected > 0 {
		c.count(posture.Failed, rejected)
	}
	if s.stale.unseen == nil {
		s.stale.unseen = []estate.Unseen{}
		for _, u := range s.stale.known.Unseen() {
			if !u.Listed && s.judgesType(u.Type) && !v.keeps(&u) {
				s.stale.unseen = append(s.stale.unseen, u)
			}
		}
	}
	for _, u := range s.stale.unseen {
		if !v.sees(u.Place, scopes) {
			continue
		}
		if c.Unseen == nil {
			c.Unseen = map[string]int{}
		}
		c.Unseen[u.Reason.String()]++
		c.count(u.Reason, 1)
	}
	c.Percent = c.percent()
	return c, lost, nil
}

// count adds what is unknown for a reason.
func (c *Coverage) count(reason posture.Reason, n int) {
	if c.Reasons == nil {
		c.Reasons = map[string]int{}
	}
	c.Unknown += n
	c.Reasons[reason.String()] += n
}

// keeps reports whether what one read did not get is kept of another.
func (v *view) keeps(u *estate.Unseen) bool {
	if n, ok := v.x.Find(u.Key); ok && v.x.Here(n) {
		return true
	}
	return !posture.IsARM(u.ID) && u.Type != "" && len(v.x.Select(index.Filter{Types: index.Any(u.Type)}).Called(u.ID, "", "", "", 1)) > 0
}

// judgesType reports whether a recommendation judges resources of a type; of one that
// nobody knows one may.
func (s *Server) judgesType(typeName string) bool {
	types := s.judged()
	return typeName == "" || types == nil || types[typeName]
}

// judgedTypes are the types that recommendations name, folded; nil is every type.
func (s *Server) judgedTypes() map[string]bool {
	all, err := s.Catalog.Recommendations()
	if err != nil {
		return nil
	}
	types := map[string]bool{}
	for _, r := range all {
		if len(r.Brief.Types) == 0 {
			return nil
		}
		for _, t := range r.Brief.Types {
			types[policy.FoldType(t)] = true
		}
	}
	return types
}

// percent is the share of the checks that are judged, nil without any.
func (c *Coverage) percent() *float64 {
	all := c.Judged + c.Unknown
	if all == 0 {
		return nil
	}
	percent := 100 * float64(c.Judged) / float64(all)
	return &percent
}
