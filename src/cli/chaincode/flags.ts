import type { Command } from 'commander';

/** Flags of `peer chaincode`, by their names. */
export interface ChaincodeFlags {
  orderer?: string;
  tls?: boolean;
  clientauth?: boolean;
  cafile?: string;
  keyfile?: string;
  certfile?: string;
  ordererTLSHostnameOverride?: string;
  connTimeout: string;
  tlsHandshakeTimeShift?: string;
  transient?: string;
  lang: string;
  ctor: string;
  path?: string;
  name?: string;
  version?: string;
  channelID?: string;
  policy?: string;
  escc?: string;
  vscc?: string;
  collectionsConfig?: string;
  peerAddresses: string[];
  tlsRootCertFiles: string[];
  connectionProfile?: string;
  waitForEvent?: boolean;
  waitForEventTimeout: string;
  raw?: boolean;
  hex?: boolean;
  installed?: boolean;
  instantiated?: boolean;
  ccPackage?: boolean;
  sign?: boolean;
  instantiatePolicy?: string;
  output: 'text' | 'json';
}

const collect = (value: string, values: string[]): string[] => [...values, value];

/** Flags that every chaincode and channel command takes. */
export function addGlobalFlags(command: Command): Command {
  return command
    .option(
      '-o, --orderer <address>',
      'ordering service endpoint (default: ORDERER_ADDRESS, else the channel says it)',
    )
    .option('--tls', 'use TLS when communicating with the orderer endpoint')
    .option('--clientauth', 'use mutual TLS when communicating with the orderer endpoint')
    .option('--cafile <file>', 'PEM file with the trusted certificates of the orderer (default: ORDERER_CA)')
    .option('--keyfile <file>', 'PEM file with the private key for mutual TLS with the orderer')
    .option('--certfile <file>', 'PEM file with the certificate for mutual TLS with the orderer')
    .option('--ordererTLSHostnameOverride <name>', "name that the orderer's certificate must hold")
    .option('--connTimeout <duration>', 'timeout for client to connect', '3s')
    .option('--tlsHandshakeTimeShift <duration>', 'accepted for compatibility; has no effect')
    .option('--transient <json>', 'transient map of arguments in JSON encoding, values in base64');
}

export function addPeerFlags(command: Command): Command {
  return command
    .option(
      '--peerAddresses <address>',
      'address of a peer to connect to; may be given more than once',
      collect,
      [],
    )
    .option('--tlsRootCertFiles <file>', "PEM file of that peer's TLS root; in the same order", collect, [])
    .option('--connectionProfile <file>', 'accepted for compatibility; has no effect');
}

export function addCodeFlags(command: Command): Command {
  return command
    .option('-l, --lang <language>', 'language the chaincode is written in: golang, node, java', 'golang')
    .option('-c, --ctor <json>', 'constructor message for the chaincode in JSON format', '{}')
    .option('-n, --name <name>', 'name of the chaincode')
    .option('-v, --version <version>', 'version of the chaincode');
}

export function addOutputFlag(command: Command): Command {
  return command.option('--output <format>', 'text, or json for programs (-o is the orderer)', 'text');
}
