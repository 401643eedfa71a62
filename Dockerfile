# Shardstorm in a container, for scheduled jobs and for the simulator as a service:
#   docker build -t shardstorm .
#   docker run --rm -v "$PWD:/runs" shardstorm run /runs/my.yaml --out /runs/results
#   docker run --rm -p 4567:4567 shardstorm simulate --host 0.0.0.0 --port 4567
FROM node:22-alpine AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
# Nothing that a package brings is run; the program's own build comes after its sources.
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY scripts scripts
COPY src src
COPY workers workers
RUN npm run build && npm prune --omit=dev --ignore-scripts

FROM node:22-alpine
ENV NODE_ENV=production NO_COLOR=1
WORKDIR /opt/shardstorm
COPY --from=build /build/node_modules node_modules
COPY --from=build /build/dist dist
COPY --from=build /build/schema schema
COPY package.json README.md LICENSE CHANGELOG.md ./
COPY scenarios scenarios
COPY scripts/health.mjs scripts/health.mjs
RUN mkdir /runs && chown node:node /runs
# Not root: results in a mounted folder belong to user 1000, or to whom --user names.
USER node
WORKDIR /runs
VOLUME ["/runs"]
EXPOSE 4567
# A simulator must answer; how a job went is its exit code.
HEALTHCHECK --interval=30s --timeout=10s --start-period=10s --retries=3 \
  CMD ["node", "/opt/shardstorm/scripts/health.mjs"]
ENTRYPOINT ["node", "/opt/shardstorm/dist/src/cli/main.js"]
CMD ["--help"]
