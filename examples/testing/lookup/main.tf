# The lookup alone, in a module that tests can put their own storages in the place of.
terraform {
  required_providers {
    zstack = {
      source = "zstackio/zstack"
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
