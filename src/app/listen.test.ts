import { fastify } from 'fastify';
import { describe, expect, it } from 'vitest';
import { listenOn } from './listen.js';

describe('an address to listen on', () => {
  it.each(['127.0.0.1:0', '[::1]:0'])('%s gets a free port', async (address) => {
    const server = fastify();
    const bound = await listenOn(server, address, '--status-page');
    const port = Number(bound.slice(bound.lastIndexOf(':') + 1));
    expect(port).toBeGreaterThan(0);
    expect(bound.startsWith(address.slice(0, -2))).toBe(true);
    await server.close();
  });

  it.each(['9445', 'localhost', '127.0.0.1:', '127.0.0.1:http', '127.0.0.1:70000'])(
    '%s is refused with the name of its flag',
    async (address) => {
      await expect(listenOn(fastify(), address, '--status-page')).rejects.toThrow(
        `--status-page: ${address} is not host:port`,
      );
    },
  );

  it('that is taken is named', async () => {
    const first = fastify();
    const bound = await listenOn(first, '127.0.0.1:0', 'operations');
    await expect(listenOn(fastify(), bound, 'operations')).rejects.toThrow(
      `operations: failed to listen on ${bound}`,
    );
    await first.close();
  });
});
