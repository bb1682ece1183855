// SPDX-License-Identifier: MPL-2.0

package zstacktest

import (
	"crypto/sha512"
	"encoding/hex"
)

// directory is who may log in. Names compare by the database's collation (PROTOCOL.md §2.2), so they are kept folded.
type directory struct {
	accounts   map[string]*principal
	users      map[[2]string]*principal
	virtualIDs map[string]*principal
	accessKeys map[string]string
}

func newDirectory() directory {
	return directory{
		accounts:   map[string]*principal{},
		users:      map[[2]string]*principal{},
		virtualIDs: map[string]*principal{},
		accessKeys: map[string]string{},
	}
}

// principal is somebody who has sessions.
type principal struct {
	uuid         string
	accountUUID  string
	passwordHash string
	projects     []string
}

// hash is the form in which a password travels (PROTOCOL.md §2.2).
func hash(password string) string {
	sum := sha512.Sum512([]byte(password))
	return hex.EncodeToString(sum[:])
}

// AddAccount adds an account, or gives it another password.
func (n *Node) AddAccount(name, password string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	uuid := n.accountUUID(name)
	n.people.accounts[fold(name)] = &principal{uuid: uuid, accountUUID: uuid, passwordHash: hash(password)}
	n.addSecret(password, hash(password))
}

// AddUser adds a user of an account.
func (n *Node) AddUser(account, user, password string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.people.users[[2]string{n.accountUUID(account), fold(user)}] = &principal{
		uuid: uuidOf("user", account, user), accountUUID: n.accountUUID(account), passwordHash: hash(password),
	}
	n.addSecret(password, hash(password))
}

// AddVirtualID adds an IAM2 virtual ID that is a member of the projects.
func (n *Node) AddVirtualID(name, password string, projects ...string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.people.virtualIDs[fold(name)] = &principal{
		uuid: uuidOf("virtual ID", name), accountUUID: uuidOf("IAM2"), passwordHash: hash(password), projects: projects,
	}
	n.addSecret(password, hash(password))
}

// AddAccessKey adds an access key.
func (n *Node) AddAccessKey(id, secret string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.people.accessKeys[id] = secret
	n.addSecret(secret)
}

// RemoveAccessKey deletes an access key.
func (n *Node) RemoveAccessKey(id string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.people.accessKeys, id)
}

// adminUUID is the same on every ZStack there is.
const adminUUID = "36c27e8ff05c4780bf6d2fa65700f22e"

func (n *Node) accountUUID(name string) string {
	if fold(name) == fold(DefaultAccount) {
		return adminUUID
	}
	return uuidOf("account", fold(name))
}
