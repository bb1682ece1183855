// SPDX-License-Identifier: MPL-2.0

package zstack

import "encoding/json"

// BackupStorage is one row of QueryBackupStorage, whatever its type
// (PROTOCOL.md §5.2 and §5.3). A nil field was not sent: the server leaves out
// nulls, and fields of other types.
type BackupStorage struct {
	UUID        *string `json:"uuid"`
	Name        *string `json:"name"`
	Description *string `json:"description"`
	URL         *string `json:"url"`
	Type        *string `json:"type"`
	State       *string `json:"state"`
	Status      *string `json:"status"`

	// TotalCapacity and AvailableCapacity are in bytes.
	TotalCapacity     *int64 `json:"totalCapacity"`
	AvailableCapacity *int64 `json:"availableCapacity"`

	// CreateDate and LastOpDate are the server's text, in the server's time
	// zone, which the text does not name (PROTOCOL.md §5.4).
	CreateDate *string `json:"createDate"`
	LastOpDate *string `json:"lastOpDate"`

	// AttachedZoneUUIDs is a set: its order is arbitrary.
	AttachedZoneUUIDs []string `json:"attachedZoneUuids"`

	// Hostname, SSHPort and Username are those of ImageStore and SFTP.
	Hostname *string `json:"hostname"`
	SSHPort  *int64  `json:"sshPort"`
	Username *string `json:"username"`

	// FSID to Mons are those of Ceph. Capacities are in bytes. The disk
	// utilization is a ratio, a finite decimal as the server wrote it. The order
	// of Mons is arbitrary.
	FSID                  *string       `json:"fsid"`
	PoolName              *string       `json:"poolName"`
	PoolAvailableCapacity *int64        `json:"poolAvailableCapacity"`
	PoolUsedCapacity      *int64        `json:"poolUsedCapacity"`
	PoolReplicatedSize    *int64        `json:"poolReplicatedSize"`
	PoolDiskUtilization   *json.Number  `json:"poolDiskUtilization"`
	PoolSecurityPolicy    *string       `json:"poolSecurityPolicy"`
	Mons                  []CephMonitor `json:"mons"`

	// Identity is that of Addon.
	Identity *string `json:"identity"`

	// OSSBucketUUID is that of Aliyun EBS.
	OSSBucketUUID *string `json:"ossBucketUuid"`

	// VCenterUUID and Datastore are those of vCenter.
	VCenterUUID *string `json:"vCenterUuid"`
	Datastore   *string `json:"datastore"`
}

// Zone is one row of QueryZone (PROTOCOL.md §10). A nil field was not sent.
type Zone struct {
	UUID *string `json:"uuid"`
	Name *string `json:"name"`
}

// CephMonitor is one monitor of a Ceph backup storage (PROTOCOL.md §5.3). The
// server sends its SSH password too; this type has no field for it.
type CephMonitor struct {
	MonUUID           *string `json:"monUuid"`
	BackupStorageUUID *string `json:"backupStorageUuid"`
	Hostname          *string `json:"hostname"`
	MonAddr           *string `json:"monAddr"`
	MonPort           *int64  `json:"monPort"`
	SSHPort           *int64  `json:"sshPort"`
	SSHUsername       *string `json:"sshUsername"`
	Status            *string `json:"status"`
	CreateDate        *string `json:"createDate"`
	LastOpDate        *string `json:"lastOpDate"`
}
