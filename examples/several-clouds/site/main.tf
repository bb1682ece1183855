# The lookups of one site. The calling module passes the provider.
terraform {
  required_providers {
    zstack = {
      source  = "zstackio/zstack"
      version = "~> 0.1"
    }
  }
}

variable "name" {
  description = "Name of the storage for images, the same at every site."
  type        = string
  default     = "image-store"
}

data "zstack_backup_storage" "images" {
  name = var.name
}

output "image_store" {
  description = "UUID of the storage for images."
  value       = data.zstack_backup_storage.images.uuid
}
