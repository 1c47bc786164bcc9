// A unary echo over TLS on a port of its own: the ceiling of grpc-js on this machine. Prints its port.
import { readFileSync } from 'node:fs';
import grpc from '@grpc/grpc-js';

const [cert, key] = process.argv.slice(2);
const identity = (bytes) => bytes;
const server = new grpc.Server();
server.addService(
  {
    echo: {
      path: '/bench.Echo/Echo',
      requestStream: false,
      responseStream: false,
      requestSerialize: identity,
      requestDeserialize: identity,
      responseSerialize: identity,
      responseDeserialize: identity,
    },
  },
  { echo: (call, callback) => callback(null, call.request) },
);
const credentials = grpc.ServerCredentials.createSsl(null, [
  { cert_chain: readFileSync(cert), private_key: readFileSync(key) },
]);
server.bindAsync('127.0.0.1:0', credentials, (error, port) => {
  if (error) throw error;
  console.log(port);
});
process.stdin.on('end', () => process.exit(0)).resume();
