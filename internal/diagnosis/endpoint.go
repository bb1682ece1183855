// SPDX-License-Identifier: MPL-2.0

package diagnosis

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/zstackio/terraform-provider-zstack/internal/zstack"
)

// foreign is advice about a response that is not ZStack's. If the endpoint looks
// wrong, the advice is about that.
func foreign(advice string) func(failure) string {
	return func(f failure) string {
		if wrong := f.wrongEndpoint(); wrong != "" {
			return wrong
		}
		return responding(advice)(f)
	}
}

// wrongEndpoint says what is most likely wrong with the endpoint, and shows the
// correct one. It is "" if the endpoint looks right. ParseEndpoint accepts what
// it finds, because a reverse proxy may use such an endpoint.
func (f failure) wrongEndpoint() string {
	endpoint, err := url.Parse(f.request.Endpoint)
	if err != nil {
		return ""
	}
	before, _, hasVersion := strings.Cut(endpoint.Path+"/", "/v1/")
	switch port := endpoint.Port(); {
	case port == "5000" || port == "5443":
		endpoint = &url.URL{Scheme: "http", Host: strings.TrimSuffix(endpoint.Host, port) + zstack.DefaultPort}
		return fmt.Sprintf("Port %s is normally ZStack's web interface, not its REST API. %s", port, setEndpoint(endpoint.String()))
	case hasVersion:
		if before == "" {
			before = zstack.DefaultContextPath
		}
		endpoint.Path = before
		return fmt.Sprintf("endpoint contains /v1, which the provider adds itself. %s", setEndpoint(endpoint.String()))
	}
	return ""
}

// setEndpoint says to which value endpoint should be set.
func setEndpoint(endpoint string) string {
	return fmt.Sprintf("Set endpoint (ZSTACK_ENDPOINT) of the provider to %q.", endpoint)
}

// redirect returns the advice for a redirect: the endpoint that it leads to, if
// it leads to one.
func redirect(f failure) string {
	const refused = "The provider does not follow redirects, because that would send the credentials to an address that you did not configure. "
	if wrong := f.wrongEndpoint(); wrong != "" {
		return refused + wrong
	}
	if e, ok := errors.AsType[*zstack.RedirectError](f.err); ok && e.Endpoint != "" {
		return refused + fmt.Sprintf("If you trust that address, set endpoint (ZSTACK_ENDPOINT) of the provider to %q.", e.Endpoint)
	}
	return responding(refused + "This one does not lead to the same path at another address, so it is most likely the sign-in page of a portal or of ZStack's web interface. " +
		"Check endpoint of the provider: it must be the REST API of the management node, normally http://<address>:8080/zstack.")(f)
}

// plainHTTP returns the advice to use the endpoint without TLS.
func plainHTTP(f failure) string {
	if wrong := f.wrongEndpoint(); wrong != "" {
		return wrong
	}
	advice := "endpoint of the provider begins with https, but the server does not use TLS on this port. A management node without a reverse proxy in front of it uses " +
		"plain http on port 8080."
	if e, ok := errors.AsType[*zstack.PlainHTTPError](f.err); ok {
		advice += " " + setEndpoint(e.Endpoint)
	}
	return advice
}

// tlsExpected returns the advice to use the endpoint with TLS.
func tlsExpected(f failure) string {
	if wrong := f.wrongEndpoint(); wrong != "" {
		return wrong
	}
	e, _ := errors.AsType[*zstack.TLSExpectedError](f.err)
	return setEndpoint(e.Endpoint) + " If host and port are set, remove them: they are for http only."
}
