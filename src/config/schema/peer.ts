import { duration, file, path, section, text } from './kinds.js';
import { listenerTls } from './tls.js';
import { unused } from './unused.js';

/** Who the endorser is and where it listens; the CLI reads from here which peer it talks to, and as whom. */
export const peer = section('Who the peer is and where it listens. The CLI reads from here whom it calls.', {
  id: text('Name of the peer. Part of the names of containers and Pods.', 'jdoe'),
  networkId: text(
    'Name of the network. Part of the names of containers and Pods: two networks on one engine need two names.',
    'dev',
  ),
  listenAddress: text('host:port on which the endorser serves proposals and events.', '0.0.0.0:7051'),
  address: text(
    'host:port of this peer for others. The endorser takes its host for `peer.chaincodeAddress`; the CLI calls it.',
    '0.0.0.0:7051',
  ),
  chaincodeAddress: text(
    'host:port that chaincode dials. Empty = host of `peer.chaincodeListenAddress`, else of `peer.address`.',
  ),
  chaincodeListenAddress: text(
    'host:port on which the endorser waits for chaincode. Empty = port 7052 on the host of `peer.address`.',
  ),
  fileSystemPath: path('Folder of ledgers, installed packages and builds.', '/var/hyperledger/production'),
  mspConfigPath: path('Folder of the MSP with the identity of this peer, or of the CLI.', 'msp'),
  localMspId: text('MSP id of the organisation that this identity belongs to.', 'SampleOrg'),
  tls: section('TLS of the peer, and of the CLI when it calls a peer.', {
    ...listenerTls('the peer'),
    rootcert: file('CAs that the endorser trusts for orderers, and the CLI for peers, PEM.'),
    clientKey: file('Private key of the CLI for mutual TLS. Empty = `peer.tls.key.file`.'),
    clientCert: file('Certificate of the CLI for mutual TLS. Empty = `peer.tls.cert.file`.'),
    serverhostoverride: text(
      'Name that the CLI expects in the certificate of the peer. Empty = the host it calls.',
    ),
  }),
  authentication: section('', {
    timewindow: duration(
      'Requests for events are refused when their time differs from this machine’s by more than this.',
      '15m',
    ),
  }),
  client: section('', {
    connTimeout: duration('How long the CLI waits for a connection to a peer. 0 = 3s.', '3s'),
  }),
  ...unused.peer,
});
