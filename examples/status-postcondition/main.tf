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

data "zstack_backup_storage" "images" {
  name = "image-store"

  # The postcondition fails the plan before anything uses the storage.
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
