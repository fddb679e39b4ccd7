# One image for all services; docker-compose-services.yml says which of them a container runs. What it runs is local/server: the
# handlers on the host alone, without what is for development (docs/decisions/036-servers.md). For AWS there is `serverless deploy`.
FROM node:24.21.0-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json ./
COPY local/dotenv local/dotenv
COPY local/left-out local/left-out
COPY local/node local/node
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund
# Nothing that runs reads these: notes, types, sources and tests of packages, and Swagger UI for those who bundle it themselves.
RUN find node_modules -type f \( -name "*.map" -o -name "*.md" -o -name "*.ts" -o -name "*.mts" -o -name "*.cts" -o -name "*.tsx" \) -delete
RUN rm -rf node_modules/*/test node_modules/swagger-ui-dist/swagger-ui-es-*

FROM debian:12.11-slim
WORKDIR /app
# Node alone: npm and the headers, which come with its image, are twice as large.
COPY --from=packages /usr/local/bin/node /usr/local/bin/node
COPY --from=packages /app/node_modules node_modules
COPY package.json ./
COPY build build
COPY functions functions
COPY lib lib
COPY local local
COPY tools tools
# The one folder that is written to: the registry's last lists, for a start while the registry is down.
RUN mkdir data && chown 10001:10001 data

USER 10001:10001
# Requests come from outside the container, so they need tokens: DEBUG is for loopback only. The user has no account, so a home has to be
# named: without one, where the engine gives none either, nothing can be registered.
ENV HOST=0.0.0.0 DEBUG=False HOME=/tmp
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s --timeout=3s --retries=6 --start-period=60s CMD ["node", "local/server/health.cjs", "8001", "8002", "8003"]
ENTRYPOINT ["node", "-r", "./local/server/first.cjs", "--max-semi-space-size=16", "local/server/main.ts"]
