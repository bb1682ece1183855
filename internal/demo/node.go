// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/zstackio/terraform-provider-zstack/internal/zstacktest"
)

// The account of a fresh ZStack.
const (
	account  = "admin"
	password = "password"
)

const defaultListen = "127.0.0.1:8080"

// nodeOptions are the flags of the command node.
type nodeOptions struct {
	listen    string
	inventory string
	zones     string
	locale    string
	tls       bool
}

func parseNodeOptions(args []string) (nodeOptions, error) {
	var o nodeOptions
	flags := flag.NewFlagSet("node", flag.ExitOnError)
	flags.StringVar(&o.listen, "listen", defaultListen, "address to serve on")
	flags.StringVar(&o.inventory, "inventory", "", "file with the backup storages: a saved response of GET /v1/backup-storage")
	flags.StringVar(&o.zones, "zones", "", "file with the zones: a saved response of GET /v1/zones")
	flags.StringVar(&o.locale, "locale", string(zstacktest.English), "language of error details: en_US or zh_CN")
	flags.BoolVar(&o.tls, "tls", false, "serve TLS, with a certificate of a new CA")
	_ = flags.Parse(args) // it exits on an error
	if flags.NArg() > 0 {
		return o, fmt.Errorf("unexpected argument %q; -help lists the options", flags.Arg(0))
	}
	if _, _, err := net.SplitHostPort(o.listen); err != nil {
		return o, fmt.Errorf("-listen must be an address and a port, got %q; write -listen %s", o.listen, completeAddress(o.listen))
	}
	if o.locale != string(zstacktest.English) && o.locale != string(zstacktest.Chinese) {
		return o, fmt.Errorf("-locale must be en_US or zh_CN, got %q", o.locale)
	}
	return o, nil
}

// completeAddress adds the part that a value of -listen lacks, if it is a port.
func completeAddress(listen string) string {
	if _, err := strconv.ParseUint(listen, 10, 16); err == nil {
		return net.JoinHostPort("127.0.0.1", listen)
	}
	return defaultListen
}

// sshPassword is a password that ZStack includes in its responses. The node removes it from a file that it loads.
var sshPassword = regexp.MustCompile(`("sshPassword"\s*:\s*)"(?:[^"\\]|\\.)*"`)

// node returns the node that the options describe.
func (o nodeOptions) node() (*zstacktest.Node, error) {
	node := newNode()
	node.Configure(func(s *zstacktest.Settings) { s.Locale = zstacktest.Locale(o.locale) })
	if o.inventory != "" {
		node.SetZones() // Those of the demo do not belong to this inventory.
	}
	for _, saved := range []struct {
		file string
		load func(response []byte) error
	}{{o.inventory, node.LoadBackupStorages}, {o.zones, node.LoadZones}} {
		if saved.file == "" {
			continue
		}
		response, err := os.ReadFile(saved.file)
		if err != nil {
			return nil, err
		}
		if err := saved.load(sshPassword.ReplaceAll(response, []byte(`$1""`))); err != nil {
			return nil, fmt.Errorf("%s: %w", saved.file, err)
		}
	}
	return node, nil
}

// serveNode serves a node until ctx ends, and prints how to reach it and each request.
func serveNode(ctx context.Context, out io.Writer, o nodeOptions) error {
	node, err := o.node()
	if err != nil {
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", o.listen)
	if err != nil {
		return fmt.Errorf("choose another address with -listen: %w", err)
	}
	host, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		return err
	}
	if net.ParseIP(host).IsUnspecified() {
		host = "127.0.0.1"
	}
	variables := accessVariables("http://" + net.JoinHostPort(host, port))

	server := node.Server()
	server.Handler = printRequests(out, node)
	server.ErrorLog = log.New(io.Discard, "", 0) // refused handshakes: the client reports them
	server.BaseContext = func(net.Listener) context.Context { return ctx }
	if o.tls {
		folder, err := os.MkdirTemp("", "zstack-node")
		if err != nil {
			return err
		}
		defer os.RemoveAll(folder)
		ca, file := zstacktest.NewCA(), filepath.Join(folder, "ca.pem")
		if err := os.WriteFile(file, []byte(ca.PEM()), 0o600); err != nil {
			return err
		}
		listener = tls.NewListener(listener, &tls.Config{Certificates: []tls.Certificate{ca.Certificate(host)}, MinVersion: tls.VersionTLS12})
		variables = append(accessVariables("https://"+net.JoinHostPort(host, port)), variable{"ZSTACK_CA_CERTIFICATE_FILE", file})
	}

	fmt.Fprintf(out, "A fake management node serves %s until you press Ctrl-C.\n", variables[0].value)
	fmt.Fprintf(out, "To use it, paste the lines of your shell into another terminal:\n")
	for _, shell := range []shell{posix, fish, powerShell} {
		fmt.Fprintf(out, "\n%s\n%s", shell.name, shell.format(variables))
	}
	fmt.Fprintf(out, "\nRequests:\n")

	context.AfterFunc(ctx, func() { _ = server.Close() })
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// variable is an environment variable of the provider.
type variable struct{ name, value string }

// accessVariables are the variables for a node of newNode.
func accessVariables(endpoint string) []variable {
	return []variable{
		{"ZSTACK_ENDPOINT", endpoint},
		{"ZSTACK_ACCOUNT_NAME", account},
		{"ZSTACK_ACCOUNT_PASSWORD", password},
	}
}

// shell is how a shell sets an environment variable. All of them read '…' literally.
type shell struct{ name, assignment string }

var (
	posix      = shell{"bash, zsh:", "  export %s='%s'\n"}
	fish       = shell{"fish:", "  set -x %s '%s'\n"}
	powerShell = shell{"PowerShell:", "  $env:%s = '%s'\n"}
)

func (s shell) format(variables []variable) string {
	var lines strings.Builder
	for _, v := range variables {
		fmt.Fprintf(&lines, s.assignment, v.name, v.value)
	}
	return lines.String()
}

// printRequests prints each request when its response is complete.
func printRequests(out io.Writer, handler http.Handler) http.Handler {
	var mu sync.Mutex
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		response := &statusRecorder{ResponseWriter: w, status: http.StatusOK}
		handler.ServeHTTP(response, r)
		mu.Lock()
		defer mu.Unlock()
		fmt.Fprintf(out, "  %-6s %s -> %d\n", r.Method, target(r.URL.Path, r.URL.RawQuery), response.status)
	})
}

// statusRecorder remembers the status of a response.
type statusRecorder struct {
	http.ResponseWriter

	status int
}

func (r *statusRecorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

// Unwrap lets the node reach the connection.
func (r *statusRecorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// target is the readable target of a request, without the session's UUID in a logout: it is a secret.
func target(path, rawQuery string) string {
	if before, _, found := strings.Cut(path, "/sessions/"); found {
		return before + "/sessions/…"
	}
	query, err := url.QueryUnescape(rawQuery)
	if err != nil || query == "" {
		return path
	}
	return path + "?" + query
}
