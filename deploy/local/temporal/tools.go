//go:build tools

// Package tools pins the Temporal command that the local stack builds.
//
// `go install …@v1.8.2` fails on the replace directive in that module, so it is built from here.
package tools

import _ "github.com/temporalio/cli/cmd/temporal"
