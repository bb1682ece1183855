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

variable "name" {
  description = "Name of the backup storage, exactly as ZStack shows it."
  type        = string
  default     = "image-store"
}

data "zstack_backup_storage" "named" {
  name = var.name
}

output "uuid" {
  description = "UUID of the backup storage."
  value       = data.zstack_backup_storage.named.uuid
}
