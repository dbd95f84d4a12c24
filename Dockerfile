# docker build -t mockflow .
# docker run --rm -p 127.0.0.1:4747:4747 mockflow                  what to do with it: docs/ci.md

ARG PYTHON=3.13

FROM python:${PYTHON}-slim-bookworm AS build
RUN apt-get update \
 && apt-get install -y --no-install-recommends binutils \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY constraints.txt pyproject.toml README.md LICENSE ./
COPY docs docs
COPY handbook handbook
COPY mockflow mockflow
COPY seeds seeds
ENV PIP_CONSTRAINT=/src/constraints.txt PIP_BUILD_CONSTRAINT=/src/constraints.txt PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
RUN python -m venv --without-pip /opt/mockflow \
 && pip --python /opt/mockflow/bin/python install --no-compile .
# What --tls needs, as a layer of its own.
RUN pip install --no-compile --target /tmp/tls 'trustme>=1.2,<2' \
 && site=$(cd /opt/mockflow && echo lib/python*/site-packages) \
 && mkdir -p /opt/tls/$site && cp -r /tmp/tls/. /opt/tls/$site
# Smaller: no symbols, no sources of extensions, of Swagger UI what the API page loads, Faker's many languages in an
# archive. Compiled here, since the file system may be read-only; by hash, so that no time of the build is in it.
COPY .ci/image/slim .
RUN sh slim /opt/mockflow /opt/tls

FROM python:${PYTHON}-slim-bookworm
ARG VERSION=0.1.0
ARG REVISION=
LABEL org.opencontainers.image.title="mockflow" \
      org.opencontainers.image.description="A mock server and developer sandbox for the Flowtask REST API" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
RUN useradd --system --uid 10001 --no-create-home --home-dir /data mockflow \
 && install -d -o mockflow -g mockflow /data
COPY --from=build /opt/mockflow /opt/mockflow
COPY --from=build /opt/tls /opt/mockflow
# /dev/shm can be written to even where the root file system cannot.
ENV PATH=/opt/mockflow/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    MOCKFLOW_HOST=0.0.0.0 \
    MOCKFLOW_OPEN_CONTROL=true \
    MOCKFLOW_READY_FILE=/dev/shm/mockflow-ready
# The base image's standard library is not compiled, and a user who may not write would compile it at each start: this
# keeps what a start and a health check import, which makes the start three times as fast.
RUN env -u PYTHONDONTWRITEBYTECODE mockflow exec -- sh -c 'mockflow wait --url "$MOCKFLOW_URL" && sleep 1'
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 4747
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s --timeout=4s --start-period=20s --retries=3 CMD ["mockflow", "wait", "--timeout", "2"]
ENTRYPOINT ["mockflow", "serve"]
