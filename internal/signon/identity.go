package signon

// Identity is who somebody is by the word of a provider.
type Identity struct {
	Subject string // the provider's own word, never another's
	Name    string // what people call him; not unique
	Groups  []string
	// GroupsUnknown says that the provider left the groups out because there are too
	// many, so that none counts.
	GroupsUnknown bool
}

// Discovery is what a provider says of itself.
type Discovery struct {
	Issuer                string
	AuthorizationEndpoint string
	TokenEndpoint         string
	KeysEndpoint          string
	UserInfoEndpoint      string // "" for none
}

// Exchange is what ties the end of a sign-in elsewhere to its beginning.
type Exchange struct {
	Redirect string // address that the provider sends the browser back to
	State    string // comes back with the browser
	Nonce    string // stands in the ID token
	Verifier string // is proved to the provider (PKCE)
}
