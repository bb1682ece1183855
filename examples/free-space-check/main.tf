terraform {
  required_providers {
    zstack = {
      source = "zstackio/zstack"
    }
  }
}

# The management node and the login come from ZSTACK_* variables.
provider "zstack" {}

variable "least_free_percent" {
  description = "Share of free space below which a backup storage is reported."
  type        = number
  default     = 10
}

data "zstack_backup_storages" "all" {}

locals {
  short = [
    for s in data.zstack_backup_storages.all.backup_storages : s.name
    if s.available_capacity * 100 < s.total_capacity * var.least_free_percent
  ]
}

# A check warns, and lets the plan go on.
check "free_space" {
  assert {
    condition     = length(local.short) == 0
    error_message = "Less than ${var.least_free_percent} % is free on: ${join(", ", local.short)}."
  }
}
