//go:build unix && !linux

package store

import "syscall"

// endsWithUs is what only Linux can.
func endsWithUs() *syscall.SysProcAttr { return &syscall.SysProcAttr{} }
