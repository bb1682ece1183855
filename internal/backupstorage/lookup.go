// SPDX-License-Identifier: MPL-2.0

package backupstorage

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/zstackio/terraform-provider-zstack/internal/diagnosis"
	"github.com/zstackio/terraform-provider-zstack/internal/zstack"
)

// defaultReadTimeout bounds a read with all its requests, unless the
// configuration says otherwise.
const defaultReadTimeout = 5 * time.Minute

// lookup is the outcome of one read.
type lookup struct {
	conditions []condition
	answer     []zstack.BackupStorage // what the server sent
	found      []zstack.BackupStorage // what of it meets all conditions, by uuid
}

// lookup reads the backup storages that the selectors ask for.
func (d *ProviderData) lookup(ctx context.Context, asked selectors, timeout timeouts.Value) (lookup, diag.Diagnostics) {
	if d.Client == nil {
		return lookup{}, d.Unknown
	}
	limit, diags := timeout.Read(ctx, defaultReadTimeout)
	conditions, err := asked.conditions()
	if err != nil {
		diags.AddError("Invalid Selector", err.Error())
	}
	if diags.HasError() {
		return lookup{}, diags
	}
	sent := make([]zstack.Condition, len(conditions))
	for i, c := range conditions {
		sent[i] = c.wire()
	}

	ctx, cancel := context.WithTimeoutCause(ctx, limit, &diagnosis.ReadTimeoutError{Limit: limit})
	defer cancel()
	answer, err := d.Client.ListBackupStorages(ctx, sent)
	if err != nil {
		d := diagnosis.Of(err)
		diags.AddError(d.Title, d.Detail())
		return lookup{}, diags
	}
	return lookup{conditions, answer, matching(answer, conditions)}, diags
}
