'use strict';

// A key-value chaincode on the bare shim: one function for every kind of call, none of them clever.
// VERSION tells which of two packages made from this source answers; see README.md.

const shim = require('fabric-shim');

const VERSION = process.env.CORE_CHAINCODE_ID_NAME?.split(':')[1] ?? 'unknown';

function needArguments(args, count, usage) {
  if (args.length < count) throw new Error(`usage: ${usage}`);
}

async function collect(iterator, show) {
  const found = [];
  for await (const entry of iterator) found.push(show(entry));
  return JSON.stringify(found);
}

const functions = {
  /** put KEY VALUE */
  async put(stub, args) {
    needArguments(args, 2, 'put KEY VALUE');
    await stub.putState(args[0], Buffer.from(args[1]));
    return args[1];
  },

  /** get KEY: empty when there is none */
  async get(stub, args) {
    needArguments(args, 1, 'get KEY');
    return stub.getState(args[0]);
  },

  /** del KEY */
  async del(stub, args) {
    needArguments(args, 1, 'del KEY');
    await stub.deleteState(args[0]);
  },

  /** range FROM TO: FROM is in, TO is out; empty means open */
  async range(stub, args) {
    needArguments(args, 2, 'range FROM TO');
    return collect(stub.getStateByRange(args[0], args[1]), ({ key, value }) => ({
      key,
      value: value.toString(),
    }));
  },

  /** history KEY: every value it ever had */
  async history(stub, args) {
    needArguments(args, 1, 'history KEY');
    return collect(stub.getHistoryForKey(args[0]), ({ txId, isDelete, value }) => ({
      txId,
      isDelete,
      value: value.toString(),
    }));
  },

  /** cc2cc CHAINCODE CHANNEL FUNCTION [ARGUMENT...] */
  async cc2cc(stub, args) {
    needArguments(args, 3, 'cc2cc CHAINCODE CHANNEL FUNCTION [ARGUMENT...]');
    const { status, message, payload } = await stub.invokeChaincode(args[0], args.slice(2), args[1]);
    if (status >= 400) throw new Error(`${args[0]} answered ${status}: ${message}`);
    return payload;
  },

  /** event NAME PAYLOAD */
  async event(stub, args) {
    needArguments(args, 2, 'event NAME PAYLOAD');
    stub.setEvent(args[0], Buffer.from(args[1]));
  },

  /** version: which package is running */
  async version() {
    return VERSION;
  },

  /** error TEXT: refuses the call */
  async error(_stub, args) {
    throw new Error(args[0] ?? 'asked to fail');
  },

  /** sleep MILLISECONDS */
  async sleep(_stub, args) {
    needArguments(args, 1, 'sleep MILLISECONDS');
    await new Promise((resolve) => setTimeout(resolve, Number(args[0])));
    return 'slept';
  },

  /** exit CODE: ends the chaincode in the middle of the call */
  async exit(_stub, args) {
    process.exit(Number(args[0] ?? 1));
  },
};

/** A call that throws would get no answer at all from this shim; so every error becomes one. */
async function answer(stub, name, args) {
  try {
    if (!Object.hasOwn(functions, name)) throw new Error(`unknown function ${name}`);
    const result = await functions[name](stub, args);
    return shim.success(Buffer.from(result ?? ''));
  } catch (error) {
    return shim.error(error.message);
  }
}

class KeyValue {
  /** Arguments at instantiate and upgrade: nothing, or `init`, or KEY VALUE pairs after it, or a function as in Invoke. */
  async Init(stub) {
    const { fcn, params } = stub.getFunctionAndParameters();
    if (fcn === '' || fcn === 'init') {
      if (params.length % 2 !== 0) return shim.error('usage: init [KEY VALUE]...');
      for (let at = 0; at < params.length; at += 2) {
        await stub.putState(params[at], Buffer.from(params[at + 1]));
      }
      return shim.success(Buffer.from('init'));
    }
    return answer(stub, fcn, params);
  }

  async Invoke(stub) {
    const { fcn, params } = stub.getFunctionAndParameters();
    return answer(stub, fcn, params);
  }
}

shim.start(new KeyValue());
