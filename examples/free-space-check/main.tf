terraform {
  required_providers {
    zstack = {
      source  = "zstackio/zstack"
      version = "~> 0.1"
    }
  }
}

# The endpoint and the credentials come from ZSTACK_* environment variables.
provider "zstack" {}

variable "min_free_percent" {
  description = "Percentage of free space below which a warning names the backup storage."
  type        = number
  default     = 10
}

data "zstack_backup_storages" "all" {}

locals {
  nearly_full = [
    for s in data.zstack_backup_storages.all.backup_storages : s.name
    if s.available_capacity * 100 < s.total_capacity * var.min_free_percent
  ]
}

# A check shows a warning, and the plan continues.
check "free_space" {
  assert {
    condition     = length(local.nearly_full) == 0
    error_message = "Less than ${var.min_free_percent} % free space: ${join(", ", local.nearly_full)}."
  }
}
