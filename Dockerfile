# syntax=docker/dockerfile:1
# Two stages: the first builds a virtual environment, the second holds nothing but Python, that environment and a user.
# What libraries were built with for debuggers (two thirds of what they take) and pip stay behind. docs/footprint.md
# has the sizes.

FROM python:3.13-slim-bookworm AS build
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install --yes --no-install-recommends binutils \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY pyproject.toml README.md LICENSE ./
COPY resolver resolver
COPY blocklists blocklists
COPY config config
RUN python -m venv --without-pip /opt/lull \
 && pip --python /opt/lull/bin/python install --no-cache-dir --disable-pip-version-check --no-compile . \
 && find /opt/lull/lib -name '*.so' -exec strip --strip-unneeded {} + \
 && /opt/lull/bin/python -m compileall -q /opt/lull/lib

FROM python:3.13-slim-bookworm
# The capability belongs to the interpreter's file: the process itself never is root, and has no other capability.
# The tool that sets it is gone again in the same layer, so its version is of no account.
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install --yes --no-install-recommends libcap2-bin \
 && setcap cap_net_bind_service=+ep "$(readlink -f /usr/local/bin/python3)" \
 && apt-get purge --yes --auto-remove libcap2-bin \
 && rm -rf /var/lib/apt/lists/* \
 && groupadd --system --gid 953 lull \
 && useradd --system --uid 953 --gid lull --home-dir /var/lib/lull --create-home --shell /usr/sbin/nologin lull \
 && mkdir -p /etc/lull \
 && chown lull:lull /var/lib/lull
COPY --from=build /opt/lull /opt/lull
COPY config/examples/container.yaml /etc/lull/lull.yaml
ENV PATH=/opt/lull/bin:$PATH PYTHONUNBUFFERED=1
USER 953:953
WORKDIR /var/lib/lull
VOLUME /var/lib/lull
EXPOSE 53/udp 53/tcp 8080/tcp
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s --retries=3 \
  CMD ["lull", "query", "localhost", "A", "--config", "/etc/lull/lull.yaml"]
ENTRYPOINT ["lull"]
CMD ["serve", "--config", "/etc/lull/lull.yaml"]
