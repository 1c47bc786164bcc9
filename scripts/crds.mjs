// Writes deploy/crds/ from the schema that also types the code; with --check it only tells whether they are current.
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { launchCrd } from '../dist/k8s/api/crd.js';
import { settle } from './generated.mjs';

const file = new URL('../deploy/crds/chaincode-launcher.dev_chaincodelaunches.yaml', import.meta.url);
const text = `# Generated from src/k8s/api/schema.ts by \`make crds\`.\n${stringify(launchCrd(), { lineWidth: 120 })}`;
await settle([[fileURLToPath(file), text]], 'crds');
