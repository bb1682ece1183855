// SPDX-License-Identifier: MPL-2.0

package diagnosis

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/zstackio/terraform-provider-zstack/internal/zstack"
)

// cause is one kind of error: which errors it fits, its title, and what to do
// about it.
type cause struct {
	fits   func(error) bool
	title  string
	advice func(failure) string
}

// causes are tried in this order, because an error may wrap another one that
// says less: an error of a proxy wraps what would be an error of the server.
var causes = slices.Concat(readCauses, proxyCauses, tlsCauses, connectionCauses, loginCauses, apiCauses, responseCauses)

// readCauses are errors of the read itself.
var readCauses = []cause{
	{
		hasType[*zstack.InterruptedError], "Read Interrupted",
		always("The run or the provider was told to stop. Nothing was changed."),
	},
	{
		hasType[*ReadTimeoutError], "Read Timeout",
		responding("If the management node is only slow, raise timeouts.read of the data source. If it does not respond at all, a lower " +
			"request_timeout of the provider shows that sooner."),
	},
	{
		isError(zstack.ErrClosed), "Provider Stopped",
		always("The provider was stopped or configured again during the read. Run Terraform again."),
	},
	{
		isError(zstack.ErrListChanged), "List Changed While It Was Read",
		always("Backup storages or zones were added or removed between two pages of the list, twice in a row. Run Terraform again. If the error " +
			"persists, narrow the search with type or name, so that one page is enough."),
	},
	{
		hasType[*zstack.TotalError], "Inconsistent List",
		always("The number of different rows did not match the total that the server reported, twice in a row, so the list may be incomplete. Run Terraform " +
			"again. If the error persists, check whether a proxy in front of the management node caches responses or removes query parameters."),
	},
	{
		isError(zstack.ErrBodyTooLarge), "Response Too Large",
		always("No list of backup storages is that long. Check that endpoint (or host and port) of the provider points to a ZStack management " +
			"node."),
	},
}

// connectionCauses are errors of a connection to the endpoint. If a proxy is
// used, the proxy opens that connection.
var connectionCauses = []cause{
	{
		with(func(e *zstack.LookupError) bool { return e.NotFound }), "Unknown Host",
		connecting("Check the host name in endpoint (ZSTACK_ENDPOINT) or host (ZSTACK_HOST) of the provider, and whether this machine uses the " +
			"DNS server that knows it, for example that of a VPN."),
	},
	{
		hasType[*zstack.LookupError], "DNS Lookup Failed",
		connecting("The DNS servers of this machine did not send a usable response, so nothing is known about the host name. Check the DNS " +
			"settings and the network of this machine, or use an IP address in endpoint (ZSTACK_ENDPOINT) of the provider."),
	},
	{
		hasType[*zstack.RefusedError], "Connection Refused",
		connecting("No process listens on this address and port. Check endpoint (or host and port) of the provider: ZStack's default port is " +
			"8080. A management node opens its port only after it has started, which takes minutes."),
	},
	{
		with(isTimeout), "Connection Timeout",
		connecting("Nothing responds at this address and port. Check the address in endpoint (or host) of the provider, and whether a firewall " +
			"drops the packets or a VPN is not connected."),
	},
	{
		hasType[*zstack.ConnectError], "Connection Failed",
		connecting("Check that this machine can reach the management node: address, route, firewall, VPN."),
	},
	{
		hasType[*zstack.TimeoutError], "Request Timeout",
		requestTimeout,
	},
}

// responseCauses are responses that are not ZStack's.
var responseCauses = []cause{
	{
		hasType[*zstack.RedirectError], "Redirect Refused",
		redirect,
	},
	{
		hasStatus(http.StatusTooManyRequests), "Rate Limit Exceeded",
		always("The server limits the number of requests per minute. Run Terraform again later, or with a lower -parallelism."),
	},
	{
		isTooLate, "Server Too Busy",
		always("Run Terraform again later, or allow more time: timeouts.read of the data source limits a read, and request_timeout of the " +
			"provider limits a login."),
	},
	{
		hasStatus(http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout), "Management Node Not Reachable Behind the Proxy",
		responding("A proxy responded because it could not reach the management node. The node may be starting: run Terraform again when it is " +
			"ready."),
	},
	{
		hasStatus(http.StatusRequestTimeout), "Request Not Received in Time",
		responding("A load balancer or proxy did not receive the whole request in time. Run Terraform again. If the error persists, check the " +
			"connection between this machine and the load balancer."),
	},
	{
		hasStatus(http.StatusTooEarly), "Request Too Early",
		responding("A load balancer did not pass the request on, because it arrived before the TLS handshake was complete. The provider never sends " +
			"requests that early: turn off 0-RTT (early data) in the load balancer or proxy that does."),
	},
	{
		hasStatus(520), "Invalid Response Behind the Load Balancer",
		responding("A load balancer or content delivery network received no valid response from the server behind it. Check that it forwards " +
			"requests to the REST API of the management node, and its log."),
	},
	{
		hasStatus(521, 522, 523), "Management Node Not Reachable Behind the Load Balancer",
		responding("A load balancer or content delivery network could not connect to the server behind it. Check that the management node runs, " +
			"and that its firewall allows the load balancer."),
	},
	{
		hasStatus(524), "No Response Behind the Load Balancer",
		responding("A load balancer or content delivery network was connected to the server behind it, but got no response in time. Run Terraform " +
			"again. If the error persists, check the load of the management node."),
	},
	{
		hasStatus(525, 526), "TLS Failure Behind the Load Balancer",
		responding("A load balancer or content delivery network could not set up TLS with the server behind it. The certificate to check is that " +
			"of the server behind the load balancer."),
	},
	{
		with(isIncompleteBody), "Incomplete Response",
		responding("The server, or a proxy in front of it, closed the connection before the response was complete. Run Terraform again. If the error " +
			"persists, check the logs of the management node and of the proxies in front of it."),
	},
	{
		hasType[*zstack.IncompleteResponseError], "No Response",
		foreign("The server, or a device on the path to it, closed the connection instead of responding. Run Terraform again. If the error " +
			"persists, check that endpoint of the provider begins with https if the server expects TLS, and the logs of the management node and " +
			"of the proxies in front of it."),
	},
	{
		with(func(e *zstack.FieldError) bool { return e.Row != nil }), "Unexpected Value",
		unexpectedField,
	},
	{
		hasStatus(http.StatusUnauthorized, http.StatusForbidden, http.StatusProxyAuthRequired), "Request Refused in Front of ZStack",
		responding("A reverse proxy, gateway or firewall refused the request; it did not reach the management node. Ask its administrator to allow " +
			"requests to the REST API from this machine."),
	},
	{
		isForeign, "Not a ZStack Endpoint",
		foreign("Check endpoint (ZSTACK_ENDPOINT), or host and port (ZSTACK_HOST, ZSTACK_PORT), of the provider: it must be the REST API of the " +
			"management node, normally http://<address>:8080/zstack."),
	},
	{
		anyOf(hasType[*zstack.UnexpectedResponseError], hasType[*zstack.InvalidHTTPError]), "Unexpected Response",
		foreign("This is not a valid ZStack API response. Check that endpoint of the provider points to the REST API of a management node. If it " +
			"does, run Terraform again, and check the logs of the management node and of the proxies in front of it."),
	},
}

// requestTimeout says what was reached: the proxy, if requests are sent to it and
// not through a tunnel.
func requestTimeout(f failure) string {
	reached := "The server"
	if f.request.Proxy.Address != "" && strings.HasPrefix(f.request.Endpoint, "http:") {
		reached = "The proxy"
	}
	advice := reached + " was reached, but there was no complete response in time. If the management node is only slow, raise request_timeout of the provider " +
		"(ZSTACK_REQUEST_TIMEOUT). Otherwise check whether a firewall, VPN or proxy between this machine and the management node drops the connection."
	if f.request.Proxy.Address == "" {
		return connecting(advice)(f)
	}
	return responding(advice)(f)
}

// always is advice that depends only on the cause.
func always(advice string) func(failure) string { return func(failure) string { return advice } }

// isError fits an error that wraps target.
func isError(target error) func(error) bool {
	return func(err error) bool { return errors.Is(err, target) }
}

// hasType fits an error that wraps one of type E.
func hasType[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

// with fits an error that wraps one of type E that meets a condition.
func with[E error](meets func(E) bool) func(error) bool {
	return func(err error) bool {
		e, ok := errors.AsType[E](err)
		return ok && meets(e)
	}
}

// anyOf fits what one of several fits.
func anyOf(fits ...func(error) bool) func(error) bool {
	return func(err error) bool {
		return slices.ContainsFunc(fits, func(fits func(error) bool) bool { return fits(err) })
	}
}

// hasCode fits an error that the management node reports with one of these codes.
func hasCode(codes ...string) func(error) bool {
	return with(func(e *zstack.APIError) bool { return slices.Contains(codes, e.Code) })
}

// hasStatus fits a response with one of these HTTP statuses that is not the API's.
func hasStatus(statuses ...int) func(error) bool {
	return with(func(e *zstack.UnexpectedResponseError) bool { return slices.Contains(statuses, e.HTTPStatus) })
}

// isTimeout reports whether a connection could not be opened in time.
func isTimeout(e *zstack.ConnectError) bool { return hasType[*zstack.TimeoutError](e.Err) }

// isIncompleteBody reports whether a response began, but did not end.
func isIncompleteBody(e *zstack.IncompleteResponseError) bool { return e.Began }

// isTooLate fits a response that asks to wait beyond the deadline.
func isTooLate(err error) bool {
	late, ok := errors.AsType[*zstack.RetryTooLateError](err)
	return ok && late.Wait > 0 && hasType[*zstack.UnexpectedResponseError](err)
}

// isForeign fits a response that does not come from a management node.
func isForeign(err error) bool {
	response, ok := errors.AsType[*zstack.UnexpectedResponseError](err)
	return ok && (response.HTML || response.HTTPStatus == http.StatusNotFound) || hasType[*zstack.NotHTTPError](err)
}
