# The policy service, for one NVIDIA GPU. Build from the project's root (10 GB, most of it PyTorch):
#   docker build -f docker/policy.Dockerfile -t ssp-policy .
# The locked PyTorch brings the libraries of CUDA 13.0; the base is of the same version, so that the driver
# is checked for it. The digests are those that public repositories name for these tags.
FROM node:24-bookworm-slim@sha256:6f7b03f7c2c8e2e784dcf9295400527b9b1270fd37b7e9a7285cf83b6951452d AS packages
WORKDIR /ssp
COPY package.json package-lock.json .npmrc ./
COPY src/cli/setup.mjs src/cli/
RUN node src/cli/setup.mjs --omit=dev

FROM nvidia/cuda:13.0.1-base-ubuntu24.04@sha256:f8ef28f579ea42a44b415d2c5d46f788e6a9b395c6c83f2929416e1fc192c143
# Ubuntu 24.04 has Python 3.12.
RUN apt-get update \
  && apt-get install -y --no-install-recommends ca-certificates curl python3 python3-venv \
  && rm -rf /var/lib/apt/lists/*
COPY --from=packages /usr/local/bin/node /usr/local/bin/node
WORKDIR /ssp
COPY --from=packages /ssp/node_modules node_modules
COPY package.json LICENSE NOTICE ./
COPY src src
COPY corpus corpus
COPY indexer indexer
COPY services services
# The Python environment, as `ssp policy` would make it at its first start.
ENV SSP_CACHE_DIR=/opt/ssp
RUN node src/python/main.ts --version && rm -rf /opt/ssp/uv /root/.cache
ENV NODE_COMPILE_CACHE=/tmp/compiled HF_HOME=/home/ubuntu/huggingface
# 1000, as in the search image: both write the run's folder.
USER ubuntu
EXPOSE 8001
HEALTHCHECK --interval=10s --timeout=3s --start-period=30m \
  CMD ["curl", "-fs", "http://127.0.0.1:8001/healthz"]
ENTRYPOINT ["node", "src/cli/ssp.mjs"]
CMD ["policy", "--model", "/model", "--host", "0.0.0.0"]
