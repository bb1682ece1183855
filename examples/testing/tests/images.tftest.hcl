# Tests how the module uses the storage that it finds by name.
mock_provider "zstack" {
  override_data {
    target = data.zstack_backup_storage.images
    values = {
      uuid                = "1ab3b836a88342e1bbc1b1a17d092f0f"
      status              = "Connected"
      attached_zone_uuids = ["c3a228078e8c4f81ba7da0b16fb8d77f"]
    }
  }
}

override_module {
  target = module.lookup
  outputs = {
    backup_storages = [{
      uuid                = "435e61f882cf431bb4ae48246489a988"
      available_capacity  = 9895604649984
      attached_zone_uuids = ["c3a228078e8c4f81ba7da0b16fb8d77f"]
    }]
  }
}

run "returns_the_uuid" {
  command = plan

  assert {
    condition     = output.images == "1ab3b836a88342e1bbc1b1a17d092f0f"
    error_message = "The module returned another UUID."
  }
}

run "rejects_a_storage_of_another_zone" {
  command = plan

  variables {
    zone_uuid = "ffffffffffffffffffffffffffffffff"
  }

  expect_failures = [data.zstack_backup_storage.images, output.backups]
}

run "rejects_a_disconnected_storage" {
  command = plan

  override_data {
    target = data.zstack_backup_storage.images
    values = {
      status              = "Disconnected"
      attached_zone_uuids = ["c3a228078e8c4f81ba7da0b16fb8d77f"]
    }
  }

  expect_failures = [data.zstack_backup_storage.images]
}
