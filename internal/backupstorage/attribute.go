// SPDX-License-Identifier: MPL-2.0

package backupstorage

import (
	"encoding/json"
	"slices"
	"strconv"

	"github.com/zstackio/terraform-provider-zstack/internal/zstack"
)

// kind is the kind of value that an attribute contains. It determines how the
// attribute is shown, filtered and sorted.
type kind int

const (
	kindText     kind = iota // compared byte by byte
	kindUUID                 // text: 32 lower-case hexadecimal digits
	kindDate                 // the server's text: filtered as text, sorted by time
	kindInteger              // int64
	kindBytes                // int64: a number of bytes
	kindDecimal              // json.Number
	kindUUIDs                // set of UUIDs: a filter tests for membership, and there is no order
	kindMonitors             // list of objects: neither filtered nor sorted
)

// The kinds of attributes that a filter or sort_by can name.
var (
	filterable = []kind{kindText, kindUUID, kindDate, kindInteger, kindBytes, kindDecimal, kindUUIDs}
	sortable   = []kind{kindText, kindUUID, kindDate, kindInteger, kindBytes, kindDecimal}
	numeric    = []kind{kindInteger, kindBytes, kindDecimal}
)

// Attribute is one attribute of T, which is a row of the server's response.
type Attribute[T any] struct {
	Name        string // in Terraform
	Field       string // in the API (PROTOCOL.md §5.2)
	kind        kind
	value       func(*T) any // string, int64, json.Number or a slice; nil is null
	description string       // Markdown
}

// storageAttribute is one attribute of a backup storage.
type storageAttribute = Attribute[zstack.BackupStorage]

// Attributes returns the attributes of a backup storage.
func Attributes() []Attribute[zstack.BackupStorage] { return slices.Clone(attributes) }

// Operators returns the operators with which a filter can compare the
// attribute. An attribute that cannot be filtered has none.
func (a Attribute[T]) Operators() []string {
	switch {
	case !slices.Contains(filterable, a.kind):
		return nil
	case slices.Contains(numeric, a.kind):
		return operators
	default:
		return operators[:2]
	}
}

// Values returns the values of the attribute as a filter compares them: one,
// each member of a set, or none if the attribute is null.
func (a Attribute[T]) Values(row *T) []string {
	switch value := a.value(row).(type) {
	case nil:
		return nil
	case []string:
		return value
	default:
		return []string{formatValue(value)}
	}
}

// formatValue writes a value as ParseCondition reads it.
func formatValue(value any) string {
	switch value := value.(type) {
	case int64:
		return strconv.FormatInt(value, 10)
	case json.Number:
		return value.String()
	case string:
		return value
	default:
		return ""
	}
}

// attributes are those of a backup storage, in the order of the documentation.
// The schema, the values in the state, the checks of filter and sort_by, and the
// comparisons are all derived from this table.
var attributes = []storageAttribute{
	{
		"uuid", "uuid", kindUUID, func(s *zstack.BackupStorage) any { return notNull(s.UUID) },
		"UUID of the backup storage, 32 lower-case hexadecimal digits.",
	},
	{
		"name", "name", kindText, func(s *zstack.BackupStorage) any { return notNull(s.Name) },
		"Name. ZStack does not keep names unique.",
	},
	{
		"description", "description", kindText, func(s *zstack.BackupStorage) any { return notNull(s.Description) },
		"Description.",
	},
	{
		"url", "url", kindText, func(s *zstack.BackupStorage) any { return notNull(s.URL) },
		"Where the storage keeps its data: a path on its host for ImageStore and SFTP, `not used` for Ceph.",
	},
	{
		"type", "type", kindText, func(s *zstack.BackupStorage) any { return notNull(s.Type) },
		"Type, such as " + typeExamples,
	},
	{
		"state", "state", kindText, func(s *zstack.BackupStorage) any { return notNull(s.State) },
		"Administrative state: `Enabled` or `Disabled`.",
	},
	{
		"status", "status", kindText, func(s *zstack.BackupStorage) any { return notNull(s.Status) },
		"Connection status as seen by the management node: `Connecting`, `Connected` or `Disconnected`.",
	},
	{
		"total_capacity", "totalCapacity", kindBytes, func(s *zstack.BackupStorage) any { return notNull(s.TotalCapacity) },
		"Total capacity in bytes.",
	},
	{
		"available_capacity", "availableCapacity", kindBytes, func(s *zstack.BackupStorage) any { return notNull(s.AvailableCapacity) },
		"Available capacity in bytes.",
	},
	{
		"create_date", "createDate", kindDate, func(s *zstack.BackupStorage) any { return notNull(s.CreateDate) },
		"When the storage was added, as formatted by the server, such as `Apr 11, 2018 2:50:54 PM`, in the server's time zone.",
	},
	{
		"last_op_date", "lastOpDate", kindDate, func(s *zstack.BackupStorage) any { return notNull(s.LastOpDate) },
		"When the storage was last changed, in the format of `create_date`.",
	},
	{
		"attached_zone_uuids", "attachedZoneUuids", kindUUIDs, func(s *zstack.BackupStorage) any { return s.AttachedZoneUUIDs },
		"UUIDs of the zones that the storage is attached to.",
	},
	{
		"hostname", "hostname", kindText, func(s *zstack.BackupStorage) any { return notNull(s.Hostname) },
		"ImageStore, SFTP: address of the storage's host.",
	},
	{
		"ssh_port", "sshPort", kindInteger, func(s *zstack.BackupStorage) any { return notNull(s.SSHPort) },
		"ImageStore, SFTP: SSH port of the storage's host.",
	},
	{
		"username", "username", kindText, func(s *zstack.BackupStorage) any { return notNull(s.Username) },
		"ImageStore, SFTP: user name with which the management node logs in to the storage's host.",
	},
	{
		"fsid", "fsid", kindText, func(s *zstack.BackupStorage) any { return notNull(s.FSID) },
		"Ceph: ID of the cluster.",
	},
	{
		"pool_name", "poolName", kindText, func(s *zstack.BackupStorage) any { return notNull(s.PoolName) },
		"Ceph: name of the pool.",
	},
	{
		"pool_available_capacity", "poolAvailableCapacity", kindBytes, func(s *zstack.BackupStorage) any { return notNull(s.PoolAvailableCapacity) },
		"Ceph: available capacity of the pool in bytes.",
	},
	{
		"pool_used_capacity", "poolUsedCapacity", kindBytes, func(s *zstack.BackupStorage) any { return notNull(s.PoolUsedCapacity) },
		"Ceph: used capacity of the pool in bytes.",
	},
	{
		"pool_replicated_size", "poolReplicatedSize", kindInteger, func(s *zstack.BackupStorage) any { return notNull(s.PoolReplicatedSize) },
		"Ceph: number of replicas in the pool.",
	},
	{
		"pool_disk_utilization", "poolDiskUtilization", kindDecimal, func(s *zstack.BackupStorage) any { return notNull(s.PoolDiskUtilization) },
		"Ceph: disk utilization of the pool, a ratio such as `0.333`. Sent by ZStack 4.4 and newer, and by late 3.10 releases.",
	},
	{
		"pool_security_policy", "poolSecurityPolicy", kindText, func(s *zstack.BackupStorage) any { return notNull(s.PoolSecurityPolicy) },
		"Ceph: how the pool protects its data, such as `Copy` or `ErasureCode`. Sent by ZStack 4.4 and newer, and by late 3.10 releases.",
	},
	{
		"mons", "mons", kindMonitors, func(s *zstack.BackupStorage) any { return s.Mons },
		"Ceph: the monitors, ordered by `mon_uuid`. Their SSH passwords are never read.",
	},
	{
		"identity", "identity", kindText, func(s *zstack.BackupStorage) any { return notNull(s.Identity) },
		"Addon: name of the storage plug-in.",
	},
	{
		"oss_bucket_uuid", "ossBucketUuid", kindUUID, func(s *zstack.BackupStorage) any { return notNull(s.OSSBucketUUID) },
		"Aliyun EBS: UUID of the OSS bucket.",
	},
	{
		"vcenter_uuid", "vCenterUuid", kindUUID, func(s *zstack.BackupStorage) any { return notNull(s.VCenterUUID) },
		"vCenter: UUID of the vCenter.",
	},
	{
		"datastore", "datastore", kindText, func(s *zstack.BackupStorage) any { return notNull(s.Datastore) },
		"vCenter: name of the datastore.",
	},
}

// monitorAttributes are those of a Ceph monitor.
var monitorAttributes = []Attribute[zstack.CephMonitor]{
	{
		"mon_uuid", "monUuid", kindText, func(m *zstack.CephMonitor) any { return notNull(m.MonUUID) },
		"UUID of the monitor.",
	},
	{
		"backup_storage_uuid", "backupStorageUuid", kindText, func(m *zstack.CephMonitor) any { return notNull(m.BackupStorageUUID) },
		"UUID of the backup storage that the monitor belongs to.",
	},
	{
		"hostname", "hostname", kindText, func(m *zstack.CephMonitor) any { return notNull(m.Hostname) },
		"Address of the monitor's host.",
	},
	{
		"mon_addr", "monAddr", kindText, func(m *zstack.CephMonitor) any { return notNull(m.MonAddr) },
		"Address on which the monitor listens.",
	},
	{
		"mon_port", "monPort", kindInteger, func(m *zstack.CephMonitor) any { return notNull(m.MonPort) },
		"TCP port on which the monitor listens.",
	},
	{
		"ssh_port", "sshPort", kindInteger, func(m *zstack.CephMonitor) any { return notNull(m.SSHPort) },
		"SSH port of the monitor's host.",
	},
	{
		"ssh_username", "sshUsername", kindText, func(m *zstack.CephMonitor) any { return notNull(m.SSHUsername) },
		"User name with which the management node logs in to the monitor's host.",
	},
	{
		"status", "status", kindText, func(m *zstack.CephMonitor) any { return notNull(m.Status) },
		"Connection status as seen by the management node: `Connecting`, `Connected` or `Disconnected`.",
	},
	{
		"create_date", "createDate", kindDate, func(m *zstack.CephMonitor) any { return notNull(m.CreateDate) },
		"When the monitor was added, in the format of the storage's `create_date`.",
	},
	{
		"last_op_date", "lastOpDate", kindDate, func(m *zstack.CephMonitor) any { return notNull(m.LastOpDate) },
		"When the monitor was last changed, in the format of the storage's `create_date`.",
	},
}

// typeExamples completes "such as …" with the types of the current ZStack.
const typeExamples = "`ImageStoreBackupStorage`, `SftpBackupStorage`, `Ceph`, `Addon`, `AliyunEBS` or `VCenter`. " +
	"Types added to ZStack later also work."

// zstackValues are the values that ZStack uses, by attribute. Later releases may
// use others (PROTOCOL.md §5.2 and §5.3).
var zstackValues = map[string][]string{
	"type":   {"ImageStoreBackupStorage", "SftpBackupStorage", "Ceph", "Addon", "AliyunEBS", "VCenter", "SimulatorBackupStorage"},
	"state":  {"Enabled", "Disabled"},
	"status": {"Connecting", "Connected", "Disconnected"},
}

// notNull returns the value that the pointer points to, or nil.
func notNull[T any](value *T) any {
	if value == nil {
		return nil
	}
	return *value
}

// attributeNamed returns the attribute with this name, and whether it exists.
func attributeNamed(name string) (storageAttribute, bool) {
	i := slices.IndexFunc(attributes, func(a storageAttribute) bool { return a.Name == name })
	if i < 0 {
		return storageAttribute{}, false
	}
	return attributes[i], true
}

// attributeNames returns the names of the attributes of these kinds.
func attributeNames(kinds ...kind) []string {
	var names []string
	for _, a := range attributes {
		if slices.Contains(kinds, a.kind) {
			names = append(names, a.Name)
		}
	}
	return names
}
