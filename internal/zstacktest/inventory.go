// SPDX-License-Identifier: MPL-2.0

package zstacktest

import (
	"slices"
	"time"
)

// BackupStorage is one row of the database (PROTOCOL.md §5.2). A nil pointer, and a zero date, is a NULL: its key is
// left out of the answer.
type BackupStorage struct {
	UUID              string
	Name              *string
	URL               string
	Description       *string
	TotalCapacity     int64
	AvailableCapacity int64
	State             string
	Status            string
	CreateDate        time.Time
	LastOpDate        time.Time
	// AttachedZoneUUIDs is a set: the node answers it in any order.
	AttachedZoneUUIDs []string
	// Subtype decides the type and what it adds; nil is a SimulatorBackupStorage, which adds nothing.
	Subtype Subtype
}

// Subtype is what one type of backup storage adds to the common columns.
type Subtype interface {
	describe(storageUUID string) description
}

// description is a subtype as the server sees it.
type description struct {
	typeName string
	class    string
	columns  []column
}

// ImageStore is type ImageStoreBackupStorage.
type ImageStore struct {
	Hostname string
	Username string
	SSHPort  int64
}

func (s ImageStore) describe(string) description {
	return description{
		"ImageStoreBackupStorage", "org.zstack.storage.backup.imagestore.ImageStoreBackupStorageInventory",
		[]column{{"hostname", s.Hostname}, {"username", s.Username}, {"sshPort", s.SSHPort}},
	}
}

// SFTP is type SftpBackupStorage.
type SFTP struct {
	Hostname string
	Username string
	SSHPort  int64
}

func (s SFTP) describe(string) description {
	return description{
		"SftpBackupStorage", "org.zstack.storage.backup.sftp.SftpBackupStorageInventory",
		[]column{{"hostname", s.Hostname}, {"username", s.Username}, {"sshPort", s.SSHPort}},
	}
}

// Ceph is type Ceph.
type Ceph struct {
	// Mons is a set: the node answers it in any order.
	Mons                  []Mon
	FSID                  *string
	PoolName              string
	PoolAvailableCapacity *int64
	PoolUsedCapacity      *int64
	PoolReplicatedSize    *int64
	PoolDiskUtilization   *float32
	PoolSecurityPolicy    *string
}

func (s Ceph) describe(storageUUID string) description {
	mons := make(monitors, 0, len(s.Mons))
	for _, m := range s.Mons {
		mons = append(mons, m.columns(storageUUID))
	}
	return description{
		"Ceph", "org.zstack.storage.ceph.backup.CephBackupStorageInventory",
		[]column{
			{"mons", mons},
			{"fsid", nullable(s.FSID)},
			{"poolName", s.PoolName},
			{"poolAvailableCapacity", nullable(s.PoolAvailableCapacity)},
			{"poolUsedCapacity", nullable(s.PoolUsedCapacity)},
			{"poolReplicatedSize", nullable(s.PoolReplicatedSize)},
			{"poolDiskUtilization", nullable(s.PoolDiskUtilization)},
			{"poolSecurityPolicy", nullable(s.PoolSecurityPolicy)},
		},
	}
}

// Mon is one monitor of a Ceph backup storage. Its SSH password is on the wire in clear text.
type Mon struct {
	UUID        string
	Hostname    string
	MonAddr     *string
	MonPort     int64
	SSHPort     int64
	SSHUsername string
	SSHPassword string
	Status      string
	CreateDate  time.Time
	LastOpDate  time.Time
}

func (m Mon) columns(storageUUID string) []column {
	return []column{
		{"hostname", m.Hostname},
		{"monPort", m.MonPort},
		{"createDate", date(m.CreateDate)},
		{"lastOpDate", date(m.LastOpDate)},
		{"backupStorageUuid", storageUUID},
		{"monAddr", nullable(m.MonAddr)},
		{"sshPort", m.SSHPort},
		{"status", m.Status},
		{"sshUsername", m.SSHUsername},
		{"sshPassword", m.SSHPassword},
		{"monUuid", m.UUID},
	}
}

// Addon is type Addon.
type Addon struct{ Identity string }

func (s Addon) describe(string) description {
	return description{
		"Addon", "org.zstack.header.storage.addon.backup.ExternalBackupStorageInventory",
		[]column{{"identity", s.Identity}},
	}
}

// AliyunEBS is type AliyunEBS.
type AliyunEBS struct{ OSSBucketUUID string }

func (s AliyunEBS) describe(string) description {
	return description{
		"AliyunEBS", "org.zstack.header.aliyun.ebs.AliyunEbsBackupStorageInventory",
		[]column{{"ossBucketUuid", s.OSSBucketUUID}},
	}
}

// VCenter is type VCenter.
type VCenter struct {
	VCenterUUID string
	Datastore   string
}

func (s VCenter) describe(string) description {
	return description{
		"VCenter", "org.zstack.vmware.VCenterBackupStorageInventory",
		[]column{{"vCenterUuid", s.VCenterUUID}, {"datastore", s.Datastore}},
	}
}

// Other is a type of tomorrow, with keys nobody knows yet.
type Other struct {
	Type  string
	Class string
	Keys  []Key
}

// Key is one key of an answered object, and its value as JSON text.
type Key struct {
	Name string
	JSON string
}

func (s Other) describe(string) description {
	d := description{typeName: s.Type, class: s.Class}
	for _, k := range s.Keys {
		d.columns = append(d.columns, column{k.Name, rawJSON(k.JSON)})
	}
	return d
}

type simulator struct{}

const baseClass = "org.zstack.header.storage.backup.BackupStorageInventory"

func (simulator) describe(string) description {
	return description{typeName: "SimulatorBackupStorage", class: baseClass}
}

// column is a field of an inventory with its value in one row: nil (NULL), string, int64, float32, [time.Time], zones,
// monitors or rawJSON.
type column struct {
	name  string
	value any
}

type (
	zones    []string
	monitors [][]column
	rawJSON  string
)

func nullable[T any](p *T) any {
	if p == nil {
		return nil
	}
	return *p
}

func date(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t
}

// row is a backup storage as the database and the serializer see it: columns of the subclass first, then those of the
// base class, both in the order of their declaration.
type row struct {
	typeName string
	class    string
	columns  []column
}

func (b BackupStorage) row() row {
	subtype := b.Subtype
	if subtype == nil {
		subtype = simulator{}
	}
	d := subtype.describe(b.UUID)
	return row{d.typeName, d.class, append(slices.Clip(d.columns),
		column{"uuid", b.UUID},
		column{"name", nullable(b.Name)},
		column{"url", b.URL},
		column{"description", nullable(b.Description)},
		column{"totalCapacity", b.TotalCapacity},
		column{"availableCapacity", b.AvailableCapacity},
		column{"type", d.typeName},
		column{"state", b.State},
		column{"status", b.Status},
		column{"createDate", date(b.CreateDate)},
		column{"lastOpDate", date(b.LastOpDate)},
		column{"attachedZoneUuids", zones(slices.Clone(b.AttachedZoneUUIDs))},
	)}
}

func (r row) value(name string) any {
	for _, c := range r.columns {
		if c.name == name {
			return c.value
		}
	}
	return nil
}

// SetBackupStorages replaces the inventory.
func (n *Node) SetBackupStorages(storages ...BackupStorage) {
	n.mu.Lock()
	n.rows = nil
	n.mu.Unlock()
	n.AddBackupStorages(storages...)
}

// AddBackupStorages adds to the inventory.
func (n *Node) AddBackupStorages(storages ...BackupStorage) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, b := range storages {
		n.rows = append(n.rows, b.row())
		if ceph, ok := b.Subtype.(Ceph); ok {
			for _, m := range ceph.Mons {
				n.addSecret(m.SSHPassword)
			}
		}
	}
}

// inventory returns the rows as they are now.
func (n *Node) inventory() []row {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.rows)
}
