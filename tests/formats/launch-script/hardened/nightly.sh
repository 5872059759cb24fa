#!/usr/bin/env bash
set -e
# never use --yolo here
copilot -p "check the docs" --allow-tool "shell(npm run lint)"
echo "gemini --yolo is not allowed"
