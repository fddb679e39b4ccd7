#!/bin/sh
# Makes what docker-compose-services.yml reads: servers/settings.env and the files of secrets, in servers/secrets or the folder that is given.
# What is there stays as it is, so it may be run again, after an update too.
# The folder is for its owner alone. The files in it are readable for all: each container has a user of its own, and sees its own files only.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
folder=${1:-$here/secrets}

# Made by npm run generate: secrets
secrets="secret_key secret_key_fallbacks nacos_ca nacos_password db_user db_password smtp_url otel_exporter_otlp_headers alipay_private_key alipay_public_key sandbox_secret wechat_pay_private_key wechat_pay_public_key wechat_pay_api_v3_key wechat_pay_previous_key vapid_private_key vapid_private_key_fallbacks"
# End of secrets

mkdir -p "$folder"
chmod 700 "$folder"
cd "$folder"

# make NAME COMMAND...: the file NAME with what the command prints, unless it is there.
make() {
  name=$1
  shift
  [ -e "$name" ] && return
  # A command that fails leaves no file behind.
  "$@" > ".$name"
  chmod 444 ".$name"
  mv ".$name" "$name"
  echo "made $name"
}

for name in secret_key nacos_password nacos_admin_password nacos_auth_token nacos_auth_identity grafana_password; do
  make "$name" openssl rand -base64 48
done
# What the profile `local` has. DynamoDB Local takes any key, but of letters and digits only.
make smtp_url echo smtp://mailpit:1025
make db_user echo local
make db_password echo local
for name in $secrets; do make "$name" true; done

# For trying it out on this machine. Clients trust it only when they are told to. Half of a pair is somebody's, who waits for the other half.
if [ -e tls_key ] || [ -e tls_certificate ]; then
  for name in tls_key tls_certificate; do
    [ -e "$name" ] || echo "$folder/$name is missing, and not made beside the other one: put yours there, or remove both." >&2
  done
else
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 365 -subj /CN=localhost \
    -addext "subjectAltName=DNS:localhost,IP:127.0.0.1" -keyout .tls_key -out .tls_certificate 2>/dev/null
  chmod 444 .tls_key .tls_certificate
  mv .tls_key tls_key
  mv .tls_certificate tls_certificate
  echo "made tls_key, tls_certificate"
fi

if [ ! -e "$here/settings.env" ]; then
  cat > "$here/settings.env" <<'END'
# Settings of the containers, by the names of .env.example. Secrets are files instead; docs/guides/servers.md lists both.
# The address that Nginx is published on: 0.0.0.0 for everybody.
PUBLIC_ADDRESS=127.0.0.1
# Host names that are served, comma-separated: shop.example
ALLOWED_HOSTS=
END
  echo "made settings.env"
fi
