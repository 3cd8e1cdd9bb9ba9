# The search service. Build from the project's root:
#   docker build -f docker/search.Dockerfile -t ssp-search .
# An index is mounted at /index; nothing is downloaded at run time.
# Node.js 24.18.0
FROM node:24-bookworm-slim@sha256:6f7b03f7c2c8e2e784dcf9295400527b9b1270fd37b7e9a7285cf83b6951452d
RUN apt-get update \
  && apt-get install -y --no-install-recommends ca-certificates lbzip2 \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /ssp
COPY package.json package-lock.json .npmrc LICENSE NOTICE ./
COPY src/cli/setup.mjs src/cli/
RUN node src/cli/setup.mjs --omit=dev
COPY src src
COPY corpus corpus
COPY indexer indexer
COPY services/search services/search
# All that is written at run time: the cache folder, a tmpfs in docker/*.compose.yaml.
ENV SSP_CACHE_DIR=/cache
RUN install -d -o node -g node /cache
USER node
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8000/healthz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "src/cli/ssp.mjs"]
CMD ["serve", "--index", "/index", "--host", "0.0.0.0"]
