#!/bin/sh
# Lays out /srv/cadencia: secrets, certificate and your own files once, the rest anew at each start.
set -eu
umask 077
data=/srv/cadencia
user=10001
host=${CADENCIA_HOST:-localhost}
from=${CADENCIA_PORTS_FROM:-7600}
https=${CADENCIA_HTTPS_PORT:-443}
pg=$((from + 1)) valkey=$((from + 2)) ami=$((from + 3)) http=$((from + 4)) web=$((from + 5))
engine=$((from + 6)) archive=$((from + 7)) progress=$((from + 8)) control=$((from + 9)) hep=$((from + 10))
worker=$((from + 11))
cd $data
chmod 755 $data
mkdir -p secrets tls run nginx product postgres valkey spool archive sounds/es sounds/en progress announcements
mkdir -p asterisk/etc asterisk/site
for part in lib/agi-bin lib/keys spool run log; do mkdir -p asterisk/var/$part; done
for name in ami database valkey progress; do
  [ -s secrets/$name ] || openssl rand -hex 24 >secrets/$name
done
if [ ! -s tls/cert.pem ]; then
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 825 -subj "/CN=$host" \
    -addext "subjectAltName=DNS:$host" -keyout tls/key.pem -out tls/cert.pem 2>/dev/null
fi

fill() {
  sed -e "s#@ETC@#$data/asterisk/etc#g; s#@VAR@#$data/asterisk/var#g; s#@DATA@#/usr/share/asterisk#g" \
    -e "s#@MODULES@#$(echo /usr/lib/*-linux-gnu/asterisk/modules)#g; s#@NAME@#cadencia#g" \
    -e "s#@SOUNDS@#$data/sounds#g; s#@AMI_PORT@#$ami#g; s#@AMI_SECRET@#$(cat secrets/ami)#g" \
    -e "s#@HTTP_PORT@#$http#g; s#@WEB_PORT@#$web#g; s#@HTTPS_PORT@#$https#g; s#@HEP_PORT@#$hep#g" \
    -e "s#@SIP_PORT@#${CADENCIA_SIP_PORT:-5060}#g" \
    -e "s#@RTP_FIRST@#${CADENCIA_RTP_FIRST:-10000}#g; s#@RTP_LAST@#${CADENCIA_RTP_LAST:-19999}#g" "$1"
}
for file in /opt/cadencia/asterisk/*.conf; do fill "$file" >"asterisk/etc/$(basename "$file")"; done
fill /opt/cadencia/nginx.conf >nginx/nginx.conf

cat >product/.env <<END
CADENCIA_DATABASE_URL=postgres://cadencia:$(cat secrets/database)@127.0.0.1:$pg/cadencia
CADENCIA_REDIS_URL=redis://:$(cat secrets/valkey)@127.0.0.1:$valkey/0
CADENCIA_AMI_PORT=$ami
CADENCIA_AMI_SECRET=$(cat secrets/ami)
CADENCIA_SIGNALLING_PORT=$hep
CADENCIA_RECORDINGS_SPOOL=$data/spool
CADENCIA_RECORDINGS_ARCHIVE=$data/archive
CADENCIA_PROGRESS_PORT=$progress
CADENCIA_PROGRESS_CONTROL_PORT=$control
CADENCIA_PROGRESS_SECRET=$(cat secrets/progress)
CADENCIA_PROGRESS_AUDIO=$data/progress
CADENCIA_ANNOUNCEMENTS=$data/announcements
CADENCIA_WEB_PORT=$web
CADENCIA_ENGINE_PORT=$engine
CADENCIA_ARCHIVE_PORT=$archive
CADENCIA_WORKER_PORT=$worker
CADENCIA_WEB_ORIGIN=https://$host$([ "$https" = 443 ] || echo ":$https")
CADENCIA_COOKIE_SECURE=true
CADENCIA_SIP_WS_URL=wss://$host$([ "$https" = 443 ] || echo ":$https")/ws
CADENCIA_SIP_DOMAIN=$host
CADENCIA_TRUSTED_PROXIES=127.0.0.1
CADENCIA_MESSAGES=$data/sounds
END
# Written anew at each start: what is yours stands in a file of its own, and the later line holds.
[ ! -f secrets/own.env ] || cat secrets/own.env >>product/.env

cat >run/postgres.sh <<END
set -eu
cd $data/postgres
if [ ! -s data/PG_VERSION ]; then
  rm -rf data.part
  /opt/postgresql/initdb -D data.part -U cadencia -A scram-sha-256 --pwfile=$data/secrets/database -E UTF8 \
    --locale=C --locale-provider=builtin --builtin-locale=C.UTF-8
  echo "CREATE DATABASE cadencia" | /opt/postgresql/postgres --single -D data.part postgres
  mv data.part data
fi
exec /opt/postgresql/postgres -D data -c port=$pg -c listen_addresses=127.0.0.1 -c unix_socket_directories= \
  -c max_connections=200 -c timezone=UTC
END
echo "exec /opt/postgresql/pg_isready -q -h 127.0.0.1 -p $pg -U cadencia" >run/postgres.ready
cat >run/valkey.conf <<END
port $valkey
bind 127.0.0.1
dir $data/valkey
save ""
appendonly yes
requirepass $(cat secrets/valkey)
END
echo "REDISCLI_AUTH=\$(cat $data/secrets/valkey) valkey-cli -p $valkey ping | grep -q PONG" >run/valkey.ready
echo "exec python3 -c \"import urllib.request as u; u.urlopen('http://127.0.0.1:$web/healthz', timeout=3)\"" >run/web.ready
chown -R $user:$user secrets run product spool archive sounds progress announcements asterisk
chown $user:$user postgres valkey
chmod 755 tls nginx
