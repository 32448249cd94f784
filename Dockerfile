# Weir's service. Build: docker build -t weir .
FROM python:3.11-slim-bookworm AS build
WORKDIR /source
COPY requirements.lock .
RUN python -m venv /opt/weir && /opt/weir/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY . .
RUN /opt/weir/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.11-slim-bookworm
# LightGBM's one system library
RUN apt-get update && apt-get install -y --no-install-recommends libgomp1 && rm -rf /var/lib/apt/lists/*
RUN useradd --uid 10001 --home-dir /var/lib/weir --create-home weir
COPY --from=build /opt/weir /opt/weir
ENV PATH=/opt/weir/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    WEIR_STATE_DIR=/var/lib/weir/state \
    WEIR_HOST=0.0.0.0 \
    WEIR_ALLOW_REMOTE=true \
    NUMBA_CACHE_DIR=/var/lib/weir/numba
USER weir
VOLUME /var/lib/weir
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/readyz', timeout=2)"]
STOPSIGNAL SIGTERM
CMD ["weir", "serve"]
