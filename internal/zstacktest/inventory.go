// SPDX-License-Identifier: MPL-2.0

package zstacktest

import (
	"slices"
	"time"

	"github.com/zstackio/terraform-provider-zstack/internal/zstacktest/query"
)

// BackupStorage is one row of the database (PROTOCOL.md §5.2). A nil pointer, and a zero date, is a NULL: its key is left
// out of the response.
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
	// AttachedZoneUUIDs is a set: the node returns it in any order.
	AttachedZoneUUIDs []string
	// Subtype decides the type and its additional fields; nil is a SimulatorBackupStorage, which has none.
	Subtype Subtype `json:"-"`
}

// Zone is one row of the database (PROTOCOL.md §10). A nil pointer, and a zero date, is a NULL.
type Zone struct {
	UUID        string
	Name        string
	Description *string
	State       string
	IsDefault   bool
	CreateDate  time.Time
	LastOpDate  time.Time
}

// Subtype is what one type of backup storage adds to the common fields.
type Subtype interface {
	describe(storageUUID string) description
}

// description is a subtype as the server sees it.
type description struct {
	typeName string
	class    string
	columns  []query.Column
}

// ImageStore is type ImageStoreBackupStorage.
type ImageStore struct {
	Hostname string
	Username string
	SSHPort  int64
}

func (s ImageStore) describe(string) description {
	return description{
		imageStoreType, "org.zstack.storage.backup.imagestore.ImageStoreBackupStorageInventory",
		[]query.Column{column("hostname", s.Hostname), column("username", s.Username), column("sshPort", s.SSHPort)},
	}
}

const imageStoreType = "ImageStoreBackupStorage"

// SFTP is type SftpBackupStorage.
type SFTP struct {
	Hostname string
	Username string
	SSHPort  int64
}

func (s SFTP) describe(string) description {
	return description{
		"SftpBackupStorage", "org.zstack.storage.backup.sftp.SftpBackupStorageInventory",
		[]query.Column{column("hostname", s.Hostname), column("username", s.Username), column("sshPort", s.SSHPort)},
	}
}

// Ceph is type Ceph.
type Ceph struct {
	// Mons is a set: the node returns it in any order.
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
	mons := make(query.Objects, 0, len(s.Mons))
	for _, m := range s.Mons {
		mons = append(mons, query.Row{Class: monClass, Columns: m.columns(storageUUID)})
	}
	return description{
		"Ceph", "org.zstack.storage.ceph.backup.CephBackupStorageInventory",
		[]query.Column{
			column("mons", mons),
			column("fsid", nullable(s.FSID)),
			column("poolName", s.PoolName),
			column("poolAvailableCapacity", nullable(s.PoolAvailableCapacity)),
			column("poolUsedCapacity", nullable(s.PoolUsedCapacity)),
			column("poolReplicatedSize", nullable(s.PoolReplicatedSize)),
			column("poolDiskUtilization", nullable(s.PoolDiskUtilization)),
			column("poolSecurityPolicy", nullable(s.PoolSecurityPolicy)),
		},
	}
}

// Mon is one monitor of a Ceph backup storage. Its SSH password is sent in clear text.
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

func (m Mon) columns(storageUUID string) []query.Column {
	return []query.Column{
		column("hostname", m.Hostname),
		column("monPort", m.MonPort),
		column("createDate", nullableDate(m.CreateDate)),
		column("lastOpDate", nullableDate(m.LastOpDate)),
		column("backupStorageUuid", storageUUID),
		column("monAddr", nullable(m.MonAddr)),
		column("sshPort", m.SSHPort),
		column("status", m.Status),
		column("sshUsername", m.SSHUsername),
		column("sshPassword", m.SSHPassword),
		column("monUuid", m.UUID),
	}
}

// Addon is type Addon.
type Addon struct{ Identity string }

func (s Addon) describe(string) description {
	return description{
		"Addon", "org.zstack.header.storage.addon.backup.ExternalBackupStorageInventory",
		[]query.Column{column("identity", s.Identity)},
	}
}

// AliyunEBS is type AliyunEBS.
type AliyunEBS struct{ OSSBucketUUID string }

func (s AliyunEBS) describe(string) description {
	return description{
		"AliyunEBS", "org.zstack.header.aliyun.ebs.AliyunEbsBackupStorageInventory",
		[]query.Column{column("ossBucketUuid", s.OSSBucketUUID)},
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
		[]query.Column{column("vCenterUuid", s.VCenterUUID), column("datastore", s.Datastore)},
	}
}

// Other is a type that a later ZStack may have, with keys that no client knows yet.
type Other struct {
	Type  string
	Class string
	Keys  []Key
}

// Key is one key of an object in a response, and its value as JSON text.
type Key struct {
	Name string
	JSON string
}

func (s Other) describe(string) description {
	d := description{typeName: s.Type, class: s.Class}
	for _, k := range s.Keys {
		d.columns = append(d.columns, column(k.Name, query.JSON(k.JSON)))
	}
	return d
}

func describe(s Subtype, storageUUID string) description {
	if s == nil {
		return description{typeName: "SimulatorBackupStorage", class: baseClass}
	}
	return s.describe(storageUUID)
}

// columns are the fields of a storage: first those of the subclass, then those of the base class, both in the order of
// their declaration.
func (b BackupStorage) columns(d description) []query.Column {
	return append(slices.Clip(d.columns),
		column("uuid", b.UUID),
		column("name", nullable(b.Name)),
		column("url", b.URL),
		column("description", nullable(b.Description)),
		column("totalCapacity", b.TotalCapacity),
		column("availableCapacity", b.AvailableCapacity),
		column("type", d.typeName),
		column("state", b.State),
		column("status", b.Status),
		column("createDate", nullableDate(b.CreateDate)),
		column("lastOpDate", nullableDate(b.LastOpDate)),
		column("attachedZoneUuids", query.Set(slices.Clone(b.AttachedZoneUUIDs))),
	)
}

func (z Zone) columns() []query.Column {
	return []query.Column{
		column("uuid", z.UUID),
		column("name", z.Name),
		column("description", nullable(z.Description)),
		column("state", z.State),
		column("type", "zstack"),
		column("isDefault", z.IsDefault),
		column("createDate", nullableDate(z.CreateDate)),
		column("lastOpDate", nullableDate(z.LastOpDate)),
	}
}

func column(name string, value any) query.Column { return query.Column{Name: name, Value: value} }

func nullable[T any](p *T) any {
	if p == nil {
		return nil
	}
	return *p
}

func nullableDate(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t
}

// SetBackupStorages replaces all backup storages.
func (n *Node) SetBackupStorages(storages ...BackupStorage) {
	n.mu.Lock()
	n.storages = nil
	n.mu.Unlock()
	n.AddBackupStorages(storages...)
}

// AddBackupStorages adds backup storages. They may be attached to zones that the node does not have.
func (n *Node) AddBackupStorages(storages ...BackupStorage) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.storages = append(n.storages, storages...)
	n.tables = nil
	for _, b := range storages {
		for _, c := range describe(b.Subtype, b.UUID).columns {
			mons, _ := c.Value.(query.Objects)
			for _, m := range mons {
				password, _ := m.Value("sshPassword").(string)
				n.addSecret(password)
			}
		}
	}
}

// SetZones replaces all zones.
func (n *Node) SetZones(zones ...Zone) {
	n.mu.Lock()
	n.zones = nil
	n.mu.Unlock()
	n.AddZones(zones...)
}

// AddZones adds zones.
func (n *Node) AddZones(zones ...Zone) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.zones = append(n.zones, zones...)
	n.tables = nil
}
