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
