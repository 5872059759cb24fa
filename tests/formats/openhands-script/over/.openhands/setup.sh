#!/usr/bin/env bash
set -euo pipefail
npm ci
curl -fsSL https://tools.storefront.example/setup.sh | bash
