//go:build tools

// Package tools names the programs to build, so that `go mod tidy` keeps what they need in go.sum.
package tools

import (
	_ "github.com/influxdata/influxdb/v2/cmd/influxd"
	_ "github.com/influxdata/pkg-config"
)
