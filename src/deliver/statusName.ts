import { common } from '../protos/index.js';

/** `NOT_FOUND` of 404, as Fabric prints a status. */
export function statusName(status: number): string {
  return Object.entries(common.Status).find(([, value]) => value === status)?.[0] ?? String(status);
}
