// The examples of core.yaml: files that a test loads, and that may be copied.
import { readFile } from 'node:fs/promises';

const folder = new URL('../../samples/core-yaml/', import.meta.url);
const titles = {
  process: 'Chaincode as a process',
  kubernetes: 'Chaincode in Pods',
  docker: 'Chaincode in Docker',
};

export async function examples() {
  const parts = Object.entries(titles).map(async ([name, title]) => {
    const text = await readFile(new URL(`${name}.yaml`, folder), 'utf8');
    return `### ${title}\n\n[samples/core-yaml/${name}.yaml](../samples/core-yaml/${name}.yaml):\n\n\`\`\`yaml\n${text}\`\`\``;
  });
  return (await Promise.all(parts)).join('\n\n');
}
