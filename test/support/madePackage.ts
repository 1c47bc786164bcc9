import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Writes a Node.js chaincode without dependencies whose program is `code` into `folder`. Gives the folder. */
export function writePackage(
  folder: string,
  code: string,
  more: Readonly<Record<string, Buffer | string>> = {},
): string {
  // A folder with node_modules is taken as built: nothing is fetched.
  mkdirSync(join(folder, 'node_modules', 'none'), { recursive: true });
  writeFileSync(join(folder, 'node_modules', 'none', 'package.json'), '{}');
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ name: 'made', version: '1.0.0', scripts: { start: 'node main.js' } }),
  );
  writeFileSync(join(folder, 'main.js'), code);
  for (const [file, content] of Object.entries(more)) writeFileSync(join(folder, file), content);
  return folder;
}
