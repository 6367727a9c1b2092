# mltrack without a shell, without Python, as a user that is not root: docs/docker.md.
# Both images can be replaced by ones of your own registry, or by digests; the two must share a C library and a major Node.
ARG BUILD_IMAGE=node:22-bookworm-slim
ARG RUN_IMAGE=gcr.io/distroless/nodejs22-debian12:nonroot

FROM ${BUILD_IMAGE} AS build
# Debian's compiler is whatever this image's release has: the image pins it.
# hadolint ignore=DL3008
RUN apt-get update \
  && apt-get install -y --no-install-recommends g++ make python3 \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN npm run build && npm pack --ignore-scripts --pack-destination /tmp

# What the package holds ("files" in package.json), with the locked dependencies that it needs to run.
WORKDIR /mltrack
# Clients of object stores for `gc`, in the locked versions: --build-arg STORES="@aws-sdk/client-s3". npm would leave
# them out with everything else that the package only wants in development or may do without, so that is unsaid meanwhile.
ARG STORES=""
# The versions stand in the variable, which holds several words.
# hadolint ignore=DL3016,SC2086
RUN tar -xzf /tmp/mltrack-*.tgz --strip-components=1 \
  && cp package.json /tmp/ \
  && cp /src/package-lock.json . \
  && npm pkg delete devDependencies peerDependencies peerDependenciesMeta \
  && npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund \
  && clients="" \
  && for store in ${STORES}; do \
    clients="${clients} ${store}@$(node -p "require('/src/node_modules/${store}/package.json').version")" || exit 1; \
  done \
  && if [ -n "${clients}" ]; then \
    npm install --no-save --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund ${clients}; \
  fi \
  && for store in ${STORES}; do test -d "node_modules/${store}" || exit 1; done \
  && mv /tmp/package.json .
# The driver of SQLite is compiled here, with the headers of this image's Node: a binary made elsewhere may want a newer
# C library than the last stage has. What it was compiled from stays behind, and what only a compiler or a debugger reads.
ENV npm_config_nodedir=/usr/local
RUN npm rebuild sqlite3 --build-from-source --foreground-scripts \
  && mv node_modules/sqlite3/build/Release/node_sqlite3.node /tmp/ \
  && rm -rf node_modules/sqlite3/build node_modules/sqlite3/deps node_modules/sqlite3/src package-lock.json \
  && mkdir -p node_modules/sqlite3/build/Release \
  && mv /tmp/node_sqlite3.node node_modules/sqlite3/build/Release/ \
  && find node_modules -type f \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' \) -delete \
  && chmod -R u=rwX,go=rX /mltrack \
  && node bin/mltrack.js db upgrade sqlite:////tmp/built.db --quiet

FROM ${RUN_IMAGE}
ARG VERSION=unknown
ARG REVISION=unknown
LABEL org.opencontainers.image.title="mltrack" \
  org.opencontainers.image.description="Upgrades, checks and collects the database behind MLflow" \
  org.opencontainers.image.licenses="Apache-2.0" \
  org.opencontainers.image.version="${VERSION}" \
  org.opencontainers.image.revision="${REVISION}"
ENV NODE_ENV=production
COPY --from=build /mltrack /mltrack
# A number, so that Kubernetes can tell that it is not root. Any other will do: nothing is owned by it, nothing is written.
USER 65532:65532
WORKDIR /work
ENTRYPOINT ["/nodejs/bin/node", "/mltrack/bin/mltrack.js"]
CMD ["--help"]
