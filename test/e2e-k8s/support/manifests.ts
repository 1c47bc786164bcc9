import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { launcherImage } from './kubectl.js';

/** The documents of a file of deploy/manifests, with the image under test in it. */
export function manifest(file: string): object[] {
  const path = resolve(import.meta.dirname, '../../../deploy/manifests', file);
  const text = readFileSync(path, 'utf8').replaceAll(
    /chaincode-launcher\/chaincode-launcher:[\d.]+/g,
    launcherImage,
  );
  return parseAllDocuments(text).flatMap((document) => (document.toJSON() as object | null) ?? []);
}
