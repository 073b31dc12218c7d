# The program's image. Both bases are chosen by who builds, by digest:
#   docker build --build-arg NODE=IMAGE@sha256:… --build-arg BASE=IMAGE@sha256:… .
# NODE has Node.js 24 with npm and is used to build alone. BASE has glibc and libstdc++, and needs no shell, no package manager and no Node.
# packaging/image-layout.ts makes an equal image without Docker, of files of the machine that it runs on.
ARG NODE
ARG BASE

FROM ${NODE} AS build
WORKDIR /source
COPY package.json package-lock.json ./
RUN npm ci
COPY . .
# Everything is bundled into dist, so nothing is installed beside it.
RUN npm pack --silent && mkdir /package && tar --extract --gzip --strip-components=1 --directory /package --file imagepull-*.tgz

FROM ${BASE}
COPY --from=build /usr/local/bin/node /usr/local/bin/node
COPY --from=build /package/LICENSE /package/package.json /app/
COPY --from=build /package/bin /app/bin
COPY --from=build /package/dist /app/dist
COPY --from=build /package/runbooks /app/runbooks
# Nothing is written, so the root file system may be read-only. What runs on a node is started by its pod as root, with no capability.
USER 65532:65532
WORKDIR /app
ENV NODE_ENV=production
ENTRYPOINT ["/usr/local/bin/node", "/app/bin/imagepull.cjs"]
