// SPDX-License-Identifier: MPL-2.0

package diagnosis

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zstackio/terraform-provider-zstack/internal/zstack"
)

// apiCauses are errors that the management node reports. Those of a login are
// loginCauses.
var apiCauses = []cause{
	{
		hasCode(zstack.CodePermissionDenied), "Permission Denied",
		permissionDenied,
	},
	{
		hasCode(zstack.CodeOperationFailed), "Operation Refused",
		operationRefused,
	},
	{
		hasCode(zstack.CodeTimeout), "Server Timeout",
		always("The management node did not finish within its own time limit. Run Terraform again. If the error persists, check the node's load " +
			"and database."),
	},
	{
		hasCode(zstack.CodeNotReady, zstack.CodeNodeUnavailable), "Management Node Not Ready",
		always("The management node is starting, or has lost the connection to its database. Run Terraform again when it is ready."),
	},
	{
		hasCode(zstack.CodeInvalidArgument), "Invalid Argument",
		always("The management node rejected a value; its message above says which one. Check the arguments of the provider and of the data " +
			"source. After the login of a virtual ID it is most likely project_name (ZSTACK_PROJECT_NAME)."),
	},
	{
		hasCode(zstack.CodeInternal), "Internal Server Error",
		always("The management node failed. Run Terraform again. If the error persists, check the node's log, and report the version of ZStack " +
			"and the message above."),
	},
	{
		hasType[*zstack.APIError], "Server Error",
		always("The message above says why. If its code is not one of ZStack's, such as SYS.1000, another server responded: check endpoint of the " +
			"provider."),
	},
	{
		with(func(e *zstack.UnknownAPIError) bool { return strings.HasPrefix(e.Path, virtualIDsPath) }), "Virtual IDs Not Supported",
		always("This ZStack has no virtual IDs, which need its IAM2 module. Instead of virtual_id_name and virtual_id_password, use account_name " +
			"and account_password, or other credentials."),
	},
	{
		with(func(e *zstack.UnknownAPIError) bool { return e.Path == zonesPath }), "Zones Not Supported",
		always("This ZStack cannot list zones at this path. Use zone_uuid instead of zone_name: the provider then does not read zones."),
	},
	{
		hasType[*zstack.UnknownAPIError], "API Not Supported",
		always("This server has ZStack's REST API, but not this part of it. Check the version of ZStack: the oldest one that this provider was " +
			"tried with is 3.1.0."),
	},
}

// Paths of the API, after the context path.
const (
	backupStoragesPath = "/v1/backup-storage"
	zonesPath          = "/v1/zones"
	virtualIDsPath     = "/v1/iam2/"
)

// api is a query of the management node, which policies can deny.
type api struct{ path, name, noun, instead string }

var apis = []api{
	{backupStoragesPath, "org.zstack.header.storage.backup.APIQueryBackupStorageMsg", "backup storages", ""},
	{zonesPath, "org.zstack.header.zone.APIQueryZoneMsg", "zones", " Or use zone_uuid instead of zone_name: the provider then does not read zones."},
}

// api returns the query that failed, or false for another request.
func (f failure) api() (api, bool) {
	i := slices.IndexFunc(apis, func(a api) bool { return strings.HasSuffix(f.request.Path, a.path) })
	if i < 0 {
		return api{}, false
	}
	return apis[i], true
}

func permissionDenied(f failure) string {
	a, ok := f.api()
	if !ok {
		return "ZStack allows this to administrators only. Use other credentials."
	}
	return fmt.Sprintf("Every account and user of ZStack can read %s, without a share. This ZStack, however, allows %s to administrators only: use the credentials of an administrator.%s",
		a.noun, a.name, a.instead)
}

func operationRefused(f failure) string {
	a, ok := f.api()
	if !ok {
		return "The management node's message above says why."
	}
	return fmt.Sprintf("Every account and user of ZStack can read %s, without a share, unless a policy denies it. Ask an administrator of ZStack to change the policies of this "+
		"account, user or virtual ID so that they allow %s, or use other credentials.%s", a.noun, a.name, a.instead)
}

// unexpectedField says how to leave out the row that cannot be read.
func unexpectedField(f failure) string {
	if f.request.Path != "" && strings.HasSuffix(f.request.Path, zonesPath) {
		return "The zone in the message cannot be read, and a list is complete or the read fails. Use zone_uuid instead of zone_name: the provider then does not read zones. " +
			"Please report this with the version of ZStack."
	}
	return "The backup storage in the message cannot be read, and a list is complete or the read fails. To leave it out, select the backup storages that you need by type, uuid " +
		"or name: the server then does not send the others. (A filter with != does not help: the server still sends this row.) Please report this with the version of ZStack."
}
