# Magpie in a container: `docker build --tag magpie .`
# The stage `aria2` is a small aria2 beside it, which docker-compose.yml uses: `docker build --target aria2 .`

FROM python:3.13-slim-bookworm AS builder
WORKDIR /source
RUN python -m venv /venv
# the lock files first: a change of ours does not fetch everything again
COPY build.lock requirements.lock ./
RUN /venv/bin/pip install --no-cache-dir --require-hashes --only-binary :all: -r build.lock \
    && /venv/bin/pip install --no-cache-dir --require-hashes --no-build-isolation --only-binary :all: --no-binary pyaes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY bot bot
COPY handlers handlers
COPY jobs jobs
COPY locales locales
COPY models models
COPY services services
COPY simulator simulator
RUN /venv/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM debian:bookworm-slim AS aria2
RUN apt-get update \
    && apt-get install --yes --no-install-recommends aria2 ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 1000 --user-group --no-create-home --shell /usr/sbin/nologin aria2 \
    && install --directory --owner aria2 --group aria2 /downloads /etc/aria2
USER aria2
WORKDIR /downloads
# in a file, because everybody can read a command line
CMD ["sh", "-c", "umask 077 && printf 'rpc-secret=%s\\n' \"${ARIA2_SECRET:?is not set}\" > /etc/aria2/aria2.conf && umask 022 && exec aria2c --conf-path=/etc/aria2/aria2.conf --enable-rpc --rpc-listen-all --dir=/downloads --listen-port=6888 --dht-listen-port=6888"]

FROM python:3.13-slim-bookworm
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ffmpeg \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 1000 --user-group --no-create-home --home-dir /data --shell /usr/sbin/nologin magpie \
    && install --directory --owner magpie --group magpie /data /data/downloads
COPY --from=builder /venv /venv
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    DATA_DIR=/data
USER magpie
WORKDIR /data
VOLUME /data
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as u; port = os.environ.get('HEALTH_PORT') or '8082'; port == '0' or u.urlopen(f\"http://127.0.0.1:{port}/healthz\", timeout=4)"]
CMD ["magpie", "run"]
