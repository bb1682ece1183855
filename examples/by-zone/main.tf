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

variable "zone_name" {
  description = "Name of the zone, exactly as ZStack shows it."
  type        = string
  default     = "zone-1"
}

# The connected backup storages of the zone, the one with the most free space first.
data "zstack_backup_storages" "zone" {
  zone_name      = var.zone_name
  sort_by        = "available_capacity"
  sort_direction = "desc"

  filter {
    name   = "status"
    values = ["Connected"]
  }
}

output "backup_storages" {
  description = "Names of the backup storages."
  value       = data.zstack_backup_storages.zone.backup_storages[*].name
}
