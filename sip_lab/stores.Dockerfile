# PostgreSQL and Valkey from Debian: the programs alone. What they run on lies in a folder that is mounted.
ARG BASE=debian:forky-slim
FROM ${BASE}
COPY stores.txt install.sh /opt/lab/
RUN mkdir -p /etc/postgresql-common && echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.conf
RUN sh /opt/lab/install.sh stores.txt
# PostgreSQL wants a user with a name: the one of number NAMED, or, in the lab alone, whoever runs it.
ARG NAMED=
COPY named.sh /opt/postgresql/named.sh
RUN if [ -n "$NAMED" ]; then useradd --system --uid "$NAMED" cadencia; else chmod 666 /etc/passwd; fi \
 && cd /opt/postgresql && chmod 755 named.sh \
 && for program in initdb postgres pg_isready; do ln -s named.sh $program; done
CMD ["/opt/postgresql/postgres", "--version"]
