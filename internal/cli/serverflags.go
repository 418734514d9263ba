package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/bartizan-dev/bartizan/internal/client"
)

// tokenVariable holds a token in the environment of commands that ask a server.
const tokenVariable = "BARTIZAN_TOKEN"

// serverFlags say which server is asked, and as whom. A token is never a flag:
// others on the machine see command lines.
type serverFlags struct{ server, tokenFile, ca, fingerprint string }

func (f *serverFlags) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.server, "server", "", "address of a Bartizan server, which is asked")
	flags.StringVar(&f.tokenFile, "token-file", "", "file with a token for the server (default: $"+tokenVariable+")")
	flags.StringVar(&f.ca, "server-ca", "", "file with the certificates of who signed the server's (default: those that the system trusts)")
	flags.StringVar(&f.fingerprint, "server-fingerprint", "", "SHA-256 of the server's certificate, as bartizan serve prints it, instead of who signed it")
	cmd.MarkFlagsMutuallyExclusive("server-ca", "server-fingerprint")
	wantValue(cmd, "an address such as https://posture.example.com:7410", "server")
	wantValue(cmd, "the name of a file", "token-file", "server-ca")
	wantValue(cmd, "64 hexadecimal digits", "server-fingerprint")
}

func (f *serverFlags) given() bool { return f.server != "" }

// check tells of flags that say how a server is asked where none is.
func (f *serverFlags) check() error {
	if f.given() {
		return nil
	}
	var wrong problemList
	for name, value := range map[string]string{"token-file": f.tokenFile, "server-ca": f.ca, "server-fingerprint": f.fingerprint} {
		if value != "" {
			wrong.add(usagef("--%s: want --server with it", name))
		}
	}
	return wrong.err()
}

// client gives what asks the server.
func (f *serverFlags) client(a *app) (*client.Client, error) {
	o := client.Options{Server: f.server, Token: a.Getenv(tokenVariable), Fingerprint: f.fingerprint, UserAgent: "bartizan/" + thisVersion().Version}
	if f.tokenFile != "" {
		text, err := a.read(f.tokenFile)
		if err != nil {
			return nil, err
		}
		o.Token = string(text)
	}
	if o.Token = strings.TrimSpace(o.Token); o.Token == "" {
		return nil, usagef("--server %s: want a token, in $%s or a file that --token-file names; bartizan admin token create makes one", f.server, tokenVariable)
	}
	if f.ca != "" {
		text, err := a.read(f.ca)
		if err != nil {
			return nil, err
		}
		o.CA = text
	}
	c, err := client.New(o)
	if err != nil {
		return nil, usagef("--server: %w", err)
	}
	return c, nil
}
