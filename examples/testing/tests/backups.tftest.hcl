# Tests which storage the module chooses from a list. Terraform cannot override a list of objects in a data source, so the tests override the module around it.
mock_provider "zstack" {
  mock_data "zstack_backup_storage" {
    defaults = {
      status              = "Connected"
      attached_zone_uuids = ["c3a228078e8c4f81ba7da0b16fb8d77f"]
    }
  }
}

run "chooses_the_storage_of_the_zone_with_the_most_free_space" {
  command = plan

  override_module {
    target = module.lookup
    outputs = {
      backup_storages = [
        { uuid = "1ab3b836a88342e1bbc1b1a17d092f0f", available_capacity = 549755813888, attached_zone_uuids = ["c3a228078e8c4f81ba7da0b16fb8d77f"] },
        { uuid = "435e61f882cf431bb4ae48246489a988", available_capacity = 989560464998, attached_zone_uuids = ["c3a228078e8c4f81ba7da0b16fb8d77f"] },
        { uuid = "9656aa7cc6fb46ebab65aedc12a4728c", available_capacity = 999999999999, attached_zone_uuids = ["ffffffffffffffffffffffffffffffff"] },
      ]
    }
  }

  assert {
    condition     = output.backups == "435e61f882cf431bb4ae48246489a988"
    error_message = "The module chose another storage."
  }
}

run "fails_without_free_space" {
  command = plan

  override_module {
    target = module.lookup
    outputs = {
      backup_storages = [
        { uuid = "1ab3b836a88342e1bbc1b1a17d092f0f", available_capacity = 1073741824, attached_zone_uuids = ["c3a228078e8c4f81ba7da0b16fb8d77f"] },
      ]
    }
  }

  expect_failures = [output.backups]
}

run "fails_without_storages" {
  command = plan

  override_module {
    target = module.lookup
    outputs = {
      backup_storages = []
    }
  }

  expect_failures = [output.backups]
}
