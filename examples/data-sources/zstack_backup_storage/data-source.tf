# By name. If there is no such storage, the read fails.
data "zstack_backup_storage" "images" {
  name = "image-store"
}

# By type and filters. Exactly one storage must match all of them.
data "zstack_backup_storage" "ceph" {
  type = "Ceph"

  filter {
    name   = "state"
    values = ["Enabled"]
  }

  filter {
    name     = "available_capacity"
    operator = ">="
    values   = [1024 * 1024 * 1024 * 1024]
  }
}

output "images_uuid" {
  value = data.zstack_backup_storage.images.uuid
}

output "ceph_monitors" {
  value = data.zstack_backup_storage.ceph.mons[*].mon_addr
}
