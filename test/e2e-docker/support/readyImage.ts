import { docker, nodeImage } from './engine.js';

/** Makes an image that carries the chaincode of a folder with all that it needs, as somebody's own pipeline would. */
export async function makeReadyImage(tag: string, folder: string): Promise<void> {
  const install = 'cd /usr/local/src && npm install --omit=dev --no-audit --no-fund';
  const id = await docker('create', nodeImage, '/bin/sh', '-c', install);
  try {
    await docker('cp', `${folder}/.`, `${id}:/usr/local/src`);
    await docker('start', '-a', id);
    await docker('commit', id, tag);
  } finally {
    await docker('rm', '-f', id);
  }
}
