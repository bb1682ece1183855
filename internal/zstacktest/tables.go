// SPDX-License-Identifier: MPL-2.0

package zstacktest

import (
	"slices"

	"github.com/zstackio/terraform-provider-zstack/internal/zstacktest/query"
)

const baseClass = "org.zstack.header.storage.backup.BackupStorageInventory"

// monClass is the class of the elements of mons.
var monClass = &query.Class{
	Name:   "org.zstack.storage.ceph.backup.CephBackupStorageMonInventory",
	Fields: fieldsOf(Mon{}.columns("")),
}

// subtypes are the types that have their own class.
var subtypes = []Subtype{ImageStore{}, SFTP{}, Ceph{Mons: []Mon{{}}}, Addon{}, AliyunEBS{}, VCenter{}}

// tables are the database of a node, and the classes of its inventories.
type tables struct {
	storageClass *query.Class
	zoneClass    *query.Class
	nodeClass    *query.Class
	storages     []query.Row
	zones        []query.Row
	nodes        []query.Row
}

// currentTables returns the tables as they are now.
func (n *Node) currentTables() *tables {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.tables == nil {
		n.tables = newTables(n.settings, n.storages, n.zones)
	}
	return n.tables
}

func newTables(s Settings, storages []BackupStorage, zones []Zone) *tables {
	t := &tables{}
	t.addClasses(s)
	for _, z := range zones {
		t.zones = append(t.zones, query.Row{Class: t.zoneClass, Columns: s.existing(z.columns())})
	}
	for _, b := range storages {
		t.storages = append(t.storages, t.storageRow(s, b))
	}
	t.relate()
	node := "b0c7d8a1f4a34b0b9f3c6d2c0a9d1e11"
	t.nodes = []query.Row{{Class: t.nodeClass, Columns: []query.Column{column("uuid", node), column("hostName", "127.0.0.1")}}}
	return t
}

// addClasses adds the classes with the fields that the node's release and plug-ins have, and the names through which nested
// conditions reach one from the other.
func (t *tables) addClasses(s Settings) {
	t.storageClass = &query.Class{Name: baseClass, Fields: s.existing(fieldsOf(BackupStorage{}.columns(describe(nil, ""))))}
	for _, subtype := range subtypes {
		d := subtype.describe("")
		if d.typeName == imageStoreType && s.NoImageStorePlugin {
			continue
		}
		t.storageClass.Subclasses = append(t.storageClass.Subclasses, &query.Class{
			Name: d.class, Type: d.typeName, Fields: s.existing(fieldsOf(BackupStorage{}.columns(d))),
		})
	}
	t.zoneClass = &query.Class{Name: "org.zstack.header.zone.ZoneInventory", Fields: s.existing(fieldsOf(Zone{}.columns()))}
	t.nodeClass = &query.Class{
		Name: "org.zstack.header.managementnode.ManagementNodeInventory", Fields: []query.Column{column("uuid", ""), column("hostName", "")},
	}

	ofStorage := map[string]*query.Class{
		"zone":              t.zoneClass,
		"zoneRef":           reference("BackupStorageZoneRefInventory", "zoneUuid"),
		"image":             resource("image.ImageInventory"),
		"imageRef":          reference("ImageBackupStorageRefInventory", "imageUuid"),
		"volumeSnapshot":    resource("storage.snapshot.VolumeSnapshotInventory"),
		"volumeSnapshotRef": reference("VolumeSnapshotBackupStorageRefInventory", "volumeSnapshotUuid"),
	}
	t.storageClass.Expanded = ofStorage
	for _, c := range t.storageClass.Subclasses {
		c.Expanded = ofStorage
	}
	t.zoneClass.Expanded = map[string]*query.Class{
		"backupStorage":  t.storageClass,
		"cluster":        resource("cluster.ClusterInventory"),
		"host":           resource("host.HostInventory"),
		"vmInstance":     resource("vm.VmInstanceInventory"),
		"primaryStorage": resource("storage.primary.PrimaryStorageInventory"),
		"l2Network":      resource("network.l2.L2NetworkInventory"),
		"l3Network":      resource("network.l3.L3NetworkInventory"),
	}
}

// resource is the class of a resource that the node does not contain.
func resource(name string) *query.Class {
	return &query.Class{Name: "org.zstack.header." + name, Fields: fieldsOf(Zone{}.columns())}
}

// reference is the class of a table that relates backup storages to other resources.
func reference(name, foreignKey string) *query.Class {
	return &query.Class{
		Name: "org.zstack.header.storage.backup." + name, Fields: []query.Column{column("backupStorageUuid", ""), column(foreignKey, "")},
	}
}

// fieldsOf makes the columns of any object the fields of its class: it replaces each NULL by an empty text.
func fieldsOf(columns []query.Column) []query.Column {
	columns = slices.Clone(columns)
	for i, c := range columns {
		if c.Value == nil {
			columns[i].Value = ""
		}
	}
	return columns
}

// existing leaves out the columns that the release of the node does not have.
func (s Settings) existing(columns []query.Column) []query.Column {
	return slices.DeleteFunc(columns, func(c query.Column) bool {
		switch c.Name {
		case "poolDiskUtilization", "poolSecurityPolicy":
			return !s.hasPoolSecurity()
		case "isDefault":
			return !s.hasDefaultZone()
		}
		return false
	})
}

func (t *tables) storageRow(s Settings, b BackupStorage) query.Row {
	d := describe(b.Subtype, b.UUID)
	if d.typeName == imageStoreType && s.NoImageStorePlugin {
		d = description{typeName: d.typeName, class: baseClass}
	}
	return query.Row{Class: &query.Class{Name: d.class}, Columns: s.existing(b.columns(d))}
}

// relate relates backup storages to the zones that they are attached to.
func (t *tables) relate() {
	attached := map[string][]query.Row{}
	zoneByUUID := map[string]query.Row{}
	for i := range t.zones {
		uuid := t.zones[i].Value("uuid").(string)
		t.zones[i].Related = func(name string) []query.Row {
			if name == "backupStorage" {
				return attached[uuid]
			}
			return nil
		}
		zoneByUUID[uuid] = t.zones[i]
	}
	for i := range t.storages {
		related := map[string][]query.Row{}
		t.storages[i].Related = func(name string) []query.Row { return related[name] }
		for _, uuid := range t.storages[i].Value("attachedZoneUuids").(query.Set) {
			related["zoneRef"] = append(related["zoneRef"], query.Row{
				Columns: []query.Column{column("backupStorageUuid", t.storages[i].Value("uuid")), column("zoneUuid", uuid)},
			})
			if z, ok := zoneByUUID[uuid]; ok {
				related["zone"] = append(related["zone"], z)
			}
			attached[uuid] = append(attached[uuid], t.storages[i])
		}
	}
}
