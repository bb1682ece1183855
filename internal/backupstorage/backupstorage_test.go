// SPDX-License-Identifier: MPL-2.0

package backupstorage

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/zstackio/terraform-provider-zstack/internal/diagnosis"
)

func TestAReadHasTheConfiguredTimeOrFiveMinutes(t *testing.T) {
	attributeTypes := map[string]attr.Type{"read": types.StringType}
	for _, test := range []struct {
		timeout timeouts.Value
		want    time.Duration
	}{
		{timeouts.Value{Object: types.ObjectNull(attributeTypes)}, 5 * time.Minute},
		{timeouts.Value{Object: types.ObjectValueMust(attributeTypes, map[string]attr.Value{"read": basetypes.NewStringValue("30s")})}, 30 * time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			start := time.Now()
			ctx, cancel, diags := withTimeout(t.Context(), test.timeout)
			defer cancel()
			deadline, ok := ctx.Deadline()
			if got := deadline.Sub(start); !ok || got != test.want || diags.HasError() {
				t.Errorf("got %s, %v, want %s", got, diags, test.want)
			}
			<-ctx.Done()
			var cause *diagnosis.ReadTimeoutError
			if !errors.As(context.Cause(ctx), &cause) || cause.Limit != test.want {
				t.Errorf("the cause is %v", context.Cause(ctx))
			}
		})
	}
}

func TestDataOfAnotherTypeIsABugOfTheProvider(t *testing.T) {
	for _, d := range []datasource.DataSource{NewDataSource(), NewListDataSource()} {
		var resp datasource.ConfigureResponse
		d.(datasource.DataSourceWithConfigure).Configure(t.Context(), datasource.ConfigureRequest{ProviderData: "x"}, &resp)
		if len(resp.Diagnostics) != 1 || resp.Diagnostics[0].Summary() != "Unexpected Data Source Configure Type" ||
			!strings.Contains(resp.Diagnostics[0].Detail(), "Expected *backupstorage.ProviderData, got string.") {
			t.Errorf("%T: %v", d, resp.Diagnostics)
		}
	}
}
