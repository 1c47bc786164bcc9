# One image for endorser, operator, fetcher and CLI.
FROM node:24.21.0-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY src src
RUN npm run build && npm prune --omit=dev \
  && find dist node_modules \( -name '*.d.ts' -o -name '*.map' -o -name '*.md' -o -name '*.test.js' \) -delete

FROM node:24.21.0-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY package.json ./
RUN printf '#!/bin/sh\nexec node /app/dist/main.js "$@"\n' >/usr/local/bin/chaincode-launcher \
  && chmod 755 /usr/local/bin/chaincode-launcher
USER 65532:65532
ENTRYPOINT ["chaincode-launcher"]
