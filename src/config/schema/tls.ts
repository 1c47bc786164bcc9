import { file, flag, paths, section } from './kinds.js';

/** What every TLS listener has. @param listener for descriptions: `the operations endpoint` */
export const listenerTls = (listener: string) => ({
  enabled: flag(`TLS on ${listener}.`),
  clientAuthRequired: flag(`Clients of ${listener} must show a certificate (mutual TLS).`),
  cert: file(`Certificate of ${listener}, PEM. Needed when TLS is on.`),
  key: file(`Private key of that certificate, PEM. Needed when TLS is on.`),
  clientRootCAs: section('', {
    files: paths(`CAs that certificates of clients must come from, PEM.`),
  }),
});
