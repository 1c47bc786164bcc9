/** Fabric's limits for one message, both ways (contract 2). */
export const maxMessageBytes = 100 * 1024 * 1024;

/** How often a side pings an idle connection, and how long it waits for the answer, in milliseconds. */
export interface Keepalive {
  readonly timeMs: number;
  readonly timeoutMs: number;
}

/** core/comm: DefaultKeepaliveOptions, server side. */
export const serverKeepalive: Keepalive = { timeMs: 2 * 60 * 60 * 1000, timeoutMs: 20_000 };

/** core/comm: DefaultKeepaliveOptions, client side. */
export const clientKeepalive: Keepalive = { timeMs: 60_000, timeoutMs: 20_000 };
