# Chooses the storages of a zone: for images the one with a given name, for backups the one with the most free space.
terraform {
  required_providers {
    zstack = {
      source  = "zstackio/zstack"
      version = "~> 0.1"
    }
  }
}

variable "zone_uuid" {
  description = "UUID of the zone that both storages must be attached to."
  type        = string
  default     = "c3a228078e8c4f81ba7da0b16fb8d77f"
}

variable "image_store" {
  description = "Name of the storage for images."
  type        = string
  default     = "image-store"
}

variable "min_free_gib" {
  description = "Free space in GiB that the storage for backups must have."
  type        = number
  default     = 200
}

data "zstack_backup_storage" "images" {
  name = var.image_store

  lifecycle {
    postcondition {
      condition     = self.status == "Connected"
      error_message = "The backup storage ${self.name} is ${self.status}."
    }
    postcondition {
      condition     = contains(self.attached_zone_uuids, var.zone_uuid)
      error_message = "The backup storage ${self.name} is not attached to zone ${var.zone_uuid}."
    }
  }
}

module "lookup" {
  source = "./lookup"
}

locals {
  free = {
    for b in module.lookup.backup_storages : b.uuid => b.available_capacity if contains(b.attached_zone_uuids, var.zone_uuid)
  }
  most     = max(0, values(local.free)...)
  suitable = [for uuid, free in local.free : uuid if free == local.most && free >= var.min_free_gib * pow(1024, 3)]
}

output "images" {
  description = "UUID of the storage for images."
  value       = data.zstack_backup_storage.images.uuid
}

output "backups" {
  description = "UUID of the storage for backups."
  value       = local.suitable[0]

  precondition {
    condition     = length(local.suitable) > 0
    error_message = "No connected storage of zone ${var.zone_uuid} has ${var.min_free_gib} GiB free."
  }
}
