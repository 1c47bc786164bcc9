import { describe, expect, it } from 'vitest';
import type { KubeClient } from './kubeClient.js';
import { ownerReference } from './owner.js';

/** An API server that knows one StatefulSet. */
function client(asked: string[] = []): KubeClient {
  const json = (request: { path: string }): Promise<unknown> => {
    asked.push(request.path);
    return request.path.endsWith('/ccl')
      ? Promise.resolve({ apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { name: 'ccl', uid: 'u1' } })
      : Promise.reject(new Error('not found'));
  };
  return { json } as unknown as KubeClient;
}

describe('the owner of what a release makes', () => {
  it('is named by group, version, resource and name', async () => {
    const asked: string[] = [];
    const owner = await ownerReference(client(asked), 'fabric', 'apps/v1/statefulsets/ccl');
    expect(owner).toEqual({ apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'ccl', uid: 'u1' });
    expect(asked).toEqual(['/apis/apps/v1/namespaces/fabric/statefulsets/ccl']);
  });

  it('may be of the core group', async () => {
    const asked: string[] = [];
    await ownerReference(client(asked), 'fabric', 'v1/configmaps/ccl');
    expect(asked).toEqual(['/api/v1/namespaces/fabric/configmaps/ccl']);
  });

  it('is told when it cannot be read or is no name', async () => {
    await expect(ownerReference(client(), 'fabric', 'v1/configmaps/no')).rejects.toThrow(
      'the owner v1/configmaps/no in namespace fabric cannot be read: not found',
    );
    await expect(ownerReference(client(), 'fabric', 'ccl')).rejects.toThrow(
      'ccl names no owner: expected, for example, apps/v1/statefulsets/endorser',
    );
  });
});
