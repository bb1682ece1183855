# Two clouds in one configuration: one provider block for each, and one module for both.
terraform {
  required_providers {
    zstack = {
      source  = "zstackio/zstack"
      version = "~> 0.1"
    }
  }
}

# The password of both accounts comes from ZSTACK_ACCOUNT_PASSWORD.
provider "zstack" {
  alias        = "shanghai"
  endpoint     = "https://zstack.shanghai.example.com"
  account_name = "terraform"
}

provider "zstack" {
  alias        = "beijing"
  endpoint     = "https://zstack.beijing.example.com"
  account_name = "terraform"
}

module "shanghai" {
  source    = "./site"
  providers = { zstack = zstack.shanghai }
}

module "beijing" {
  source    = "./site"
  providers = { zstack = zstack.beijing }
}

output "image_stores" {
  description = "The UUID of the storage for images at each site."
  value = {
    shanghai = module.shanghai.image_store
    beijing  = module.beijing.image_store
  }
}
