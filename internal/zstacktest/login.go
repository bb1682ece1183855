// SPDX-License-Identifier: MPL-2.0

package zstacktest

import (
	"encoding/json"
	"fmt"
	"slices"
)

func (c *call) logInByAccount() (answer, error) {
	login, err := c.parameters("logInByAccount")
	if err != nil {
		return answer{}, err
	}
	if err := login.mandatory("accountName", "password"); err != nil {
		return answer{}, err
	}
	who := c.lookUp(func(d directory) *principal { return d.accounts[fold(login["accountName"])] })
	return c.logInAs(who, login["password"], WrongPassword)
}

func (c *call) logInByUser() (answer, error) {
	login, err := c.parameters("logInByUser")
	if err != nil {
		return answer{}, err
	}
	if err := login.mandatory("userName", "password"); err != nil {
		return answer{}, err
	}
	account := login["accountUuid"]
	if name, ok := login["accountName"]; ok && account == "" {
		account = c.node.accountUUID(name)
	}
	if account == "" {
		return answer{}, InvalidArgument("accountName and accountUuid cannot both be null, you must specify at least one")
	}
	who := c.lookUp(func(d directory) *principal { return d.users[[2]string{account, fold(login["userName"])}] })
	return c.logInAs(who, login["password"], WrongUser)
}

func (c *call) logInByVirtualID() (answer, error) {
	login, err := c.parameters("loginIAM2VirtualID")
	if err != nil {
		return answer{}, err
	}
	if err := login.mandatory("name", "password"); err != nil {
		return answer{}, err
	}
	who := c.lookUp(func(d directory) *principal { return d.virtualIDs[fold(login["name"])] })
	return c.logInAs(who, login["password"], WrongPassword)
}

// logInToProject needs the session of a virtual ID and returns another one for the project. The error codes of its
// failures are not known (PROTOCOL.md §9); the one below is the nearest.
func (c *call) logInToProject() (answer, error) {
	identify, err := c.authenticate()
	if err != nil {
		return answer{}, err
	}
	login, err := c.parameters("loginIAM2Project")
	if err != nil {
		return answer{}, err
	}
	who, err := identify()
	if err != nil {
		return answer{}, err
	}
	if err := login.mandatory("projectName"); err != nil {
		return answer{}, err
	}
	project := login["projectName"]
	if who == nil || !slices.Contains(who.projects, project) {
		return answer{}, InvalidArgument(fmt.Sprintf("cannot log in to the project[name:%s]", project))
	}
	inProject := *who
	inProject.accountUUID = uuidOf("project", project)
	return c.sessionFor(&inProject)
}

// parameters are the text parameters of a login call.
type parameters map[string]string

// parameters reads the member of the body that carries an action's parameters. A body without it is an empty message
// (PROTOCOL.md §2.2); a body of another shape makes the server fail in plain text.
func (c *call) parameters(action string) (parameters, error) {
	if len(c.body) == 0 {
		return nil, nil
	}
	var message map[string]map[string]any
	if err := json.Unmarshal(c.body, &message); err != nil {
		return nil, refusal{500, "com.google.gson.JsonSyntaxException: java.lang.IllegalStateException: " +
			"Expected BEGIN_OBJECT but was STRING at line 1 column 1 path $"}
	}
	p := parameters{}
	for name, value := range message[action] {
		if text, ok := value.(string); ok {
			p[name] = text
		}
	}
	return p, nil
}

// mandatory refuses the first parameter that is missing. The class in the text is the server's own mistake.
func (p parameters) mandatory(names ...string) error {
	for _, name := range names {
		if _, ok := p[name]; !ok {
			return InvalidArgument(fmt.Sprintf(
				"field[%s] of message[org.zstack.header.message.ApiMessageParamValidator] is mandatory, can not be null", name))
		}
	}
	return nil
}

func (c *call) lookUp(who func(directory) *principal) *principal {
	c.node.mu.Lock()
	defer c.node.mu.Unlock()
	return who(c.node.people)
}

func (c *call) logInAs(who *principal, passwordHash string, wrong Error) (answer, error) {
	c.node.mu.Lock()
	c.node.addSecret(passwordHash)
	c.node.mu.Unlock()
	if who == nil || who.passwordHash != passwordHash {
		return answer{}, wrong
	}
	return c.sessionFor(who)
}

func (c *call) sessionFor(who *principal) (answer, error) {
	s, err := c.node.logIn(who)
	if err != nil {
		return answer{}, err
	}
	write := serializer{settings: c.settings} // there is no set in it to shuffle
	return answer{status: 200, body: `{"inventory":` + write.object([]column{
		{"uuid", s.uuid},
		{"accountUuid", who.accountUUID},
		{"userUuid", who.uuid},
		{"expiredDate", s.expires},
		{"createDate", s.created},
		{"noSessionEvaluation", false},
	}) + `}`}, nil
}
