// SPDX-License-Identifier: MPL-2.0

// Package backupstorage contains the data sources zstack_backup_storage and
// zstack_backup_storages: their schemas, selectors, order and diagnostics.
// Conditions, and the queries that are sent for them, can be used without
// Terraform: see [ParseCondition].
package backupstorage

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/zstackio/terraform-provider-zstack/internal/diagnosis"
	"github.com/zstackio/terraform-provider-zstack/internal/zstack"
)

// ProviderData is what the provider passes to its data sources.
type ProviderData struct {
	// Client is nil if the provider's configuration contains an unknown value.
	Client *zstack.Client

	// Login says who the client logs in as, for the message about a login that
	// fails.
	Login diagnosis.Login

	// Unknown says why there is no client. The first read that needs one
	// returns it.
	Unknown diag.Diagnostics
}

// providerData returns the provider's data. It is nil as long as Terraform only
// validates and has not configured the provider.
func providerData(req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) *ProviderData {
	if req.ProviderData == nil {
		return nil
	}
	data, ok := req.ProviderData.(*ProviderData)
	if !ok {
		resp.Diagnostics.AddError(
			"Unexpected Data Source Configure Type",
			fmt.Sprintf("Expected *backupstorage.ProviderData, got %T. This is a bug in the provider; please report it.", req.ProviderData),
		)
	}
	return data
}

// defaultReadTimeout limits a read with all its requests, unless the
// configuration sets another limit.
const defaultReadTimeout = 5 * time.Minute

// withTimeout limits the time of a read.
func withTimeout(ctx context.Context, timeout timeouts.Value) (context.Context, context.CancelFunc, diag.Diagnostics) {
	limit, diags := timeout.Read(ctx, defaultReadTimeout)
	ctx, cancel := context.WithTimeoutCause(ctx, limit, &diagnosis.ReadTimeoutError{Limit: limit})
	return ctx, cancel, diags
}

// lookup is the outcome of one read with selectors.
type lookup struct {
	conditions []Condition
	response   []zstack.BackupStorage // what the server sent
	found      []zstack.BackupStorage // those of the response that meet all conditions, by UUID
}

// lookup reads the backup storages that the selectors select.
func (d *ProviderData) lookup(ctx context.Context, s selectors) (lookup, diag.Diagnostics) {
	conditions, diags := d.conditions(ctx, s)
	if diags.HasError() {
		return lookup{}, diags
	}
	response, err := d.Client.ListBackupStorages(ctx, clientConditions(conditions))
	if err != nil {
		diags.Append(d.diagnose(err))
		return lookup{}, diags
	}
	return lookup{conditions, response, matching(response, conditions)}, diags
}

// conditions returns the conditions that the selectors state. It reads the zone
// if they contain its name. Without an error there is a client.
func (d *ProviderData) conditions(ctx context.Context, s selectors) ([]Condition, diag.Diagnostics) {
	if d.Client == nil {
		return nil, d.Unknown
	}
	var diags diag.Diagnostics
	conditions, err := s.conditions()
	if err != nil {
		diags.AddError("Invalid Selector", err.Error()+".")
		return nil, diags
	}
	if s.ZoneName != nil {
		uuid, zoneDiags := d.zoneUUID(ctx, *s.ZoneName)
		if diags.Append(zoneDiags...); diags.HasError() {
			return nil, diags
		}
		conditions = append(conditions, attachedTo(uuid, *s.ZoneName))
	}
	return conditions, diags
}

// clientConditions returns the conditions for the client.
func clientConditions(conditions []Condition) []zstack.Condition {
	converted := make([]zstack.Condition, len(conditions))
	for i, c := range conditions {
		converted[i] = c.ClientCondition()
	}
	return converted
}

// diagnose returns the diagnostic for an error of the client.
func (d *ProviderData) diagnose(err error) diag.Diagnostic {
	message := diagnosis.Of(err, d.Login)
	return diag.NewErrorDiagnostic(message.Title, message.Detail())
}
