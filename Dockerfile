# One image for endorser, orderer, operator, fetcher and CLI, on the current Node.js LTS. Both stages are made for the
# platform that is asked for: docker buildx build --platform linux/amd64,linux/arm64 .
# Without an engine or a registry: image/build
FROM node:24.21.0-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY src src
RUN npm run build
COPY image image
RUN npm prune --omit=dev --ignore-scripts \
  && npm sbom --package-lock-only --omit=dev --sbom-format=cyclonedx >sbom.cdx.json \
  && image/prune /app "$(node -p process.arch)" \
  && image/counter /app /app/counter

FROM node:24.21.0-bookworm-slim
# npm and yarn of the base are not needed at run time, and every program less is one less to patch.
RUN rm -rf /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack /opt/yarn-*
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY --from=build /app/counter counter
COPY --from=build /app/package.json /app/sbom.cdx.json ./
COPY image/chaincode-launcher /usr/local/bin/chaincode-launcher
USER 65532:65532
ENTRYPOINT ["chaincode-launcher"]
