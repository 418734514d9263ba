package cli

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/bartizan-dev/bartizan/internal/settings"
)

// The files of a certificate that was made, in a data directory.
const (
	madeCertificate = "tls.crt"
	madeKey         = "tls.key"
	certificateLife = 397 * 24 * time.Hour
)

// certificate reads the one that was given, or one that is made once and kept in
// the data directory; of such a one it gives the fingerprint.
func certificate(s *settings.Settings, host string, now time.Time) (c tls.Certificate, fingerprint string, err error) {
	if s.TLSCert != "" {
		c, err := tls.LoadX509KeyPair(s.TLSCert, s.TLSKey)
		if err != nil {
			return c, "", fmt.Errorf("reading the certificate %s with key %s: %w", s.TLSCert, s.TLSKey, err)
		}
		return c, "", nil
	}
	if s.Data == "" {
		return c, "", usagef("listen %s reaches beyond this machine: give tls-cert and tls-key, or behind-proxy", s.Listen)
	}
	if c, err = madeOnce(s.Data, host, now); err != nil {
		return c, "", err
	}
	return c, fmt.Sprintf("%X", sha256.Sum256(c.Certificate[0])), nil
}

// madeOnce gives the certificate that is kept in a data directory; one is made if
// there is none that is good for a host, now and tomorrow.
func madeOnce(dir, host string, now time.Time) (tls.Certificate, error) {
	certFile, keyFile := filepath.Join(dir, madeCertificate), filepath.Join(dir, madeKey)
	if c, err := tls.LoadX509KeyPair(certFile, keyFile); err == nil && c.Leaf.NotAfter.After(now.Add(24*time.Hour)) && !c.Leaf.NotBefore.After(now) && c.Leaf.VerifyHostname(host) == nil {
		return c, nil
	}
	cert, key, err := makeCertificate(host, now)
	if err == nil {
		err = errors.Join(writeOnce(keyFile, string(key)), writeOnce(certFile, string(cert)))
	}
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("making a certificate: %w", err)
	}
	return tls.X509KeyPair(cert, key)
}

// makeCertificate makes one that is signed by itself, as PEM.
func makeCertificate(host string, now time.Time) (cert, key []byte, err error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, nil, err
	}
	names, addresses := []string{"localhost"}, []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}
	if ip := net.ParseIP(host); ip != nil {
		addresses = append(addresses, ip)
	} else if host != "" {
		names = append(names, strings.ToLower(host))
	}
	if name, err := os.Hostname(); err == nil {
		names = append(names, strings.ToLower(name))
	}
	slices.Sort(names)
	slices.SortFunc(addresses, func(a, b net.IP) int { return bytes.Compare(a.To16(), b.To16()) })
	template := x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: "bartizan"}, NotBefore: now.Add(-time.Hour), NotAfter: now.Add(certificateLife),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, BasicConstraintsValid: true,
		DNSNames: slices.Compact(names), IPAddresses: slices.CompactFunc(addresses, net.IP.Equal),
	}
	text, err := x509.CreateCertificate(rand.Reader, &template, &template, &private.PublicKey, private)
	if err != nil {
		return nil, nil, err
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return nil, nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: text}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}), nil
}
