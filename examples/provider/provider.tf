terraform {
  required_providers {
    zstack = {
      source  = "zstackio/zstack"
      version = "~> 0.1"
    }
  }
}

# Keep secrets in the environment: here ZSTACK_ACCOUNT_PASSWORD.
provider "zstack" {
  endpoint     = "https://zstack.example.com"
  account_name = "terraform"
}

data "zstack_backup_storage" "images" {
  name = "image-store"
}

output "image_store" {
  value = data.zstack_backup_storage.images.uuid
}
