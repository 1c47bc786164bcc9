# chaincode-launcher: `make demo` runs the main job, `make test` runs the tests.
.DEFAULT_GOAL := help
.PHONY: help install build demo test test-node24 e2e-helm e2e-k8s e2e-docker golden bench bench-k8s bench-docker crds chart monitoring dashboard-pictures manifests configuration format clean

help: ## Show what can be made
	@grep -E '^[a-z0-9-]+:.*## ' Makefile | sed -E 's/:.*## /\t/' | expand -t 12

node_modules/.installed: package.json package-lock.json .npmrc
	npm ci
	@touch $@

install: node_modules/.installed ## Install the pinned dependencies

dist/main.js: node_modules/.installed tsconfig.json tsconfig.build.json $(shell find src -type f -not -name '*.test.ts')
	npm run --silent build
	@chmod +x dist/main.js && touch dist/main.js

build: dist/main.js ## Compile to dist/

demo: build ## Start a network, and install, instantiate, invoke, query and upgrade both samples on it
	@node scripts/demo.mjs

bench: build ## Measure launches and transactions, and the ceilings beside them
	@node bench/bench.mjs

test: build ## Format check, linter, type check and all tests that need nothing but Node.js
	npm run --silent format:check
	npm run --silent lint
	npm run --silent typecheck
	node scripts/crds.mjs --check
	npm run --silent build:monitoring
	node scripts/monitoring.mjs --check
	node scripts/chart.mjs --check
	node scripts/configuration.mjs --check
	npm test

test-node24: build ## Run the tests on the Node.js of the image
	PATH="$$(image/node):$$PATH" npx vitest run --reporter=default --reporter=json --outputFile.json=.cache/node24-results.json

e2e-helm: build ## Test the Helm chart on a real cluster: install, test, upgrade, rollback, uninstall
	@test/e2e-helm/run

e2e-k8s: build ## Test on a real Kubernetes cluster: of KUBECONFIG, else kind, else one made here (as root)
	@test/e2e-k8s/run

e2e-docker: build ## Test on a Docker engine that is started for it (as root), beside whatever else runs here
	@test/e2e-docker/run

bench-k8s: build ## Measure launches on a real cluster against bare Pods
	@test/e2e-k8s/run node bench/k8s.mjs

bench-docker: build ## Measure launches on a Docker engine against a bare docker run
	@DOCKER_E2E_PLATFORMS=node test/e2e-docker/run node bench/docker.mjs

golden: build ## Compare with recorded data (FIXTURES=folder, default ../shared/fixtures)
	npx vitest run test/golden

format: install ## Format all files
	npm run --silent format

clean: ## Remove what was built and what the demo left
	rm -rf dist .cache .demo coverage

crds: build ## Write deploy/crds/ from the schema in src/k8s/api
	@node scripts/crds.mjs

monitoring: install ## Write deploy/monitoring/ (dashboards, alerts) from monitoring/
	@npm run --silent build:monitoring
	@node scripts/monitoring.mjs

dashboard-pictures: build monitoring ## Draw docs/images/dashboard-*.svg of a release that is used on a real cluster for 10 minutes
	@test/e2e-helm/run node --import ./test/support/typescriptLoader.mjs test/e2e-helm/pictures.ts

chart: crds monitoring ## Write the generated parts of the Helm chart
	@node scripts/chart.mjs

configuration: build ## Write docs/configuration.md from the schema, the flags and the chart's values
	@node scripts/configuration.mjs

manifests: chart ## Write deploy/manifests/ from the Helm chart (needs helm)
	@scripts/manifests
