import { choice, section, text } from './kinds.js';
import { listenerTls } from './tls.js';
import { unused } from './unused.js';

/** The operations endpoint: health, metrics, log levels, launches. */
export const operations = section('Health, metrics, log levels and launches over HTTP.', {
  listenAddress: text(
    'host:port of /healthz, /readyz, /metrics, /logspec and /launches. `launches` asks there as well.',
    '127.0.0.1:9443',
  ),
  tls: section('TLS of the operations endpoint.', listenerTls('the operations endpoint')),
});

export const metrics = section('Where metrics go.', {
  provider: choice(
    '`prometheus`: metrics at /metrics. `disabled`: none. `statsd` is accepted with a warning, and means disabled.',
    ['prometheus', 'statsd', 'disabled'],
    'disabled',
  ),
  ...unused.metrics,
});

export const logging = section('The log of the program.', {
  spec: text(
    'Log levels, as `info` or `warning:peer.chaincode=debug`. `FABRIC_LOGGING_SPEC` wins over everything but `--verbose`.',
    'info',
  ),
  ...unused.logging,
});
