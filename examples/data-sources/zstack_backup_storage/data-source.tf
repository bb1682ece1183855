# By name: exactly this one, or an error that says what was found instead.
data "zstack_backup_storage" "images" {
  name = "image-store"
}

# By properties: all of them must match, and only one storage may.
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
