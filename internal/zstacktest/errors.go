// SPDX-License-Identifier: MPL-2.0

package zstacktest

import (
	"fmt"
	"strings"
)

// Text is one sentence in the node's two languages.
type Text struct{ Chinese, English string }

func (t Text) in(l Locale) string {
	if l == English || t.Chinese == "" {
		return t.English
	}
	return t.Chinese
}

// Error is what is raised behind the node's bus: status 503 and a JSON body (PROTOCOL.md §6.1). Empty members are left
// out of the body.
type Error struct {
	Code        string
	Description string
	Details     Text
	// Hint is the node's own explanation of the error: it becomes the elaboration and the messages.
	Hint     Text
	Location string
	// Thrown is an error made from a Java exception, which carries no cost.
	Thrown bool
}

func (e Error) Error() string { return e.Code + ": " + e.Details.English }

// The errors of PROTOCOL.md §6.2, as the node words them.
var (
	WrongPassword = Error{
		Code: "ID.1000", Description: "Unable to authenticate a user",
		Details:  Text{"错误信息: 错误的帐号或密码", "wrong account name or password"},
		Hint:     Text{"错误的帐号或密码。", "Wrong account name or password."},
		Location: "process-login (location:2/2)",
	}
	WrongUser = Error{
		Code: "ID.1000", Description: "Unable to authenticate a user",
		Details: Text{English: "wrong account or username or password"},
	}
	SessionExpired = Error{
		Code: "ID.1001", Description: "The session is invalid, either wrong session id or the session has been expired",
		Details: Text{English: "Session expired"},
		Hint:    Text{"session 已过期，或者提供了不正确的 session id。", "Session expired or wrong session ID."},
	}
	AdminOnly = Error{
		Code: "ID.1002", Description: "The user doesn't have permission to perform the operation",
		Details: Text{English: "request api[name: " + queryMessage + "] is admin only, can not be executed by current user"},
	}
	TooManySessions = Error{
		Code: "ID.1006", Description: "Max number of active sessions exceeded",
		Details:  Text{English: "Login sessions hit limit of max allowed concurrent login sessions"},
		Location: "process-login (location:2/2)",
	}
	SecondFactor = Error{
		Code: "ID.2001", Description: "The user has to login by addition authentication",
		Details: Text{English: `{"authentications":["twofactor"]}`},
	}
	PasswordMustChange = Error{
		Code: "LOGIN_CONTROL.1000", Description: "Stale password",
		Details: Text{English: "Need to change password"},
	}
	Locked = Error{
		Code: "LOGIN_CONTROL.1002", Description: "Target is locked",
		Details:  Text{English: "this user is locked, remaining time: 120 seconds"},
		Location: "run-before-login-extensions (location:1/2)",
	}
	WrongCaptcha = Error{
		Code: "LOGIN_CONTROL.1003", Description: "Wrong captcha",
		Details:  Text{English: "Incorrect verify code"},
		Location: "run-before-login-extensions (location:1/2)",
	}
	MissingCaptcha = Error{
		Code: "LOGIN_CONTROL.1005", Description: "Missing captcha",
		Details:  Text{English: "Missing verify code. Get verify code through captcha related API: GetLoginCaptcha"},
		Location: "run-before-login-extensions (location:1/2)",
	}
	Timeout = Error{
		Code: "SYS.1001", Description: "A message or a operation timeout",
		Details: Text{English: "the message timed out"}, Thrown: true,
	}
	DeniedByPolicy = Error{
		Code: "SYS.1006", Description: "An operation failed",
		Details: Text{
			"默认情况下拒绝操作[API：" + queryMessage + "]，请与管理员联系以更正",
			"operation[API:" + queryMessage + "] is denied by default, please contact admin to correct it",
		},
	}
	NotReady = Error{
		Code: "SYS.1010", Description: "Management server is not ready to serve",
		Details: Text{English: "management node[uuid:b0c7d8a1f4a34b0b9f3c6d2c0a9d1e11] is not ready yet"},
	}
	NodeUnavailable = Error{
		Code: "SYS.1012", Description: "The management node is unavailable",
		Details: Text{English: "management node[uuid:b0c7d8a1f4a34b0b9f3c6d2c0a9d1e11] is unavailable"},
	}
)

const queryMessage = "org.zstack.header.storage.backup.APIQueryBackupStorageMsg"

// InternalError is SYS.1000, which also answers every query the node cannot make sense of.
func InternalError(details string) Error { return thrown(Text{English: details}) }

func thrown(details Text) Error {
	return Error{Code: "SYS.1000", Description: "An internal error happened in system", Details: details, Thrown: true}
}

// InvalidArgument is SYS.1007.
func InvalidArgument(details string) Error {
	return Error{Code: "SYS.1007", Description: "One or more API argument is invalid", Details: Text{English: details}}
}

// body writes the error object; unlike the body of a success it is not HTML-escaped (PROTOCOL.md §6.1).
func (e Error) body(l Locale) string {
	var members []string
	add := func(key, value string) {
		if value != "" {
			members = append(members, quote(key, plain)+":"+quote(value, plain))
		}
	}
	add("code", e.Code)
	add("description", e.Description)
	add("details", e.Details.in(l))
	if e.Hint != (Text{}) {
		prefix := Text{"错误信息: ", "Error message: "}
		add("elaboration", prefix.in(l)+e.Hint.in(l))
	}
	add("location", e.Location)
	if e.Hint != (Text{}) {
		_, number, _ := strings.Cut(e.Code, ".")
		members = append(members, fmt.Sprintf(
			`"messages":{"code":%s,"message_cn":%s,"message_en":%s,"source":"zstack","distance":0.0,"method":"distance"}`,
			quote(number, plain), quote(e.Hint.Chinese, plain), quote(e.Hint.English, plain)))
	}
	if !e.Thrown {
		add("cost", "1ms")
	}
	return `{"error":{` + strings.Join(members, ",") + `}}`
}

// refusal is what is raised in front of the node's bus: a status and plain text (PROTOCOL.md §6.3).
type refusal struct {
	status int
	text   string
}

func (r refusal) Error() string { return r.text }

func badRequest(format string, args ...any) refusal {
	return refusal{400, fmt.Sprintf(format, args...)}
}
