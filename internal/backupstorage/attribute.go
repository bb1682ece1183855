// SPDX-License-Identifier: MPL-2.0

package backupstorage

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"

	"github.com/zstackio/terraform-provider-zstack/internal/zstack"
)

// kind says what an attribute holds, and with that how it is shown, filtered
// and sorted.
type kind int

const (
	text     kind = iota // compared byte by byte
	date                 // the server's text: filtered as text, sorted by time
	integer              // int64
	decimal              // float64
	set                  // of strings: a filter asks what it contains, no order
	monitors             // list of objects: neither filtered nor sorted
)

// attribute is one attribute of T, which is what a row of the server's answer
// is decoded into.
type attribute[T any] struct {
	name        string // in Terraform
	field       string // on the wire (PROTOCOL.md §5.2)
	kind        kind
	value       func(*T) any // string, int64, float64 or a slice; nil is null
	description string       // Markdown
}

// storageAttribute is one attribute of a backup storage.
type storageAttribute = attribute[zstack.BackupStorage]

// attributes are those of a backup storage, in the order of the documentation.
// The schema and the values of the result, the checks of filter and sort_by,
// and the comparisons all come from here.
var attributes = []storageAttribute{
	{
		"uuid", "uuid", text, func(s *zstack.BackupStorage) any { return known(s.UUID) },
		"UUID of the backup storage, 32 lower-case hexadecimal digits.",
	},
	{
		"name", "name", text, func(s *zstack.BackupStorage) any { return known(s.Name) },
		"Name. ZStack does not keep names unique.",
	},
	{
		"description", "description", text, func(s *zstack.BackupStorage) any { return known(s.Description) },
		"Description.",
	},
	{
		"url", "url", text, func(s *zstack.BackupStorage) any { return known(s.URL) },
		"Where the storage keeps its data: a path on its host for ImageStore and SFTP, `not used` for Ceph.",
	},
	{
		"type", "type", text, func(s *zstack.BackupStorage) any { return known(s.Type) },
		"Type, such as " + typeExamples,
	},
	{
		"state", "state", text, func(s *zstack.BackupStorage) any { return known(s.State) },
		"What an administrator wants of it: `Enabled` or `Disabled`.",
	},
	{
		"status", "status", text, func(s *zstack.BackupStorage) any { return known(s.Status) },
		"How the management node reaches it: `Connecting`, `Connected` or `Disconnected`.",
	},
	{
		"total_capacity", "totalCapacity", integer, func(s *zstack.BackupStorage) any { return known(s.TotalCapacity) },
		"Total capacity in bytes.",
	},
	{
		"available_capacity", "availableCapacity", integer, func(s *zstack.BackupStorage) any { return known(s.AvailableCapacity) },
		"Available capacity in bytes.",
	},
	{
		"create_date", "createDate", date, func(s *zstack.BackupStorage) any { return known(s.CreateDate) },
		"When it was added, in the words of the server, such as `Apr 11, 2018 2:50:54 PM`, and in the server's time zone.",
	},
	{
		"last_op_date", "lastOpDate", date, func(s *zstack.BackupStorage) any { return known(s.LastOpDate) },
		"When it was last changed, written like `create_date`.",
	},
	{
		"attached_zone_uuids", "attachedZoneUuids", set, func(s *zstack.BackupStorage) any { return s.AttachedZoneUUIDs },
		"UUIDs of the zones it is attached to.",
	},
	{
		"hostname", "hostname", text, func(s *zstack.BackupStorage) any { return known(s.Hostname) },
		"ImageStore, SFTP: address of the storage's host.",
	},
	{
		"ssh_port", "sshPort", integer, func(s *zstack.BackupStorage) any { return known(s.SSHPort) },
		"ImageStore, SFTP: SSH port of the storage's host.",
	},
	{
		"username", "username", text, func(s *zstack.BackupStorage) any { return known(s.Username) },
		"ImageStore, SFTP: user with which the management node logs in to the storage's host.",
	},
	{
		"fsid", "fsid", text, func(s *zstack.BackupStorage) any { return known(s.FSID) },
		"Ceph: id of the cluster.",
	},
	{
		"pool_name", "poolName", text, func(s *zstack.BackupStorage) any { return known(s.PoolName) },
		"Ceph: name of the pool.",
	},
	{
		"pool_available_capacity", "poolAvailableCapacity", integer, func(s *zstack.BackupStorage) any { return known(s.PoolAvailableCapacity) },
		"Ceph: available capacity of the pool in bytes.",
	},
	{
		"pool_used_capacity", "poolUsedCapacity", integer, func(s *zstack.BackupStorage) any { return known(s.PoolUsedCapacity) },
		"Ceph: used capacity of the pool in bytes.",
	},
	{
		"pool_replicated_size", "poolReplicatedSize", integer, func(s *zstack.BackupStorage) any { return known(s.PoolReplicatedSize) },
		"Ceph: number of replicas in the pool.",
	},
	{
		"pool_disk_utilization", "poolDiskUtilization", decimal, func(s *zstack.BackupStorage) any { return known(s.PoolDiskUtilization) },
		"Ceph: disk utilization of the pool, a ratio such as `0.333`. ZStack 4.4 or newer.",
	},
	{
		"pool_security_policy", "poolSecurityPolicy", text, func(s *zstack.BackupStorage) any { return known(s.PoolSecurityPolicy) },
		"Ceph: how the pool protects its data, such as `Copy` or `ErasureCode`. ZStack 4.4 or newer.",
	},
	{
		"mons", "mons", monitors, func(s *zstack.BackupStorage) any { return s.Mons },
		"Ceph: the monitors, ordered by `mon_uuid`. Their SSH passwords are never read.",
	},
	{
		"identity", "identity", text, func(s *zstack.BackupStorage) any { return known(s.Identity) },
		"Addon: which storage plug-in it belongs to.",
	},
	{
		"oss_bucket_uuid", "ossBucketUuid", text, func(s *zstack.BackupStorage) any { return known(s.OSSBucketUUID) },
		"Aliyun EBS: UUID of the OSS bucket.",
	},
	{
		"vcenter_uuid", "vCenterUuid", text, func(s *zstack.BackupStorage) any { return known(s.VCenterUUID) },
		"vCenter: UUID of the vCenter.",
	},
	{
		"datastore", "datastore", text, func(s *zstack.BackupStorage) any { return known(s.Datastore) },
		"vCenter: datastore.",
	},
}

// monitorAttributes are those of a Ceph monitor.
var monitorAttributes = []attribute[zstack.CephMonitor]{
	{
		"mon_uuid", "monUuid", text, func(m *zstack.CephMonitor) any { return known(m.MonUUID) },
		"UUID of the monitor.",
	},
	{
		"backup_storage_uuid", "backupStorageUuid", text, func(m *zstack.CephMonitor) any { return known(m.BackupStorageUUID) },
		"UUID of the backup storage it belongs to.",
	},
	{
		"hostname", "hostname", text, func(m *zstack.CephMonitor) any { return known(m.Hostname) },
		"Address of the monitor's host.",
	},
	{
		"mon_addr", "monAddr", text, func(m *zstack.CephMonitor) any { return known(m.MonAddr) },
		"Address at which the monitor serves.",
	},
	{
		"mon_port", "monPort", integer, func(m *zstack.CephMonitor) any { return known(m.MonPort) },
		"Port at which the monitor serves.",
	},
	{
		"ssh_port", "sshPort", integer, func(m *zstack.CephMonitor) any { return known(m.SSHPort) },
		"SSH port of the monitor's host.",
	},
	{
		"ssh_username", "sshUsername", text, func(m *zstack.CephMonitor) any { return known(m.SSHUsername) },
		"User with which the management node logs in to the monitor's host.",
	},
	{
		"status", "status", text, func(m *zstack.CephMonitor) any { return known(m.Status) },
		"How the management node reaches the monitor: `Connecting`, `Connected` or `Disconnected`.",
	},
	{
		"create_date", "createDate", date, func(m *zstack.CephMonitor) any { return known(m.CreateDate) },
		"When the monitor was added, written like the storage's `create_date`.",
	},
	{
		"last_op_date", "lastOpDate", date, func(m *zstack.CephMonitor) any { return known(m.LastOpDate) },
		"When the monitor was last changed, written like the storage's `create_date`.",
	},
}

// typeExamples ends the sentence "such as …" with the types there are now.
const typeExamples = "`ImageStoreBackupStorage`, `SftpBackupStorage`, `Ceph`, `Addon`, `AliyunEBS` or `VCenter`. " +
	"A type that is added to ZStack later works as well."

func known[T any](value *T) any {
	if value == nil {
		return nil
	}
	return *value
}

// The kinds of attributes that can be named for a purpose.
var (
	filterable = []kind{text, date, integer, decimal, set}
	sortable   = []kind{text, date, integer, decimal}
	numeric    = []kind{integer, decimal}
)

// attributeNamed returns the attribute of this name, and whether there is one.
func attributeNamed(name string) (storageAttribute, bool) {
	i := slices.IndexFunc(attributes, func(a storageAttribute) bool { return a.name == name })
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
			names = append(names, a.name)
		}
	}
	return names
}

// decimalPattern is narrower than what Go reads as a float: no hexadecimal
// digits, no Inf, no NaN.
var decimalPattern = regexp.MustCompile(`^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?$`)

// parse reads a value of a filter as the kind of the attribute it is compared
// with. Its errors complete the sentence "this value is not …".
func (k kind) parse(value string) (any, error) {
	switch k {
	case integer:
		number, err := strconv.ParseInt(value, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("a whole number between %d and %d", int64(math.MinInt64), int64(math.MaxInt64))
		}
		return number, nil
	case decimal:
		number, err := strconv.ParseFloat(value, 64)
		if err != nil || !decimalPattern.MatchString(value) {
			return nil, errors.New("a decimal number such as 0.85")
		}
		return number, nil
	default:
		return value, nil
	}
}
