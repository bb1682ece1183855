// SPDX-License-Identifier: MPL-2.0

package main

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"

	"github.com/zstackio/terraform-provider-zstack/internal/backupstorage"
)

func TestRowsHaveTheShapeOfTheProvidersRows(t *testing.T) {
	typeOf := func(d datasource.DataSource, attribute string) attr.Type {
		var resp datasource.SchemaResponse
		d.Schema(t.Context(), datasource.SchemaRequest{}, &resp)
		return resp.Schema.Attributes[attribute].GetType()
	}
	ours := typeOf(backupstorage.NewListDataSource(), "backup_storages").TerraformType(t.Context())
	theirs := typeOf(rows{}, "rows").TerraformType(t.Context())
	if !ours.Equal(theirs) {
		t.Errorf("the provider's rows are\n%s\nand these are\n%s", ours, theirs)
	}
}
