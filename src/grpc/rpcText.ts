import { status as Code, type ServiceError } from '@grpc/grpc-js';

/** An error of a call as Go prints it. */
export function rpcText(error: ServiceError): string {
  const code = Object.entries(Code).find(([, value]) => value === error.code)?.[0] ?? 'UNKNOWN';
  const name = code
    .toLowerCase()
    .split('_')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
  return `rpc error: code = ${name} desc = ${error.details}`;
}
