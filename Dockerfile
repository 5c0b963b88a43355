# Two stages: the first installs from the locked hashes, the second holds only what runs.
# Worker, gateway and commands are one image; the embedded Temporal and the test tools are not in it.
FROM python:3.13-slim AS build

ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /src

COPY requirements.lock requirements-prod.lock ./
RUN python -m venv /opt/tieout \
    && /opt/tieout/bin/pip install --require-hashes -r requirements-prod.lock
# The build tool, at its locked version, stays in this stage.
RUN sed -n '/^setuptools==/,/[^\\]$/p' requirements.lock > build.lock \
    && pip install --require-hashes -r build.lock

COPY . .
RUN pip wheel --no-deps --no-build-isolation --wheel-dir /dist . \
    && /opt/tieout/bin/pip install --no-deps --no-index /dist/*.whl \
    && /opt/tieout/bin/pip uninstall --yes pip


FROM python:3.13-slim

RUN useradd --uid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin tieout
COPY --from=build /opt/tieout /opt/tieout

# Nothing is written inside the image, so that its file system can be read-only.
ENV PATH=/opt/tieout/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    TIEOUT_CONNECTIONS=/etc/tieout/connections \
    TIEOUT_MAPPINGS=/etc/tieout/mappings

USER 10001:10001
EXPOSE 8080 8081 8082
STOPSIGNAL SIGTERM

# For the gateway; a worker has no port of its own and switches this off.
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8080/ready', timeout=2)"]

ENTRYPOINT ["tieout"]
CMD ["gateway"]
