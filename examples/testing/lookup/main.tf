# Only the lookup, in a separate module, so that tests can override its result.
terraform {
  required_providers {
    zstack = {
      source  = "zstackio/zstack"
      version = "~> 0.1"
    }
  }
}

data "zstack_backup_storages" "connected" {
  filter {
    name   = "status"
    values = ["Connected"]
  }
}

output "backup_storages" {
  value = data.zstack_backup_storages.connected.backup_storages
}
