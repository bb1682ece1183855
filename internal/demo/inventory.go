// SPDX-License-Identifier: MPL-2.0

package main

import (
	"time"

	"github.com/zstackio/terraform-provider-zstack/internal/zstacktest"
)

const (
	gib = 1 << 30
	tib = 1 << 40

	zoneEast = "5b1b2c7e4f5d4e0e9a7cfd1e2b8d3c60"
	zoneWest = "c3a228078e8c4f81ba7da0b16fb8d77f"
	zoneLab  = "140ebc2fbdb74ae197323a69d432f25e"
)

// newNode returns the management node of a small cloud: an image store in each of two data centers, a Ceph pool and an external
// storage for both, a lab, and a disconnected SFTP server. As in a fresh ZStack, the password of the account admin is password.
func newNode() *zstacktest.Node {
	node := zstacktest.NewNode()
	node.AddAccount(account, password)
	node.Configure(func(s *zstacktest.Settings) { s.Locale = zstacktest.English })
	node.SetZones(
		zone(zoneEast, "east", "data center east", true),
		zone(zoneWest, "west", "data center west", false),
		zone(zoneLab, "lab", "tests and trials", false),
	)
	node.SetBackupStorages(
		zstacktest.BackupStorage{
			UUID:              "1ab3b836a88342e1bbc1b1a17d092f0f",
			Name:              new("image-store"),
			Description:       new("golden images"),
			URL:               "/zstack_imagestore",
			TotalCapacity:     9 * tib,
			AvailableCapacity: 4*tib + 512*gib,
			State:             "Enabled",
			Status:            "Connected",
			CreateDate:        time.Date(2024, time.April, 11, 6, 50, 54, 0, time.UTC),
			LastOpDate:        time.Date(2025, time.December, 13, 11, 32, 49, 0, time.UTC),
			AttachedZoneUUIDs: []string{zoneWest},
			Subtype:           zstacktest.ImageStore{Hostname: "172.20.1.115", Username: "root", SSHPort: 22},
		},
		zstacktest.BackupStorage{
			UUID:              "8e2f64d1c0a94b7c9d3b5a1e7f604c25",
			Name:              new("image-store-east"),
			URL:               "/zstack_imagestore",
			TotalCapacity:     2 * tib,
			AvailableCapacity: 37 * gib,
			State:             "Enabled",
			Status:            "Connected",
			CreateDate:        time.Date(2025, time.February, 3, 1, 12, 0, 0, time.UTC),
			LastOpDate:        time.Date(2025, time.February, 3, 1, 15, 30, 0, time.UTC),
			AttachedZoneUUIDs: []string{zoneEast},
			Subtype:           zstacktest.ImageStore{Hostname: "172.21.1.20", Username: "zstack", SSHPort: 2222},
		},
		zstacktest.BackupStorage{
			UUID:              "435e61f882cf431bb4ae48246489a988",
			Name:              new("ceph-backup"),
			URL:               "not used",
			TotalCapacity:     12 * tib,
			AvailableCapacity: 8*tib + 768*gib,
			State:             "Enabled",
			Status:            "Connected",
			CreateDate:        time.Date(2024, time.June, 2, 16, 0, 0, 0, time.UTC),
			LastOpDate:        time.Date(2025, time.November, 20, 9, 41, 7, 0, time.UTC),
			AttachedZoneUUIDs: []string{zoneEast, zoneWest},
			Subtype: zstacktest.Ceph{
				FSID:                  new("7ff218d9-f525-435f-8a40-3618d1772a64"),
				PoolName:              "bak-t-9f3c",
				PoolAvailableCapacity: new(int64(8*tib + 768*gib)),
				PoolUsedCapacity:      new(int64(3*tib + 256*gib)),
				PoolReplicatedSize:    new(int64(3)),
				PoolDiskUtilization:   new(float32(0.333)),
				PoolSecurityPolicy:    new("Copy"),
				Mons:                  []zstacktest.Mon{mon("172.20.1.21", "6a1c9e4d0b5c4f0f8b0a3a6a4d7f1e21"), mon("172.20.1.22", "9d0c1f5b7ae24c0cb2f6ed1b53a8e722")},
			},
		},
		zstacktest.BackupStorage{
			UUID:              "f07a5c3be1d24986a0b4c7d8e9123456",
			Name:              new("archive"),
			Description:       new("moved to Ceph in 2024"),
			URL:               "/export/backup",
			TotalCapacity:     4 * tib,
			AvailableCapacity: 1 * tib,
			State:             "Disabled",
			Status:            "Disconnected",
			CreateDate:        time.Date(2019, time.December, 13, 11, 32, 49, 0, time.UTC),
			LastOpDate:        time.Date(2024, time.June, 3, 2, 5, 11, 0, time.UTC),
			Subtype:           zstacktest.SFTP{Hostname: "172.20.1.9", Username: "backup", SSHPort: 22},
		},
		zstacktest.BackupStorage{
			UUID:              "c1d7a2f4b8e04d1c9a6e5f3b2c807d64",
			Name:              new("external-pool"),
			URL:               "addon://expon",
			TotalCapacity:     20 * tib,
			AvailableCapacity: 6 * tib,
			State:             "Enabled",
			Status:            "Connecting",
			CreateDate:        time.Date(2025, time.August, 19, 8, 24, 0, 0, time.UTC),
			LastOpDate:        time.Date(2025, time.August, 19, 8, 30, 12, 0, time.UTC),
			AttachedZoneUUIDs: []string{zoneEast, zoneWest},
			Subtype:           zstacktest.Addon{Identity: "expon"},
		},
		zstacktest.BackupStorage{
			UUID:              "d92b60c7e5a1439f8b04f6a7c3d15e28",
			Name:              new("oss-archive"),
			Description:       new("backups of the lab in Aliyun"),
			URL:               "oss://zstack-backup",
			TotalCapacity:     1 * tib,
			AvailableCapacity: 1000 * gib,
			State:             "Enabled",
			Status:            "Connected",
			CreateDate:        time.Date(2025, time.March, 7, 3, 0, 0, 0, time.UTC),
			LastOpDate:        time.Date(2025, time.March, 7, 3, 0, 9, 0, time.UTC),
			AttachedZoneUUIDs: []string{zoneLab},
			Subtype:           zstacktest.AliyunEBS{OSSBucketUUID: "0f4c8a6e2b7d49c1a5e3f1b2d4c60798"},
		},
		zstacktest.BackupStorage{
			UUID:              "e4a80f1b6c2d4e7f9b3a5c7d1e2f4068",
			Name:              new("vsan-images"),
			URL:               "vcenter://vcenter.lab.example/vsanDatastore",
			TotalCapacity:     3 * tib,
			AvailableCapacity: 900 * gib,
			State:             "Enabled",
			Status:            "Connected",
			CreateDate:        time.Date(2024, time.October, 1, 12, 0, 0, 0, time.UTC),
			LastOpDate:        time.Date(2024, time.October, 1, 12, 1, 30, 0, time.UTC),
			AttachedZoneUUIDs: []string{zoneLab},
			Subtype:           zstacktest.VCenter{VCenterUUID: "7b9d2e4f6a8c41c3b5d7e9f1a3c5e7d9", Datastore: "vsanDatastore"},
		},
	)
	return node
}

func zone(uuid, name, description string, isDefault bool) zstacktest.Zone {
	return zstacktest.Zone{
		UUID:        uuid,
		Name:        name,
		Description: &description,
		State:       "Enabled",
		IsDefault:   isDefault,
		CreateDate:  time.Date(2019, time.December, 2, 1, 0, 0, 0, time.UTC),
		LastOpDate:  time.Date(2019, time.December, 2, 1, 0, 0, 0, time.UTC),
	}
}

func mon(address, uuid string) zstacktest.Mon {
	return zstacktest.Mon{
		UUID:        uuid,
		Hostname:    address,
		MonAddr:     &address,
		MonPort:     6789,
		SSHPort:     22,
		SSHUsername: "root",
		SSHPassword: "never-shown",
		Status:      "Connected",
		CreateDate:  time.Date(2024, time.June, 2, 16, 0, 0, 0, time.UTC),
		LastOpDate:  time.Date(2024, time.June, 2, 16, 0, 1, 0, time.UTC),
	}
}
