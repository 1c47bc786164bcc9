'use strict';

// A counter. It brings its libraries in lib/ and speaks the protocol of the shim itself, so that a test of an
// installation needs nothing but an image with Node.js. Real chaincode uses a shim: see samples/.

const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const Module = require('node:module');

process.env.NODE_PATH = join(__dirname, 'lib');
Module._initPaths();
const { credentials } = require('@grpc/grpc-js');
const { peer } = require('@hyperledger/fabric-protos');

const { Type } = peer.ChaincodeMessage;
const address = process.argv[process.argv.indexOf('--peer.address') + 1];
const stream = new peer.ChaincodeSupportClient(address, tls()).register();
const waiting = new Map();

function tls() {
  if (process.env.CORE_PEER_TLS_ENABLED !== 'true') return credentials.createInsecure();
  return credentials.createSsl(
    readFileSync(process.env.CORE_PEER_TLS_ROOTCERT_FILE),
    readFileSync(process.env.CORE_TLS_CLIENT_KEY_FILE),
    readFileSync(process.env.CORE_TLS_CLIENT_CERT_FILE),
  );
}

function send(type, payload, call) {
  const message = new peer.ChaincodeMessage();
  message.setType(type);
  message.setPayload(payload);
  message.setTxid(call?.txId ?? '');
  message.setChannelId(call?.channelId ?? '');
  stream.write(message);
}

/** Asks the peer and waits for its RESPONSE: one question at a time for each transaction. */
function ask(type, payload, call) {
  return new Promise((resolve, reject) => {
    waiting.set(`${call.channelId} ${call.txId}`, { resolve, reject });
    send(type, payload, call);
  });
}

async function value(call) {
  const question = new peer.GetState();
  question.setKey('count');
  return Number(Buffer.from(await ask(Type.GET_STATE, question.serializeBinary(), call)).toString() || '0');
}

async function add(call, amount) {
  const count = (await value(call)) + amount;
  const state = new peer.PutState();
  state.setKey('count');
  state.setValue(Buffer.from(String(count)));
  await ask(Type.PUT_STATE, state.serializeBinary(), call);
  return count;
}

async function run(message) {
  const call = { txId: message.getTxid(), channelId: message.getChannelId() };
  const [name, amount] = peer.ChaincodeInput.deserializeBinary(message.getPayload_asU8())
    .getArgsList_asU8()
    .map((one) => Buffer.from(one).toString());
  const response = new peer.Response();
  try {
    const count = name === 'add' ? await add(call, Number(amount)) : await value(call);
    response.setStatus(200);
    response.setPayload(Buffer.from(String(count)));
  } catch (error) {
    response.setStatus(500);
    response.setMessage(error.message);
  }
  send(Type.COMPLETED, response.serializeBinary(), call);
}

stream.on('data', (message) => {
  const key = `${message.getChannelId()} ${message.getTxid()}`;
  switch (message.getType()) {
    case Type.INIT:
    case Type.TRANSACTION:
      return void run(message);
    case Type.RESPONSE:
      waiting.get(key)?.resolve(message.getPayload_asU8());
      return void waiting.delete(key);
    case Type.ERROR:
      waiting.get(key)?.reject(new Error(Buffer.from(message.getPayload_asU8()).toString()));
      return void waiting.delete(key);
  }
});
stream.on('error', (error) => {
  process.stderr.write(`the stream to ${address} failed: ${error.message}\n`);
  process.exit(1);
});
stream.on('end', () => process.exit(0));

const id = new peer.ChaincodeID();
id.setName(process.env.CORE_CHAINCODE_ID_NAME);
send(Type.REGISTER, id.serializeBinary());
process.stdout.write(`counter asks ${address} to be registered\n`);
