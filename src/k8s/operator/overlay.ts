import type { PodTemplate } from '../api/schema.js';
import type { Pod } from './pod.js';

type Json = Readonly<Record<string, unknown>>;

/** Lays a Pod template over a Pod: maps are merged, lists are merged by `name` where their entries have one, else replaced. */
export function overlay(pod: Pod, template: PodTemplate): Pod {
  const { labels, annotations } = template.metadata ?? {};
  return {
    ...pod,
    metadata: {
      ...pod.metadata,
      labels: { ...labels, ...pod.metadata.labels },
      annotations: { ...annotations, ...pod.metadata.annotations },
    },
    spec: merged(pod.spec ?? {}, template.spec ?? {}) as Json,
  };
}

function merged(base: unknown, over: unknown): unknown {
  if (Array.isArray(base) && Array.isArray(over)) return mergedList(base, over);
  if (!isMap(base) || !isMap(over)) return over;
  const changed = Object.entries(over).map(([key, value]): [string, unknown] => [
    key,
    key in base ? merged(base[key], value) : value,
  ]);
  // A null takes a default away.
  return Object.fromEntries(
    Object.entries({ ...base, ...Object.fromEntries(changed) }).filter(([, value]) => value !== null),
  );
}

function mergedList(base: readonly unknown[], over: readonly unknown[]): unknown[] {
  if (![...base, ...over].every((entry) => isMap(entry) && typeof entry['name'] === 'string'))
    return [...over];
  const result = [...base];
  for (const entry of over as readonly Json[]) {
    const at = result.findIndex((known) => (known as Json)['name'] === entry['name']);
    if (at < 0) result.push(entry);
    else result[at] = merged(result[at], entry);
  }
  return result;
}

function isMap(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
