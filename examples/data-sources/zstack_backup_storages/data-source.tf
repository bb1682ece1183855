# All storages, sorted by UUID.
data "zstack_backup_storages" "all" {}

# All storages that can be used, the one with the most free space first.
data "zstack_backup_storages" "usable" {
  filter {
    name   = "state"
    values = ["Enabled"]
  }

  filter {
    name     = "status"
    operator = "!="
    values   = ["Connecting", "Disconnected"]
  }

  sort_by        = "available_capacity"
  sort_direction = "desc"
}

# All storages with "image" in their name, in upper or lower case.
data "zstack_backup_storages" "images" {
  name_pattern = "%image%"

  timeouts {
    read = "1m"
  }
}

output "free_bytes_by_name" {
  value = { for s in data.zstack_backup_storages.all.backup_storages : s.name => s.available_capacity... }
}

output "most_free_space" {
  value = try(data.zstack_backup_storages.usable.backup_storages[0].uuid, null)
}

output "image_uuids" {
  value = data.zstack_backup_storages.images.backup_storages[*].uuid
}
