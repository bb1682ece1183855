terraform {
  required_version = ">= 1.5"

  required_providers {
    zstack = {
      source = "zstackio/zstack"
    }
  }
}

# The management node and the login come from ZSTACK_* variables.
provider "zstack" {}

data "zstack_backup_storages" "all" {
  sort_by = "name"
}

# Where the next image fits best: usable, and the most room first.
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

data "zstack_backup_storage" "roomiest" {
  count = min(1, length(data.zstack_backup_storages.usable.backup_storages))

  uuid = data.zstack_backup_storages.usable.backup_storages[0].uuid
}

output "backup_storages" {
  description = "All backup storages, every attribute."
  value       = data.zstack_backup_storages.all.backup_storages
}

output "roomiest" {
  description = "Name of the usable backup storage with the most free space, null if there is none."
  value       = one(data.zstack_backup_storage.roomiest[*].name)
}
