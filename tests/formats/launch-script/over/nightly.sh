#!/usr/bin/env bash
set -e
for file in docs/*.md; do
  gemini --yolo -p "check $file"
done
