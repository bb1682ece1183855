// SPDX-License-Identifier: MPL-2.0

// Package backupstorage holds the data sources zstack_backup_storage and
// zstack_backup_storages: which storages they select, what they show of them,
// and what they say when that fails.
package backupstorage

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/zstackio/terraform-provider-zstack/internal/zstack"
)

// ProviderData is what the provider hands to its data sources.
type ProviderData struct {
	// Client is nil if the provider's configuration holds a value that is not
	// known yet.
	Client *zstack.Client

	// Unknown says why there is no client. The first read that needs one
	// returns it.
	Unknown diag.Diagnostics
}

// configured returns what the provider handed over. It is nil as long as
// Terraform only validates and has not configured the provider.
func configured(req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) *ProviderData {
	if req.ProviderData == nil {
		return nil
	}
	data, ok := req.ProviderData.(*ProviderData)
	if !ok {
		resp.Diagnostics.AddError(
			"Unexpected Data Source Configure Type",
			fmt.Sprintf("Expected *backupstorage.ProviderData, got %T. This is a bug of the provider; please report it.", req.ProviderData),
		)
	}
	return data
}
