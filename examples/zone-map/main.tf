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

variable "zone_uuid" {
  description = "UUID of the zone."
  type        = string
  default     = "c3a228078e8c4f81ba7da0b16fb8d77f"
}

data "zstack_backup_storages" "zone" {
  filter {
    name   = "attached_zone_uuids"
    values = [var.zone_uuid]
  }
}

output "backup_storages" {
  description = "The backup storages of the zone by name. Names are not unique in ZStack, so each name has a list."
  value       = { for s in data.zstack_backup_storages.zone.backup_storages : s.name => s... }
}
