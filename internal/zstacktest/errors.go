// SPDX-License-Identifier: MPL-2.0

package zstacktest

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/zstackio/terraform-provider-zstack/internal/zstacktest/query"
)

// Text is one sentence in the two languages of the node. If the Chinese is empty, the English is used in both.
type Text = query.Text

func inLocale(t Text, l Locale) string {
	if l == English || t.Chinese == "" {
		return t.English
	}
	return t.Chinese
}

// Error is an error of a service behind the node's message bus: status 503 and a JSON body (PROTOCOL.md §6.1). Empty members
// are left out of the body.
type Error struct {
	Code        string
	Description string
	Details     Text
	// Hint is the node's own explanation of the error: it becomes the elaboration and the messages.
	Hint Text
	// HintDistance is the distance of the details from the text that the hint was written for.
	HintDistance float64
	Location     string
	// Thrown is an error made from a Java exception, which has no cost.
	Thrown bool
}

func (e Error) Error() string { return e.Code + ": " + e.Details.English }

// The errors of PROTOCOL.md §6.2 with the texts of the node.
var (
	WrongPassword = Error{
		Code: "ID.1000", Description: "Unable to authenticate a user",
		Details:  Text{Chinese: "错误信息: 错误的帐号或密码", English: "wrong account name or password"},
		Hint:     wrongPasswordHint,
		Location: loginLocation,
	}
	WrongUser = Error{
		Code: "ID.1000", Description: "Unable to authenticate a user",
		Details:      Text{English: "wrong account or username or password"},
		Hint:         wrongPasswordHint,
		HintDistance: 0.08754970415218455,
	}
	SessionExpired = Error{
		Code: "ID.1001", Description: "The session is invalid, either wrong session id or the session has been expired",
		Details: Text{English: "Session expired"},
		Hint:    Text{Chinese: "session 已过期，或者提供了不正确的 session id。", English: "Session expired or wrong session ID."},
	}
	AdminOnly       = adminOnly(QueryBackupStorage)
	TooManySessions = Error{
		Code: "ID.1006", Description: "Max number of active sessions exceeded",
		Details:  Text{English: "Login sessions hit limit of max allowed concurrent login sessions"},
		Location: loginLocation,
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
			Chinese: "默认情况下拒绝操作[API：" + string(QueryBackupStorage) + "]，请与管理员联系以更正",
			English: "operation[API:" + string(QueryBackupStorage) + "] is denied by default, please contact admin to correct it",
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

const loginLocation = "LoginManagerImpl.java: process-login (location:2/2)"

var (
	wrongPasswordHint = Text{Chinese: "错误的帐号或密码。", English: "Wrong account name or password."}

	noAccount = invalidArgument(Text{
		Chinese: "accountName和accountUuid不能同时为空，您必须定义至少一个",
		English: "accountName and accountUuid cannot both be null, you must specify at least one",
	})
	noCapacitySet = invalidArgument(Text{
		Chinese: "zoneUuids, backupStorageUuids 至少有一个不为空，或者all被设置为真 ",
		English: "zoneUuids, backupStorageUuids must have at least one be none-empty list, or all is set to true",
	})
)

func adminOnly(a API) Error {
	return Error{
		Code: "ID.1002", Description: "The user doesn't have permission to perform the operation",
		Details: Text{English: "request api[name: " + string(a) + "] is admin only, can not be executed by current user"},
	}
}

func deniedBy(p Policy) Error {
	return Error{
		Code: "SYS.1006", Description: "An operation failed",
		Details: Text{
			Chinese: fmt.Sprintf("操作被策略[名称：%suuid：%s]拒绝", p.Name, p.UUID),
			English: fmt.Sprintf("the operation is denied by the policy[name:%s uuid:%s]", p.Name, p.UUID),
		},
	}
}

// InternalError is SYS.1000, which is also the response to every malformed query.
func InternalError(details string) Error { return internalError(Text{English: details}) }

func internalError(details Text) Error {
	return Error{Code: "SYS.1000", Description: "An internal error happened in system", Details: details, Thrown: true}
}

// InvalidArgument is SYS.1007.
func InvalidArgument(details string) Error { return invalidArgument(Text{English: details}) }

func invalidArgument(details Text) Error {
	return Error{Code: "SYS.1007", Description: "One or more API argument is invalid", Details: details}
}

// body writes the error object. Unlike the body of a success it is not HTML-escaped, and old releases leave members out
// (PROTOCOL.md §1 and §6.1).
func (e Error) body(s Settings) string {
	var members []string
	add := func(key, json string) { members = append(members, quote(key, plain)+":"+json) }
	addText := func(key, text string) {
		if text != "" {
			add(key, quote(text, plain))
		}
	}
	addText("code", e.Code)
	addText("description", e.Description)
	addText("details", inLocale(e.Details, s.Locale))
	if e.Hint != (Text{}) {
		prefix := Text{Chinese: "错误信息: ", English: "Error message: "}
		addText("elaboration", inLocale(prefix, s.Locale)+inLocale(e.Hint, s.Locale))
	}
	if !s.Version.Before(3, 10) {
		addText("location", e.Location)
	}
	if e.Hint != (Text{}) && !s.Version.Before(3, 6) {
		add("messages", e.messages())
	}
	if !e.Thrown && !s.Version.Before(3, 6) {
		addText("cost", "1ms")
	}
	return `{"error":{` + strings.Join(members, ",") + `}}`
}

func (e Error) messages() string {
	_, number, _ := strings.Cut(e.Code, ".")
	return fmt.Sprintf(`{"code":%s,"message_cn":%s,"message_en":%s,"source":"zstack","distance":%s,"method":"distance"}`,
		quote(number, plain), quote(e.Hint.Chinese, plain), quote(e.Hint.English, plain),
		withFraction(strconv.FormatFloat(e.HintDistance, 'f', -1, 64)))
}

// refusal is an error of the node's REST front end: a status and plain text (PROTOCOL.md §6.3).
type refusal struct {
	status int
	text   string
}

func (r refusal) Error() string { return r.text }

func badRequest(text string) refusal { return refusal{400, text} }
