import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A file of the page as it is sent. */
export interface Asset {
  readonly type: string;
  readonly body: Buffer;
  /** Strong, with its quotes. */
  readonly etag: string;
}

const types: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** Where the build puts the browser's files: beside this one. */
const builtFolder = fileURLToPath(new URL('./browser', import.meta.url));

/** The files of the page by name. They are few and small, and are read once. */
export async function readAssets(folder = builtFolder): Promise<ReadonlyMap<string, Asset>> {
  const names = (await readdir(folder)).filter((name) => types[extname(name)] !== undefined);
  const assets = await Promise.all(
    names.map(async (name): Promise<[string, Asset]> => {
      const body = await readFile(join(folder, name));
      const digest = createHash('sha256').update(body).digest('base64url').slice(0, 22);
      return [name, { type: types[extname(name)] ?? '', body, etag: `"${digest}"` }];
    }),
  );
  return new Map(assets);
}

/**
 * Both pages are this shell; the module fills it. Its links are relative, so that the page also works below the path of a
 * proxy, such as that of `kubectl proxy`.
 * @param up from the page to the root: `./` or `../../`
 */
export function shell(up: string): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>Chaincode launches</title>
    <link rel="icon" href="${up}assets/icon.svg" type="image/svg+xml">
    <link rel="stylesheet" href="${up}assets/page.css">
    <script type="module" src="${up}assets/main.js"></script>
  </head>
  <body>
    <noscript>This page needs JavaScript. The same as JSON: <a href="${up}api/launches">api/launches</a></noscript>
  </body>
</html>
`;
}
