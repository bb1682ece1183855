// SPDX-License-Identifier: MPL-2.0

package zstacktest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/zstackio/terraform-provider-zstack/internal/zstacktest/query"
)

// LoadBackupStorages replaces the backup storages by those in a saved response to GET /v1/backup-storage. Dates are taken
// to be in the node's time zone, so that the node returns them unchanged.
func (n *Node) LoadBackupStorages(response []byte) error {
	loaded, err := load(response, n.currentSettings(), (*storedStorage).storage)
	if err != nil {
		return fmt.Errorf("backup storages: %w", err)
	}
	n.SetBackupStorages(loaded...)
	return nil
}

// LoadZones replaces the zones by those in a saved response to GET /v1/zones.
func (n *Node) LoadZones(response []byte) error {
	loaded, err := load(response, n.currentSettings(), (*storedZone).zone)
	if err != nil {
		return fmt.Errorf("zones: %w", err)
	}
	n.SetZones(loaded...)
	return nil
}

// load reads the rows of a response: each is decoded into an S, and made into a T.
func load[S, T any](response []byte, settings Settings, convert func(*S, loading) (T, error)) ([]T, error) {
	var list struct{ Inventories []json.RawMessage }
	if err := json.Unmarshal(response, &list); err != nil {
		return nil, err
	}
	if list.Inventories == nil {
		return nil, errors.New("the response has no inventories")
	}
	loaded := make([]T, len(list.Inventories))
	for i, row := range list.Inventories {
		var stored S
		if err := json.Unmarshal(row, &stored); err != nil {
			return nil, fmt.Errorf("row %d: %w", i, err)
		}
		one, err := convert(&stored, loading{row, settings})
		if err != nil {
			return nil, fmt.Errorf("row %d: %w", i, err)
		}
		loaded[i] = one
	}
	return loaded, nil
}

// loading is a row that is being loaded, and how the node writes dates.
type loading struct {
	row      []byte
	settings Settings
}

// date reads a date in any of the three formats.
func (l loading) date(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	for _, layout := range []DateText{JDK8, JDK9, JDK20} {
		if t, err := time.ParseInLocation(string(layout), text, l.settings.TimeZone); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is not a date as ZStack writes it", text)
}

// storedZone is a zone as a response contains it.
type storedZone struct {
	UUID        string
	Name        string
	Description *string
	State       string
	IsDefault   bool
	CreateDate  string
	LastOpDate  string
}

func (s *storedZone) zone(l loading) (Zone, error) {
	created, err := l.date(s.CreateDate)
	if err != nil {
		return Zone{}, err
	}
	changed, err := l.date(s.LastOpDate)
	if err != nil {
		return Zone{}, err
	}
	if s.UUID == "" {
		return Zone{}, errors.New("a zone without a uuid")
	}
	return Zone{s.UUID, s.Name, s.Description, s.State, s.IsDefault, created, changed}, nil
}

// storedStorage is a backup storage as a response contains it, with the fields of all types.
type storedStorage struct {
	UUID              string
	Name              *string
	URL               string
	Description       *string
	TotalCapacity     int64
	AvailableCapacity int64
	Type              string
	State             string
	Status            string
	CreateDate        string
	LastOpDate        string
	AttachedZoneUUIDs []string

	Hostname, Username    string
	SSHPort               int64
	Mons                  []storedMon
	FSID                  *string
	PoolName              string
	PoolAvailableCapacity *int64
	PoolUsedCapacity      *int64
	PoolReplicatedSize    *int64
	PoolDiskUtilization   *float32
	PoolSecurityPolicy    *string
	Identity              string
	OSSBucketUUID         string
	VCenterUUID           string
	Datastore             string
}

type storedMon struct {
	MonUUID     string
	Hostname    string
	MonAddr     *string
	MonPort     int64
	SSHPort     int64
	SSHUsername string
	SSHPassword string
	Status      string
	CreateDate  string
	LastOpDate  string
}

func (s *storedStorage) storage(l loading) (BackupStorage, error) {
	created, err := l.date(s.CreateDate)
	if err != nil {
		return BackupStorage{}, err
	}
	changed, err := l.date(s.LastOpDate)
	if err != nil {
		return BackupStorage{}, err
	}
	subtype, err := s.subtype(l)
	if err != nil {
		return BackupStorage{}, err
	}
	if s.UUID == "" {
		return BackupStorage{}, errors.New("a backup storage without a uuid")
	}
	return BackupStorage{
		s.UUID, s.Name, s.URL, s.Description, s.TotalCapacity, s.AvailableCapacity, s.State, s.Status, created, changed,
		s.AttachedZoneUUIDs, subtype,
	}, nil
}

// subtype is the type of a storage, if the row has exactly its fields; a row with other fields keeps them as they are.
func (s *storedStorage) subtype(l loading) (Subtype, error) {
	mons, err := s.monitors(l)
	if err != nil {
		return nil, err
	}
	keys, err := additionalKeys(l.row)
	if err != nil {
		return nil, err
	}
	class := baseClass
	for _, subtype := range []Subtype{
		nil,
		ImageStore{s.Hostname, s.Username, s.SSHPort},
		SFTP{s.Hostname, s.Username, s.SSHPort},
		Ceph{
			mons, s.FSID, s.PoolName, s.PoolAvailableCapacity, s.PoolUsedCapacity, s.PoolReplicatedSize,
			s.PoolDiskUtilization, s.PoolSecurityPolicy,
		},
		Addon{s.Identity},
		AliyunEBS{s.OSSBucketUUID},
		VCenter{s.VCenterUUID, s.Datastore},
	} {
		d := describe(subtype, s.UUID)
		if d.typeName != s.Type || len(keys) == 0 && len(d.columns) > 0 { // without its plug-in, a type has the base class
			continue
		}
		if d.hasExactly(keys) {
			return subtype, nil
		}
		class = d.class
	}
	return Other{Type: s.Type, Class: class, Keys: keys}, nil
}

func (s *storedStorage) monitors(l loading) ([]Mon, error) {
	mons := make([]Mon, len(s.Mons))
	for i, m := range s.Mons {
		created, err := l.date(m.CreateDate)
		if err != nil {
			return nil, err
		}
		changed, err := l.date(m.LastOpDate)
		if err != nil {
			return nil, err
		}
		mons[i] = Mon{
			m.MonUUID, m.Hostname, m.MonAddr, m.MonPort, m.SSHPort, m.SSHUsername, m.SSHPassword, m.Status, created, changed,
		}
	}
	return mons, nil
}

// hasExactly tells whether the fields of a subtype that are not NULL are those in a row.
func (d description) hasExactly(keys []Key) bool {
	var fields []string
	for _, c := range d.columns {
		if c.Value != nil {
			fields = append(fields, c.Name)
		}
	}
	return slices.EqualFunc(fields, keys, func(field string, k Key) bool { return field == k.Name })
}

// additionalKeys are the keys of a row that the base class does not have, in their order.
func additionalKeys(row []byte) ([]Key, error) {
	base := BackupStorage{}.columns(description{})
	var keys []Key
	decoder := json.NewDecoder(bytes.NewReader(row))
	if _, err := decoder.Token(); err != nil {
		return nil, err
	}
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return nil, err
		}
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return nil, err
		}
		key := Key{name.(string), string(value)}
		if !slices.ContainsFunc(base, func(c query.Column) bool { return c.Name == key.Name }) {
			keys = append(keys, key)
		}
	}
	return keys, nil
}
