// SPDX-License-Identifier: MPL-2.0

package zstacktest

import (
	"fmt"
	"math"
	"net/http"
	"slices"
	"strings"

	"github.com/zstackio/terraform-provider-zstack/internal/zstacktest/query"
)

// These are the APIs other than logins and queries (PROTOCOL.md §7).

// identified runs an API that needs a session or a signature.
func (c *call) identified(run func(*principal) (response, error)) (response, error) {
	identify, err := c.authenticate()
	if err != nil {
		return response{}, err
	}
	user, err := identify()
	if err != nil {
		return response{}, err
	}
	return run(user)
}

// admins is an API that only the administrator may call.
func admins(a API, next serve) serve {
	return func(c *call) (response, error) {
		return c.identified(func(user *principal) (response, error) {
			if !user.isAdmin() {
				return response{}, adminOnly(a)
			}
			return next(c)
		})
	}
}

func ready(c *call) (response, error) {
	return response{status: http.StatusOK, body: c.settings.emptyResponse()}, nil
}

// managementNodeAction returns the version or the time, without a login.
func managementNodeAction(c *call) (response, error) {
	switch body := string(c.body); {
	case body == "":
		return response{}, refusal{http.StatusInternalServerError, ""}
	case strings.Contains(body, `"getVersion"`):
		return response{status: http.StatusOK, body: fmt.Sprintf(`{"success":true,"version":"%s"}`, c.settings.Version)}, nil
	case strings.Contains(body, `"getCurrentTime"`):
		now := c.node.now()
		return response{status: http.StatusOK, body: fmt.Sprintf(
			`{"currentTime":{"MillionSeconds":%d,"Seconds":%d},"success":true}`, now.UnixMilli(), now.Unix())}, nil
	default:
		return response{}, badRequest(fmt.Sprintf("the body doesn't contain action mapping to the URL[%s]", c.path))
	}
}

func platformTimeZone(c *call) (response, error) {
	return c.identified(func(*principal) (response, error) {
		zone := c.settings.TimeZone
		return response{status: http.StatusOK, body: fmt.Sprintf(`{"offset":"%s","timezone":"%s","success":true}`,
			c.node.now().In(zone).Format("Z07:00"), zone)}, nil
	})
}

// backupStorageTypes lists the types whose plug-ins are installed.
func backupStorageTypes(c *call) (response, error) {
	var types []string
	if c.settings.Version.Before(3, 10) {
		types = append(types, "Fusionstor")
	}
	types = append(types, "Ceph")
	if !c.settings.Version.Before(5, 1) {
		types = append(types, "Addon")
	}
	types = append(types, "SftpBackupStorage")
	if !c.settings.NoImageStorePlugin {
		types = append(types, imageStoreType)
	}
	return response{status: http.StatusOK, body: `{"types":["` + strings.Join(types, `","`) + `"]}`}, nil
}

// backupStorageCapacities sums up the capacities of all storages, of named ones, or of those of zones.
func backupStorageCapacities(c *call) (response, error) {
	uuids, zoneUUIDs := c.array("backupStorageUuids"), c.array("zoneUuids")
	all := strings.EqualFold(query.First(c.params, "all"), "true")
	if !all && len(uuids) == 0 && len(zoneUUIDs) == 0 {
		return response{}, noCapacitySet
	}
	var total, available uint64
	for _, b := range c.node.currentTables().storages {
		inZone := func(uuid string) bool { return slices.Contains(b.Value("attachedZoneUuids").(query.Set), uuid) }
		if !all && !slices.Contains(uuids, b.Value("uuid").(string)) && !slices.ContainsFunc(zoneUUIDs, inZone) {
			continue
		}
		total += uint64(b.Value("totalCapacity").(int64))
		available += uint64(b.Value("availableCapacity").(int64))
		if max(total, available) > math.MaxInt64 {
			return response{}, InternalError("org.hibernate.exception.DataException: could not execute query")
		}
	}
	return response{status: http.StatusOK, body: fmt.Sprintf(
		`{"availableCapacity":%d,"totalCapacity":%d,"success":true}`, available, total)}, nil
}

// array returns the values of an array parameter, whose name is repeated or has an index: name, name.0.
func (c *call) array(name string) []string {
	var values []string
	for _, p := range c.params {
		if base, _, _ := strings.Cut(p.Name, "."); base == name {
			values = append(values, p.Value)
		}
	}
	return values
}

// startJob responds as an asynchronous API that changes something; the fake changes nothing.
func startJob(c *call) (response, error) {
	return c.identified(func(*principal) (response, error) { return c.jobStarted(), nil })
}

// deleteStorage exists so that a test notices a client that calls it.
func deleteStorage(c *call) (response, error) {
	return c.identified(func(*principal) (response, error) {
		n := c.node
		n.mu.Lock()
		defer n.mu.Unlock()
		n.storages = slices.DeleteFunc(n.storages, func(b BackupStorage) bool { return b.UUID == c.uuid })
		n.tables = nil
		return c.jobStarted(), nil
	})
}

func (c *call) jobStarted() response {
	return response{status: http.StatusAccepted, body: fmt.Sprintf(`{"location":"http://%s%s/v1/api-jobs/%s"}`,
		c.r.Host, c.settings.ContextPath, uuidOf("job", c.uuid))}
}
