terraform {
  required_providers {
    zstack = {
      source = "zstackio/zstack"
    }
  }
}

# The management node and the login come from ZSTACK_* variables.
provider "zstack" {}

data "zstack_backup_storage" "images" {
  name = "image-store"

  # A postcondition fails the plan before anything relies on the storage.
  lifecycle {
    postcondition {
      condition     = self.state == "Enabled" && self.status == "Connected"
      error_message = "Backup storage ${self.name} is ${self.state} and ${self.status}."
    }
  }
}

output "uuid" {
  value = data.zstack_backup_storage.images.uuid
}
