import { createHash } from 'node:crypto';
import { messageOf } from '../../errors.js';
import type { Logger } from '../../ops/log.js';
import type { KubeObject, ResourceKind } from './objects.js';
import type { Resource } from './resource.js';

/** core/v1 Event. */
export interface KubeEvent extends KubeObject {
  readonly involvedObject: object;
  readonly reason: string;
  readonly message: string;
  readonly type: EventType;
  readonly source: { readonly component: string };
  readonly firstTimestamp: string;
  readonly lastTimestamp: string;
  readonly count: number;
  readonly reportingComponent: string;
  readonly reportingInstance: string;
  readonly action: string;
}

export type EventType = 'Normal' | 'Warning';

export interface EventRecorderOptions {
  readonly events: Resource<KubeEvent>;
  readonly component: string;
  readonly logger: Logger;
}

interface Seen {
  readonly name: string;
  count: number;
  firstTimestamp: string;
}

/** Remembered events; the oldest are forgotten, and then come as new ones. */
const remembered = 2000;
const longestMessage = 1000;

/** Tells events of objects. The same event again only raises its count; an event that cannot be written is logged. */
export class EventRecorder {
  readonly #options: EventRecorderOptions;
  readonly #seen = new Map<string, Seen>();
  readonly #pending = new Set<Promise<void>>();

  constructor(options: EventRecorderOptions) {
    this.#options = options;
  }

  record(kind: ResourceKind, object: KubeObject, type: EventType, reason: string, message: string): void {
    const writing = this.#write(kind, object, type, reason, message.slice(0, longestMessage))
      .catch((error: unknown) =>
        this.#options.logger.warn(
          { err: error, reason },
          `an event could not be written: ${messageOf(error)}`,
        ),
      )
      .finally(() => this.#pending.delete(writing));
    this.#pending.add(writing);
  }

  /** Resolves when what was recorded is written. */
  async flush(): Promise<void> {
    await Promise.all(this.#pending);
  }

  async #write(
    kind: ResourceKind,
    object: KubeObject,
    type: EventType,
    reason: string,
    message: string,
  ): Promise<void> {
    const { events, component } = this.#options;
    const { name, namespace = 'default', uid, resourceVersion } = object.metadata;
    const id = createHash('sha256')
      .update(JSON.stringify([uid, type, reason, message]))
      .digest('hex');
    const now = new Date().toISOString();
    const seen = this.#seen.get(id);
    if (seen) {
      seen.count += 1;
      await events.merge(namespace, seen.name, { count: seen.count, lastTimestamp: now });
      return;
    }
    const fresh: Seen = { name: `${name.slice(0, 220)}.${id.slice(0, 16)}`, count: 1, firstTimestamp: now };
    this.#seen.set(id, fresh);
    if (this.#seen.size > remembered) {
      const oldest = this.#seen.keys().next();
      if (!oldest.done) this.#seen.delete(oldest.value);
    }
    // Applied, not created: another leader may have told the same already.
    await events.apply(
      {
        metadata: { name: fresh.name, namespace },
        involvedObject: {
          apiVersion: kind.apiVersion,
          kind: kind.kind,
          name,
          namespace,
          uid,
          resourceVersion,
        },
        reason,
        message,
        type,
        source: { component },
        firstTimestamp: now,
        lastTimestamp: now,
        count: 1,
        reportingComponent: component,
        reportingInstance: component,
        action: reason,
      } as KubeEvent & { metadata: { name: string; namespace: string } },
      component,
    );
  }
}
