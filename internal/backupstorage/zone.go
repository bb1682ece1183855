// SPDX-License-Identifier: MPL-2.0

package backupstorage

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/zstackio/terraform-provider-zstack/internal/zstack"
)

// zoneUUID returns the UUID of the one zone that has exactly this name. The
// server compares names less strictly, and does not keep them unique
// (PROTOCOL.md §10).
func (d *ProviderData) zoneUUID(ctx context.Context, name string) (string, diag.Diagnostics) {
	response, err := d.Client.ListZones(ctx, []zstack.Condition{{Field: "name", Operator: "=", Values: []string{name}}})
	if err != nil {
		return "", diag.Diagnostics{d.diagnose(err)}
	}
	zones := slices.DeleteFunc(slices.Clone(response), func(z zstack.Zone) bool { return orEmpty(z.Name) != name })
	switch len(zones) {
	case 0:
		return "", diag.Diagnostics{zoneNotFound(name, d.visibleZones(ctx))}
	case 1:
		return orEmpty(zones[0].UUID), nil
	default:
		return "", diag.Diagnostics{severalZones(name, zones)}
	}
}

// visibleZones returns all zones that the credentials can read, or nil if that
// fails: a message must not fail because of its candidates.
func (d *ProviderData) visibleZones(ctx context.Context) []zstack.Zone {
	zones, err := d.Client.ListZones(ctx, nil)
	if err != nil {
		return nil
	}
	return zones
}

// zoneNotFound says that no zone has the name, and lists the closest ones.
func zoneNotFound(name string, visible []zstack.Zone) diag.Diagnostic {
	lines := []string{fmt.Sprintf("No zone visible to this account has exactly the name %s.", quote(name))}
	lines = slices.Concat(lines, nameHints("zone_name", "zone_uuid", name), lineBreakHint(name))
	candidates := make([]candidate, len(visible))
	for i := range visible {
		c := candidate{uuid: orEmpty(visible[i].UUID), text: describeZone(&visible[i])}
		c.differences = []string{c.addIdentity("name", orEmpty(visible[i].Name), []any{name})}
		candidates[i] = c
	}
	if len(candidates) > 0 {
		slices.SortFunc(candidates, compareCandidates)
		lines = append(lines, "Visible to this account, closest first:", formatCandidates(candidates))
	}
	lines = append(lines, "Correct zone_name, or select the zone with zone_uuid.")
	return diag.NewErrorDiagnostic("Zone Not Found", strings.Join(lines, "\n"))
}

// severalZones says that several zones have the name.
func severalZones(name string, zones []zstack.Zone) diag.Diagnostic {
	return diag.NewErrorDiagnostic("Several Zones Match", fmt.Sprintf(
		"%d zones have the name %s, but zone_name must be the name of exactly one:\n%s\nSelect the zone with zone_uuid instead of zone_name.",
		len(zones), quote(name), formatList(zones, describeZone)))
}

// describeZone is a zone on one line.
func describeZone(z *zstack.Zone) string {
	return printable(orEmpty(z.UUID) + " " + quote(orEmpty(z.Name)))
}
