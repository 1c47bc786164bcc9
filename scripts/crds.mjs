// Writes deploy/crds/ from the schema that also types the code; with --check it only tells whether they are current.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { stringify } from 'yaml';
import { launchCrd } from '../dist/k8s/api/crd.js';

const file = new URL('../deploy/crds/chaincode-launcher.dev_chaincodelaunches.yaml', import.meta.url);
const text = `# Generated from src/k8s/api/schema.ts by \`make crds\`.\n${stringify(launchCrd(), { lineWidth: 120 })}`;
if (process.argv.includes('--check')) {
  const kept = await readFile(file, 'utf8').catch(() => '');
  if (kept !== text) {
    console.error('deploy/crds/ is not current: run `make crds` and commit the result');
    process.exit(1);
  }
} else {
  await mkdir(new URL('.', file), { recursive: true });
  await writeFile(file, text);
}
