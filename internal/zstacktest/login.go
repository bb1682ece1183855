// SPDX-License-Identifier: MPL-2.0

package zstacktest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"slices"
	"strings"

	"github.com/zstackio/terraform-provider-zstack/internal/zstacktest/query"
)

func (c *call) logInByAccount() (response, error) {
	login, err := c.loginParameters("logInByAccount")
	if err != nil {
		return response{}, err
	}
	if err := c.mandatory(login, "APILogInByAccountMsg", "password", "accountName"); err != nil {
		return response{}, err
	}
	user := c.lookUp(func(a accounts) *principal { return a.byName[query.Fold(login["accountName"])] })
	return c.logInAs(user, login["password"], WrongPassword)
}

func (c *call) logInByUser() (response, error) {
	login, err := c.loginParameters("logInByUser")
	if err != nil {
		return response{}, err
	}
	if err := c.mandatory(login, "APILogInByUserMsg", "password", "userName"); err != nil {
		return response{}, err
	}
	account := login["accountUuid"]
	if name, ok := login["accountName"]; ok && account == "" {
		account = accountUUID(name)
	}
	if account == "" {
		return response{}, noAccount
	}
	user := c.lookUp(func(a accounts) *principal { return a.users[userKey{account, query.Fold(login["userName"])}] })
	return c.logInAs(user, login["password"], WrongUser)
}

func (c *call) logInByVirtualID() (response, error) {
	login, err := c.loginParameters("loginIAM2VirtualID")
	if err != nil {
		return response{}, err
	}
	if err := c.mandatory(login, "APILoginIAM2VirtualIDMsg", "password", "name"); err != nil {
		return response{}, err
	}
	user := c.lookUp(func(a accounts) *principal { return a.virtualIDs[query.Fold(login["name"])] })
	return c.logInAs(user, login["password"], WrongPassword)
}

// logInToProject needs the session of a virtual ID and returns another one for the project. Its error codes are
// not documented (PROTOCOL.md §9); the one below is a guess.
func (c *call) logInToProject() (response, error) {
	identify, err := c.authenticate()
	if err != nil {
		return response{}, err
	}
	login, err := c.loginParameters("loginIAM2Project")
	if err != nil {
		return response{}, err
	}
	user, err := identify()
	if err != nil {
		return response{}, err
	}
	if err := c.mandatory(login, "APILoginIAM2ProjectMsg", "projectName"); err != nil {
		return response{}, err
	}
	project := login["projectName"]
	if user == nil || !slices.Contains(user.projects, project) {
		return response{}, InvalidArgument(fmt.Sprintf("cannot log in to the project[name:%s]", project))
	}
	inProject := *user
	inProject.accountUUID = uuidOf("project", project)
	return c.sessionFor(&inProject)
}

// logInByLDAP fails: no LDAP server is configured.
func (c *call) logInByLDAP() (response, error) {
	return response{}, InternalError("unhandled exception happened when calling private void " +
		"org.zstack.identity.login.LoginManagerImpl.doLogIn(org.zstack.header.identity.login.LoginContext, " +
		"org.zstack.header.core.ReturnValueCompletion), No LDAP/AD server record in database.")
}

// loginParameters reads the text members of the object in the body that belongs to an action, trimmed. A body without that
// object is an empty message (PROTOCOL.md §2.2); text that is not JSON is an exception of the REST front end.
func (c *call) loginParameters(action string) (map[string]string, error) {
	var message map[string]json.RawMessage
	if err := c.readJSON(&message); err != nil {
		return nil, err
	}
	var members map[string]json.RawMessage
	if object, ok := message[action]; ok && json.Unmarshal(object, &members) != nil {
		return nil, notAnObject
	}
	login := map[string]string{}
	for name, value := range members {
		if text, ok := gsonText(value); ok {
			login[name] = query.Trim(text)
		}
	}
	return login, nil
}

var notAnObject = refusal{500, "java.lang.IllegalStateException: Expected BEGIN_OBJECT but was STRING at line 1 column 1 path $"}

// readJSON reads the object in the body. An empty body, null and an empty array leave it nil.
func (c *call) readJSON(object *map[string]json.RawMessage) error {
	body := c.text()
	decoder := json.NewDecoder(strings.NewReader(body))
	var message json.RawMessage
	err := decoder.Decode(&message)
	switch {
	case errors.Is(err, io.EOF):
		return nil
	case errors.Is(err, io.ErrUnexpectedEOF):
		return refusal{500, fmt.Sprintf("java.io.EOFException: End of input at line 1 column %d path $.", len([]rune(body))+1)}
	case err != nil:
		return notAnObject
	}
	var array []any
	if json.Unmarshal(message, &array) == nil && len(array) == 0 {
		return nil
	}
	if json.Unmarshal(message, object) != nil {
		return notAnObject
	}
	return nil
}

// text is the body as the server decodes it: as ISO-8859-1 unless Content-Type names another charset (PROTOCOL.md §1).
func (c *call) text() string {
	_, parameters, _ := mime.ParseMediaType(c.r.Header.Get("Content-Type"))
	if strings.EqualFold(parameters["charset"], "utf-8") {
		return string(c.body)
	}
	runes := make([]rune, len(c.body))
	for i, b := range c.body {
		runes[i] = rune(b)
	}
	return string(runes)
}

// gsonText converts a value to the text that Gson reads: numbers and booleans become text.
func gsonText(value json.RawMessage) (string, bool) {
	var text string
	if json.Unmarshal(value, &text) == nil {
		return text, string(value) != "null"
	}
	isObject := strings.ContainsAny(string(value[:1]), "{[")
	return string(value), !isObject
}

// mandatory returns an error for the first missing parameter. The class in the text is the server's own mistake.
func (c *call) mandatory(login map[string]string, message string, names ...string) error {
	class := "org.zstack.header.message.ApiMessageParamValidator"
	if c.settings.Version.Before(4, 0) {
		class = "org.zstack.header.identity." + message
	}
	for _, name := range names {
		if _, ok := login[name]; !ok {
			return InvalidArgument(fmt.Sprintf("field[%s] of message[%s] is mandatory, can not be null", name, class))
		}
	}
	return nil
}

func (c *call) lookUp(user func(accounts) *principal) *principal {
	c.node.mu.Lock()
	defer c.node.mu.Unlock()
	return user(c.node.accounts)
}

// logInAs checks the hash of the password, which may be in capitals.
func (c *call) logInAs(user *principal, passwordHash string, wrong Error) (response, error) {
	c.node.mu.Lock()
	c.node.addSecret(passwordHash)
	c.node.mu.Unlock()
	if user == nil || !strings.EqualFold(user.passwordHash, passwordHash) {
		return response{}, wrong
	}
	return c.sessionFor(user)
}

func (c *call) sessionFor(user *principal) (response, error) {
	s, err := c.node.logIn(user)
	if err != nil {
		return response{}, err
	}
	columns := []query.Column{
		column("uuid", s.uuid),
		column("accountUuid", user.accountUUID),
		column("userUuid", user.uuid),
		column("expiredDate", s.expires),
		column("createDate", s.created),
	}
	if c.settings.hasSessionEvaluation() {
		columns = append(columns, column("noSessionEvaluation", false))
	}
	write := serializer{settings: c.settings} // without a source of random numbers: a session contains no set
	return response{status: 200, body: `{"inventory":` + string(write.appendObject(nil, columns)) + `}`}, nil
}
