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
)

// newNode returns the management node of a small cloud: two zones, an image store in each, a Ceph pool that both share,
// and an old SFTP server that does not answer any more.
func newNode() *zstacktest.Node {
	node := zstacktest.NewNode()
	node.SetZones(
		zstacktest.Zone{UUID: zoneEast, Name: "east", State: "Enabled"},
		zstacktest.Zone{UUID: zoneWest, Name: "west", State: "Enabled", IsDefault: true},
	)
	node.SetBackupStorages(
		zstacktest.BackupStorage{
			UUID:              "1ab3b836a88342e1bbc1b1a17d092f0f",
			Name:              new("images-west"),
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
			Name:              new("images-east"),
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
	)
	return node
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
