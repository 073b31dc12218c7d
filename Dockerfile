# The program's image. Both bases are chosen by who builds, by digest:
#   docker buildx build --platform linux/amd64,linux/arm64 --build-arg NODE=IMAGE@sha256:… --build-arg BASE=IMAGE@sha256:… .
# NODE has Node.js 24 with npm: it builds, and its Node.js is copied. BASE has glibc and libstdc++, and needs no shell, no package manager and no Node.
# packaging/image-layout.ts makes an equal image without Docker, of files of the machine that it runs on.
ARG NODE
ARG BASE

# What is built runs on every platform, so it is built once, on the one that builds.
FROM --platform=$BUILDPLATFORM ${NODE} AS build
WORKDIR /source
COPY package.json package-lock.json ./
RUN npm ci
COPY . .
# Everything is bundled into dist, so nothing is installed beside it.
RUN npm pack --silent && mkdir /package && tar --extract --gzip --strip-components=1 --directory /package --file imagepull-*.tgz

# Node.js of the platform that the image is for; nothing runs here, so no emulator is needed.
FROM ${NODE} AS node

FROM ${BASE}
COPY --from=node /usr/local/bin/node /usr/local/bin/node
COPY --from=build /package/LICENSE /package/package.json /app/
COPY --from=build /package/bin /app/bin
COPY --from=build /package/dist /app/dist
COPY --from=build /package/runbooks /app/runbooks
# Of the release: its version, its commit, and the time of that.
ARG VERSION=unreleased
ARG REVISION=unknown
ARG CREATED=1970-01-01T00:00:00Z
LABEL org.opencontainers.image.title="imagepull" \
      org.opencontainers.image.description="Says why Kubernetes cannot pull an image, how far it reaches, and what to do." \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.source="https://source.example/imagepull/imagepull" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}"
# Nothing is written, so the root file system may be read-only. What runs on a node is started by its pod as root, with no capability.
USER 65532:65532
WORKDIR /app
ENV NODE_ENV=production
STOPSIGNAL SIGTERM
# For serve on the port that it has by default. Kubernetes takes no notice of it: the chart has probes.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["/usr/local/bin/node", "-e", "fetch('http://127.0.0.1:9464/readyz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["/usr/local/bin/node", "/app/bin/imagepull.cjs"]
