# One image for the three services; docker-compose-services.yml says which of them a container runs. It is the local
# runtime in a container, for a machine or a small server of one's own. For AWS there is `serverless deploy`.
FROM node:24.21.0-bookworm-slim

WORKDIR /app

# What runs the services (serverless, serverless-offline) are development dependencies, so those are wanted here.
COPY package.json package-lock.json ./
COPY local/dotenv local/dotenv
RUN npm ci --no-audit --no-fund && npm cache clean --force

COPY serverless.yml ./
COPY build build
COPY functions functions
COPY lib lib
COPY local local
COPY tools tools
RUN mkdir -p data logs node_modules/.cache && chown node:node data logs node_modules/.cache

USER node
# Requests come from outside the container, so they need tokens: DEBUG is for loopback only.
ENV HOST=0.0.0.0 DEBUG=False
ENTRYPOINT ["node", "-r", "./local/before-osls.cjs", "--max-semi-space-size=16", "node_modules/serverless/bin/serverless.js", "offline", "start"]
