package access

import (
	"strings"
	"testing"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

// TestRoleGives compares every cell with the published table.
func TestRoleGives(t *testing.T) {
	const table = `
right         owner  contributor  security-admin  security-reader  reader
see           x      x            x               x                x
run           x      x            x               -                -
govern        x      -            x               -                -
seeAudit      x      -            x               x                -
manageAccess  x      -            -               -                -
administer    x      -            -               -                -`
	lines := strings.Split(strings.TrimSpace(table), "\n")
	roles := strings.Fields(lines[0])[1:]
	if len(roles) != len(Roles) || len(lines)-1 != len(Rights) {
		t.Fatalf("%d roles and %d rights in the table, want %d and %d", len(roles), len(lines)-1, len(Roles), len(Rights))
	}
	tree := NewTree([]posture.Scope{{ID: "/"}})
	for i, line := range lines[1:] {
		cells := strings.Fields(line)
		if Rights[i].String() != cells[0] {
			t.Fatalf("right %d is %s, want %s", i, Rights[i], cells[0])
		}
		for j, name := range roles {
			role, err := ParseRole(name)
			if err != nil || role != Roles[j] {
				t.Fatalf("role %q: %v, error %v", name, role, err)
			}
			want := cells[j+1] == "x"
			c := Caller{Grants: []Grant{{role, "/"}}}
			if role.Gives(Rights[i]) != want || c.May(Rights[i], "/", tree) != want {
				t.Errorf("%s gives %s: %v, want %v", role, Rights[i], !want, want)
			}
		}
	}
	if NoRole.Gives(See) {
		t.Error("no role gives a right")
	}
}

func TestParseRole(t *testing.T) {
	if _, err := ParseRole("redaer"); FaultOf(err) != Invalid || !strings.Contains(err.Error(), `did you mean "reader"`) {
		t.Errorf("error %v", err)
	}
}
