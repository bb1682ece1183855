// SPDX-License-Identifier: MPL-2.0

package zstacktest

import (
	"fmt"
	"time"
)

// The UUIDs of the two zones of [Zones], to which the storages of [Inventory] and [Storages] are attached.
const (
	ZoneOne = "c3a228078e8c4f81ba7da0b16fb8d77f"
	ZoneTwo = "140ebc2fbdb74ae197323a69d432f25e"
)

// Zones are the zones of [Inventory] and [Storages]: zone-1 is [ZoneOne], zone-2 is [ZoneTwo].
func Zones() []Zone {
	return []Zone{
		{
			UUID: ZoneOne, Name: "zone-1", Description: new("first data center"), State: "Enabled", IsDefault: true,
			CreateDate: time.Date(2017, time.November, 1, 9, 0, 0, 0, shanghai),
			LastOpDate: time.Date(2017, time.November, 1, 9, 0, 0, 0, shanghai),
		},
		{
			UUID: ZoneTwo, Name: "zone-2", State: "Enabled",
			CreateDate: time.Date(2020, time.May, 4, 10, 30, 0, 0, shanghai),
			LastOpDate: time.Date(2020, time.May, 4, 10, 30, 0, 0, shanghai),
		},
	}
}

// SSHPassword is the password of every Ceph monitor in [Inventory] and [Storages].
const SSHPassword = "mon-Ssh-4711"

// Inventory is a small cloud: an image store, a Ceph pool and a disconnected SFTP server, in the order of their UUIDs.
func Inventory() []BackupStorage {
	newYear := time.Date(2020, time.January, 2, 0, 0, 0, 0, shanghai)
	return []BackupStorage{
		{
			UUID: "1ab3b836a88342e1bbc1b1a17d092f0f", Name: new("image-store"), URL: "/zstack_imagestore", Description: new(""),
			TotalCapacity: 9992857976832, AvailableCapacity: 4931431059456, State: "Enabled", Status: "Connected",
			CreateDate:        time.Date(2018, time.April, 11, 14, 50, 54, 0, shanghai),
			LastOpDate:        time.Date(2019, time.December, 13, 19, 32, 49, 0, shanghai),
			AttachedZoneUUIDs: []string{ZoneOne},
			Subtype:           ImageStore{Hostname: "172.20.1.115", Username: "root", SSHPort: 22},
		},
		{
			UUID: "435e61f882cf431bb4ae48246489a988", Name: new("ceph <prod> & backup"), URL: "not used",
			TotalCapacity: 13194139533312, AvailableCapacity: 9895604649984, State: "Enabled", Status: "Connected",
			CreateDate: newYear, LastOpDate: newYear.Add(time.Second),
			Subtype: Ceph{
				Mons: []Mon{{
					UUID: "6a1c9e4d0b5c4f0f8b0a3a6a4d7f1e21", Hostname: "172.20.1.21", MonAddr: new("172.20.1.21"), MonPort: 6789,
					SSHPort: 22, SSHUsername: "root", SSHPassword: SSHPassword, Status: "Connected",
					CreateDate: newYear, LastOpDate: newYear.Add(time.Second),
				}},
				FSID: new("7ff218d9-f525-435f-8a40-3618d1772a64"), PoolName: "bak-t-9f3c",
				PoolAvailableCapacity: new(int64(3298534883328)), PoolUsedCapacity: new(int64(1099511627776)),
				PoolReplicatedSize: new(int64(3)), PoolDiskUtilization: new(float32(0.333)), PoolSecurityPolicy: new("Copy"),
			},
		},
		{
			UUID: "9656aa7cc6fb46ebab65aedc12a4728c", Name: new("sftp"), URL: "/sftp_storage",
			TotalCapacity: 107374182400, AvailableCapacity: 0, State: "Disabled", Status: "Disconnected",
			CreateDate:        time.Date(2017, time.November, 17, 20, 27, 47, 0, shanghai),
			LastOpDate:        time.Date(2017, time.November, 20, 17, 40, 52, 0, shanghai),
			AttachedZoneUUIDs: []string{ZoneOne},
			Subtype:           SFTP{Hostname: "172.20.1.116", Username: "root", SSHPort: 22},
		},
	}
}

// Storages is a large cloud: count storages of all types, the same ones in every run, with unique names and UUIDs.
func Storages(count int) []BackupStorage {
	storages := make([]BackupStorage, count)
	for i := range storages {
		storages[i] = storage(i)
	}
	return storages
}

const tebibyte = 1 << 40

func storage(i int) BackupStorage {
	created := time.Date(2021, time.March, 1, 9, 0, 0, 0, shanghai).Add(time.Duration(i) * 37 * time.Minute)
	b := BackupStorage{
		UUID:          uuidOf("storage", fmt.Sprint(i)),
		TotalCapacity: int64(1+i%40) * tebibyte,
		State:         "Enabled",
		Status:        "Connected",
		CreateDate:    created,
		LastOpDate:    created.Add(time.Duration(i%1000) * time.Hour),
	}
	b.AvailableCapacity = b.TotalCapacity / 100 * int64(100-i%97)
	if i%3 != 0 {
		b.Description = new(fmt.Sprintf("rack %d, row %d", i%16, i%7))
	}
	if i%11 == 10 {
		b.State = "Disabled"
	}
	if i%13 == 12 {
		b.Status = "Disconnected"
	}
	b.AttachedZoneUUIDs = [][]string{{ZoneOne}, {ZoneTwo}, {ZoneOne, ZoneTwo}, nil}[i%4]

	host := fmt.Sprintf("10.%d.%d.%d", 20+i/62500, i/250%250, 1+i%250)
	var kind string
	switch i % 10 {
	case 5, 6:
		kind, b.URL, b.Subtype = "sftp", "/sftp_storage", SFTP{Hostname: host, Username: "root", SSHPort: 22}
	case 7:
		kind, b.URL, b.Subtype = "ceph", "not used", cephOf(b, i, host)
	case 8:
		kind, b.URL, b.Subtype = "vcenter", "datastore://"+host, VCenter{VCenterUUID: uuidOf("vcenter", host), Datastore: "datastore1"}
	case 9:
		kind, b.URL, b.Subtype = "addon", "xstore://"+host, Addon{Identity: "xstore"}
	default:
		kind, b.URL, b.Subtype = "image-store", "/zstack_bs", ImageStore{Hostname: host, Username: "zstack", SSHPort: 22}
	}
	b.Name = new(fmt.Sprintf("%s-%04d", kind, i))
	return b
}

func cephOf(b BackupStorage, i int, host string) Ceph {
	ceph := Ceph{
		FSID: new(uuidOf("fsid", host)), PoolName: fmt.Sprintf("bak-t-%04d", i),
		PoolAvailableCapacity: new(b.AvailableCapacity), PoolUsedCapacity: new(b.TotalCapacity - b.AvailableCapacity),
		PoolReplicatedSize: new(int64(3)), PoolDiskUtilization: new(float32(0.333)), PoolSecurityPolicy: new("Copy"),
	}
	for m := range 3 {
		ceph.Mons = append(ceph.Mons, Mon{
			UUID: uuidOf("mon", host, fmt.Sprint(m)), Hostname: fmt.Sprintf("ceph-%04d-mon%d", i, m+1), MonAddr: new(host), MonPort: 6789,
			SSHPort: 22, SSHUsername: "root", SSHPassword: SSHPassword, Status: "Connected",
			CreateDate: b.CreateDate, LastOpDate: b.LastOpDate,
		})
	}
	return ceph
}
