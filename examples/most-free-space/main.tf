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

data "zstack_backup_storages" "connected" {
  type = "ImageStoreBackupStorage"

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

  lifecycle {
    postcondition {
      condition     = length(self.backup_storages) > 0
      error_message = "No ImageStore is enabled and connected."
    }
  }
}

output "most_free_space" {
  description = "The connected ImageStore with the most free space."
  value = {
    uuid     = data.zstack_backup_storages.connected.backup_storages[0].uuid
    name     = data.zstack_backup_storages.connected.backup_storages[0].name
    free_gib = floor(data.zstack_backup_storages.connected.backup_storages[0].available_capacity / pow(1024, 3))
  }
}
