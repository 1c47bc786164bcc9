import type { KubeClient } from './kubeClient.js';
import { resourcePath, type KubeObject, type ResourceKind } from './objects.js';

export interface ListPage<T> {
  readonly items: readonly T[];
  readonly resourceVersion: string;
}

interface ListBody<T> {
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
  readonly items: readonly T[];
}

/** What is listed and watched. */
export interface Selection {
  /** Absent = all namespaces. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

/** The calls for one kind of object. */
export class Resource<T extends KubeObject> {
  readonly kind: ResourceKind;
  readonly #client: KubeClient;

  constructor(client: KubeClient, kind: ResourceKind) {
    this.#client = client;
    this.kind = kind;
  }

  async get(namespace: string, name: string): Promise<T> {
    return this.#client.json({ method: 'GET', path: resourcePath(this.kind, namespace, name) });
  }

  /** All objects, fetched in pages so that neither side holds them twice. */
  async list(selection: Selection, signal?: AbortSignal): Promise<ListPage<T>> {
    const items: T[] = [];
    let next: string | undefined;
    for (;;) {
      const page: ListBody<T> = await this.#client.json<ListBody<T>>({
        method: 'GET',
        path: listPath(this.kind, selection, { limit: '500', ...(next && { continue: next }) }),
        ...(signal && { signal }),
      });
      items.push(...page.items);
      next = page.metadata.continue;
      if (!next) return { items, resourceVersion: page.metadata.resourceVersion };
    }
  }

  async create(object: T): Promise<T> {
    return this.#client.json({
      method: 'POST',
      path: resourcePath(this.kind, object.metadata.namespace),
      body: { apiVersion: this.kind.apiVersion, kind: this.kind.kind, ...object },
    });
  }

  /** Server-side apply: what is given becomes true and is this manager's; what it gave before and gives no more goes. */
  async apply(object: ApplyObject, fieldManager: string, subresource?: 'status'): Promise<T> {
    const { namespace, name } = object.metadata;
    const path = `${resourcePath(this.kind, namespace, name)}${subresource ? `/${subresource}` : ''}`;
    return this.#client.json({
      method: 'PATCH',
      path: `${path}?${new URLSearchParams({ fieldManager, force: 'true' }).toString()}`,
      contentType: 'application/apply-patch+yaml',
      body: { apiVersion: this.kind.apiVersion, kind: this.kind.kind, ...object },
    });
  }

  /** JSON merge patch. */
  async merge(namespace: string, name: string, patch: object, subresource?: 'status'): Promise<T> {
    return this.#client.json({
      method: 'PATCH',
      path: `${resourcePath(this.kind, namespace, name)}${subresource ? `/${subresource}` : ''}`,
      contentType: subresource === 'status' && this.kind.apiVersion === 'v1' ? strategicMerge : mergePatch,
      body: patch,
    });
  }

  async replace(object: T): Promise<T> {
    return this.#client.json({
      method: 'PUT',
      path: resourcePath(this.kind, object.metadata.namespace, object.metadata.name),
      body: { apiVersion: this.kind.apiVersion, kind: this.kind.kind, ...object },
    });
  }

  /** Only that very object when a UID is given: another one of the same name is not touched. */
  async delete(namespace: string, name: string, options: DeleteOptions = {}): Promise<void> {
    const { uid, ...rest } = options;
    await this.#client.text({
      method: 'DELETE',
      path: resourcePath(this.kind, namespace, name),
      body: { apiVersion: 'v1', kind: 'DeleteOptions', ...rest, ...(uid && { preconditions: { uid } }) },
    });
  }
}

const mergePatch = 'application/merge-patch+json';
const strategicMerge = 'application/strategic-merge-patch+json';

export interface DeleteOptions {
  readonly uid?: string;
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: 'Background' | 'Foreground';
}

/** A part of an object, as far as the applier has an opinion. */
export interface ApplyObject {
  readonly metadata: { readonly name: string; readonly namespace: string };
}

export function listPath(kind: ResourceKind, selection: Selection, query: Record<string, string>): string {
  const { namespace, labelSelector, fieldSelector } = selection;
  const search = new URLSearchParams({
    ...(labelSelector && { labelSelector }),
    ...(fieldSelector && { fieldSelector }),
    ...query,
  });
  return `${resourcePath(kind, namespace)}?${search.toString()}`;
}
