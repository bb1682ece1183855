terraform {
  required_version = ">= 1.5"

  required_providers {
    zstack = {
      source  = "zstackio/zstack"
      version = "~> 0.1"
    }
  }
}

# The endpoint and the credentials come from ZSTACK_* environment variables.
provider "zstack" {}

data "zstack_backup_storages" "all" {
  sort_by = "name"
}

# All storages that can be used, the one with the most free space first.
data "zstack_backup_storages" "usable" {
  filter {
    name   = "state"
    values = ["Enabled"]
  }

  filter {
    name   = "status"
    values = ["Connected"]
  }

  sort_by        = "available_capacity"
  sort_direction = "desc"
}

data "zstack_backup_storage" "most_free_space" {
  count = min(1, length(data.zstack_backup_storages.usable.backup_storages))

  uuid = data.zstack_backup_storages.usable.backup_storages[0].uuid
}

output "backup_storages" {
  description = "All backup storages with every attribute."
  value       = data.zstack_backup_storages.all.backup_storages
}

output "most_free_space" {
  description = "Name of the usable backup storage with the most free space, null if there is none."
  value       = one(data.zstack_backup_storage.most_free_space[*].name)
}
