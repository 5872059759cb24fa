#!/usr/bin/env bash
npm run lint || exit 1
