// SPDX-License-Identifier: MPL-2.0

package zstacktest

import (
	"crypto/sha512"
	"encoding/hex"
	"slices"

	"github.com/zstackio/terraform-provider-zstack/internal/zstacktest/query"
)

// accounts are the accounts, users, virtual IDs and access keys that may log in. Names compare by the database's collation
// (PROTOCOL.md §2.2), so the keys are folded.
type accounts struct {
	byName     map[string]*principal
	users      map[userKey]*principal
	virtualIDs map[string]*principal
	accessKeys map[string]string
}

// userKey identifies a user of an account.
type userKey struct{ accountUUID, name string }

func newAccounts() accounts {
	return accounts{
		byName:     map[string]*principal{},
		users:      map[userKey]*principal{},
		virtualIDs: map[string]*principal{},
		accessKeys: map[string]string{},
	}
}

// principal is an account, a user of an account or a virtual ID.
type principal struct {
	uuid         string
	accountUUID  string
	passwordHash string
	projects     []string
	policies     []Policy
}

// Policy denies APIs to the users it is attached to (PROTOCOL.md §6.2).
type Policy struct {
	Name   string
	UUID   string
	Denies []API
}

// API is the Java class of an API's message: the name of the API in policies and errors.
type API string

// The APIs that a client of backup storages calls, and those that only the administrator may call.
const (
	QueryBackupStorage API = "org.zstack.header.storage.backup.APIQueryBackupStorageMsg"
	QueryZone          API = "org.zstack.header.zone.APIQueryZoneMsg"

	queryNodes  API = "org.zstack.header.managementnode.APIQueryManagementNodeMsg"
	getTypes    API = "org.zstack.header.storage.backup.APIGetBackupStorageTypesMsg"
	getCapacity API = "org.zstack.header.storage.backup.APIGetBackupStorageCapacityMsg"
)

// isAdmin reports whether p is the administrator. A signed request has no principal; its access key is the administrator's.
func (p *principal) isAdmin() bool { return p == nil || p.uuid == adminUUID }

// authorize checks whether p may call an API.
func (n *Node) authorize(p *principal, a API) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if p.isAdmin() {
		return nil
	}
	for _, policy := range p.policies {
		if slices.Contains(policy.Denies, a) {
			return deniedBy(policy)
		}
	}
	return nil
}

// hash is the form in which a password is sent (PROTOCOL.md §2.2).
func hash(password string) string {
	sum := sha512.Sum512([]byte(password))
	return hex.EncodeToString(sum[:])
}

// AddAccount adds an account, or changes its password.
func (n *Node) AddAccount(name, password string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	uuid := accountUUID(name)
	n.accounts.byName[query.Fold(name)] = &principal{uuid: uuid, accountUUID: uuid, passwordHash: hash(password)}
	n.addSecret(password, hash(password))
}

// AddUser adds a user of an account.
func (n *Node) AddUser(account, user, password string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.accounts.users[userKey{accountUUID(account), query.Fold(user)}] = &principal{
		uuid: uuidOf("user", account, user), accountUUID: accountUUID(account), passwordHash: hash(password),
	}
	n.addSecret(password, hash(password))
}

// AttachPolicy attaches a policy to a user of an account, whom [Node.AddUser] has added.
func (n *Node) AttachPolicy(account, user string, policy Policy) {
	n.mu.Lock()
	defer n.mu.Unlock()
	p := n.accounts.users[userKey{accountUUID(account), query.Fold(user)}]
	p.policies = append(p.policies, policy)
}

// AddVirtualID adds an IAM2 virtual ID that is a member of the projects.
func (n *Node) AddVirtualID(name, password string, projects ...string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.accounts.virtualIDs[query.Fold(name)] = &principal{
		uuid: uuidOf("virtual ID", name), accountUUID: uuidOf("IAM2"), passwordHash: hash(password), projects: projects,
	}
	n.addSecret(password, hash(password))
}

// AddAccessKey adds an access key.
func (n *Node) AddAccessKey(id, secret string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.accounts.accessKeys[id] = secret
	n.addSecret(secret)
}

// RemoveAccessKey deletes an access key.
func (n *Node) RemoveAccessKey(id string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.accounts.accessKeys, id)
}

// adminUUID is the same on every ZStack.
const adminUUID = "36c27e8ff05c4780bf6d2fa65700f22e"

func accountUUID(name string) string {
	if query.Fold(name) == query.Fold(DefaultAccount) {
		return adminUUID
	}
	return uuidOf("account", query.Fold(name))
}
