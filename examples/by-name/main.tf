terraform {
  required_providers {
    zstack = {
      source = "zstackio/zstack"
    }
  }
}

# The management node and the login come from ZSTACK_* variables.
provider "zstack" {}

variable "name" {
  description = "Name of the backup storage, exactly as ZStack shows it."
  type        = string
  default     = "image-store"
}

data "zstack_backup_storage" "named" {
  name = var.name
}

output "uuid" {
  description = "UUID of the backup storage, for everything that wants one."
  value       = data.zstack_backup_storage.named.uuid
}
