# Where images and backups of a zone go: images to the storage of a given name, backups to the one with the most room.
terraform {
  required_providers {
    zstack = {
      source = "zstackio/zstack"
    }
  }
}

variable "zone_uuid" {
  description = "Zone that both storages must be attached to."
  type        = string
  default     = "c3a228078e8c4f81ba7da0b16fb8d77f"
}

variable "image_store" {
  description = "Name of the storage for images."
  type        = string
  default     = "image-store"
}

variable "least_free_gib" {
  description = "What the storage for backups must have free."
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
  most  = max(0, values(local.free)...)
  roomy = [for uuid, free in local.free : uuid if free == local.most && free >= var.least_free_gib * pow(1024, 3)]
}

output "images" {
  description = "UUID of the storage for images."
  value       = data.zstack_backup_storage.images.uuid
}

output "backups" {
  description = "UUID of the storage for backups."
  value       = local.roomy[0]

  precondition {
    condition     = length(local.roomy) > 0
    error_message = "No connected storage of zone ${var.zone_uuid} has ${var.least_free_gib} GiB free."
  }
}
