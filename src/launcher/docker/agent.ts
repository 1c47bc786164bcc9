import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Duplex } from 'node:stream';

const connectTimeoutMs = 10_000;

/**
 * Agents that make a connection per request, as Fabric's client does: none is kept that an engine's restart has broken.
 * Where nobody answers, connecting ends after ten seconds instead of the minutes that TCP allows.
 */
export function engineAgent(https: boolean): HttpAgent {
  return https ? new ImpatientHttpsAgent({ keepAlive: false }) : new ImpatientHttpAgent({ keepAlive: false });
}

class ImpatientHttpAgent extends HttpAgent {
  override createConnection(...args: Parameters<HttpAgent['createConnection']>): Duplex | null | undefined {
    return impatient(super.createConnection(...args), 'connect');
  }
}

class ImpatientHttpsAgent extends HttpsAgent {
  override createConnection(...args: Parameters<HttpsAgent['createConnection']>): Duplex | null | undefined {
    return impatient(super.createConnection(...args), 'secureConnect');
  }
}

function impatient(socket: Duplex | null | undefined, connected: string): Duplex | null | undefined {
  if (!socket) return socket;
  const timer = setTimeout(
    () => socket.destroy(new Error(`no connection after ${connectTimeoutMs / 1000} s`)),
    connectTimeoutMs,
  );
  const stop = (): void => clearTimeout(timer);
  socket.once(connected, stop);
  socket.once('close', stop);
  return socket;
}
