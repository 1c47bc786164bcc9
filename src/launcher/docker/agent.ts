import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Duplex } from 'node:stream';

const connectTimeoutMs = 10_000;
/** What has arrived before a connection closed is read by then. */
const lastBytesMs = 100;

/** The connection of one request, which is all that it is used for, as by Fabric's client. */
export interface RequestConnection {
  readonly agent: HttpAgent;
  /**
   * Rejects when the connection has closed. The client library waits for the end of an answer that has begun, whether it
   * comes or not: who asks must race the two.
   */
  readonly closed: Promise<never>;
}

/** A new connection. Where nobody answers, connecting ends after ten seconds instead of the minutes that TCP allows. */
export function requestConnection(https: boolean): RequestConnection {
  let onClosed: () => void = () => undefined;
  const closed = new Promise<never>((_resolve, reject) => {
    onClosed = () => {
      const error = Object.assign(new Error('the answer was cut short'), { code: 'ECONNRESET' });
      setTimeout(() => reject(error), lastBytesMs).unref();
    };
  });
  // A request that has its answer asks no more.
  closed.catch(() => undefined);
  const watch = (socket: Duplex | null | undefined, connected: string): Duplex | null | undefined => {
    if (socket) giveUpLate(socket, connected);
    socket?.once('close', onClosed);
    return socket;
  };
  const agent = https ? new WatchedHttpsAgent(watch) : new WatchedHttpAgent(watch);
  return { agent, closed };
}

type Watch = (socket: Duplex | null | undefined, connected: string) => Duplex | null | undefined;

class WatchedHttpAgent extends HttpAgent {
  readonly #watch: Watch;

  constructor(watch: Watch) {
    super({ keepAlive: false });
    this.#watch = watch;
  }

  override createConnection(...args: Parameters<HttpAgent['createConnection']>): Duplex | null | undefined {
    return this.#watch(super.createConnection(...args), 'connect');
  }
}

class WatchedHttpsAgent extends HttpsAgent {
  readonly #watch: Watch;

  constructor(watch: Watch) {
    super({ keepAlive: false });
    this.#watch = watch;
  }

  override createConnection(...args: Parameters<HttpsAgent['createConnection']>): Duplex | null | undefined {
    return this.#watch(super.createConnection(...args), 'secureConnect');
  }
}

function giveUpLate(socket: Duplex, connected: string): void {
  const timer = setTimeout(
    () => socket.destroy(new Error(`no connection after ${connectTimeoutMs / 1000} s`)),
    connectTimeoutMs,
  );
  const stop = (): void => clearTimeout(timer);
  socket.once(connected, stop);
  socket.once('close', stop);
}
