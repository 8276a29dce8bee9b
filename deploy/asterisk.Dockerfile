# Debian's Asterisk with the includes of Cadencia, and the script that lays everything out at the first start.
ARG BASE=debian:forky-slim
FROM ${BASE}
RUN printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d && chmod 755 /usr/sbin/policy-rc.d \
 && apt-get update -q \
 && apt-get install -y -q --no-install-recommends asterisk asterisk-modules asterisk-core-sounds-en-wav \
      asterisk-core-sounds-es-wav asterisk-moh-opsound-wav openssl \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --home-dir /srv/cadencia cadencia
RUN cd /usr/share/asterisk/sounds && for spoken in en es; do [ -e $spoken ] || ln -s "$(ls -d ${spoken}_* | head -n 1)" $spoken; done
COPY sip_lab/asterisk/pbx/ /opt/cadencia/asterisk/
COPY deploy/asterisk/ /opt/cadencia/asterisk/
COPY deploy/setup.sh deploy/nginx.conf /opt/cadencia/
CMD ["asterisk", "-f", "-n", "-C", "/srv/cadencia/asterisk/etc/asterisk.conf"]
