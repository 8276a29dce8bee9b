# Debian's nginx; its configuration and certificate are laid out at the first start.
ARG BASE=debian:forky-slim
FROM ${BASE}
RUN printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d && chmod 755 /usr/sbin/policy-rc.d \
 && apt-get update -q && apt-get install -y -q --no-install-recommends nginx-light && rm -rf /var/lib/apt/lists/*
STOPSIGNAL SIGQUIT
CMD ["nginx", "-c", "/srv/cadencia/nginx/nginx.conf", "-g", "daemon off;"]
