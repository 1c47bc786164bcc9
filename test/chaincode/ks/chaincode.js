'use strict';

// The kitchen sink: every call of the shim by name; Init runs its arguments as one call. It does what the recorded Go
// chaincode did, with the Go shim's texts, so that recorded proposals can be run again. Where the Node shim refuses
// what the Go shim allows (empty keys, empty object types) the handler below the stub is used.

const shim = require('fabric-shim');
const { goJson, goBase64, goAtoi, respond, fail } = require('./go.js');
const { rangeKeys, compositeKey, checkSimpleKey } = require('./keys.js');
const { policyOf } = require('./policy.js');

const argumentCounts = {
  put: 2,
  putb: 2,
  big: 2,
  get: 1,
  del: 1,
  incr: 1,
  range: 2,
  rangeput: 4,
  rangecount: 2,
  page: 4,
  ckput: 3,
  ckrange: 2,
  hist: 1,
  pput: 3,
  pputt: 2,
  pget: 2,
  pdel: 2,
  prange: 3,
  phash: 2,
  setvp: 3,
  getvp: 1,
  psetvp: 4,
  pgetvp: 2,
  event: 2,
  cc: 2,
  status: 3,
  err: 1,
  exit: 1,
  sleep: 1,
  query: 1,
  batch: 1,
  echo: 0,
  zero: 1,
};
const validationParameter = 'VALIDATION_PARAMETER';

const hex = (bytes) => Buffer.from(bytes ?? []).toString('hex');

/** The calls to the peer for one transaction, with the checks and texts of the Go shim. */
class Ledger {
  constructor(stub) {
    this.stub = stub;
    this.at = [stub.getChannelID(), stub.getTxID()];
  }

  get(key, collection = '') {
    return this.stub.handler.handleGetState(collection, key, ...this.at);
  }

  put(key, value, collection = '') {
    if (key === '') throw new Error('key must not be an empty string');
    return this.stub.handler.handlePutState(collection, key, value, ...this.at);
  }

  del(key, collection = '') {
    return this.stub.handler.handleDeleteState(collection, key, ...this.at);
  }

  async range(start, end, collection = '') {
    const from = start === '' ? '\x01' : start;
    checkSimpleKey(from);
    checkSimpleKey(end);
    const { iterator } = await this.stub.handler.handleGetStateByRange(collection, from, end, ...this.at);
    return iterator;
  }

  async partial(objectType, attributes) {
    const { start, end } = rangeKeys(objectType, attributes);
    const { iterator } = await this.stub.handler.handleGetStateByRange('', start, end, ...this.at);
    return iterator;
  }

  setPolicy(key, policy, collection = '') {
    return this.stub.handler.handlePutStateMetadata(collection, key, validationParameter, policy, ...this.at);
  }

  async getPolicy(key, collection = '') {
    const found = await this.stub.handler.handleGetStateMetadata(collection, key, ...this.at);
    return found?.[validationParameter];
  }
}

function needCollection(collection) {
  if (collection === '') throw new Error('collection must not be an empty string');
  return collection;
}

/** Walks over an iterator and closes it, whatever happens. */
async function each(iterator, visit) {
  try {
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
      if (visit(next.value) === false) return;
    }
  } finally {
    await iterator.close();
  }
}

async function all(iterator) {
  const list = [];
  await each(iterator, ({ key, value }) => {
    list.push({ k: key, v: goBase64(value) });
  });
  return respond(goJson(list));
}

function textArray(json) {
  const value = JSON.parse(json);
  if (!Array.isArray(value)) throw new Error('json: cannot unmarshal into Go value of type []string');
  return value;
}

const functions = {
  echo: (stub, ledger, a) => respond(a.join(' ')),
  put: async (stub, ledger, a) => respond('', await ledger.put(a[0], Buffer.from(a[1]))),
  putb: async (stub, ledger, a) => respond('', await ledger.put(a[0], Buffer.from(a[1], 'base64'))),
  big: async (stub, ledger, a) => {
    const value = '0123456789abcdef'.repeat(Math.max(0, Math.trunc(goAtoi(a[1]) / 16)));
    await ledger.put(a[0], Buffer.from(value));
    return respond('');
  },
  get: async (stub, ledger, a) => respond(await ledger.get(a[0])),
  del: async (stub, ledger, a) => respond('', await ledger.del(a[0])),
  incr: async (stub, ledger, a) => {
    const value = String(goAtoi((await ledger.get(a[0])).toString()) + 1);
    await ledger.put(a[0], Buffer.from(value));
    return respond(value);
  },
  range: async (stub, ledger, a) => all(await ledger.range(a[0], a[1])),
  rangeput: async (stub, ledger, a) => {
    const found = await all(await ledger.range(a[0], a[1]));
    await ledger.put(a[2], Buffer.from(a[3]));
    return found;
  },
  rangecount: async (stub, ledger, a) => {
    let count = 0;
    await each(await ledger.range(a[0], a[1]), () => {
      count += 1;
      return !(a.length > 2 && String(count) === a[2]);
    });
    return respond(String(count));
  },
  page: async (stub, ledger, a) => {
    const { iterator, metadata } = await stub.getStateByRangeWithPagination(a[0], a[1], goAtoi(a[2]), a[3]);
    const list = await all(iterator);
    const count = metadata.fetchedRecordsCount;
    return respond(`{"bookmark":${goJson(metadata.bookmark)},"count":${count},"list":${list.payload}}`);
  },
  ckput: async (stub, ledger, a) => {
    const key = compositeKey(a[0], textArray(a[1]));
    await ledger.put(key, Buffer.from(a[2]));
    return respond(key);
  },
  ckrange: async (stub, ledger, a) => all(await ledger.partial(a[0], textArray(a[1]))),
  hist: async (stub, ledger, a) => {
    const list = [];
    await each(await stub.getHistoryForKey(a[0]), ({ txId, value, isDelete, timestamp }) => {
      list.push({ del: isDelete, n: timestamp.nanos, s: timestamp.seconds, txid: txId, v: goBase64(value) });
    });
    return respond(goJson(list));
  },
  pput: async (stub, ledger, a) =>
    respond('', await ledger.put(a[1], Buffer.from(a[2]), needCollection(a[0]))),
  pputt: async (stub, ledger, a) => {
    const value = stub.getTransient().get('v') ?? Buffer.alloc(0);
    return respond('', await ledger.put(a[1], value, needCollection(a[0])));
  },
  pget: async (stub, ledger, a) => respond(await ledger.get(a[1], needCollection(a[0]))),
  pdel: async (stub, ledger, a) => respond('', await ledger.del(a[1], needCollection(a[0]))),
  prange: async (stub, ledger, a) => all(await ledger.range(a[1], a[2], needCollection(a[0]))),
  phash: async (stub, ledger, a) =>
    respond(hex(await stub.handler.handleGetPrivateDataHash(needCollection(a[0]), a[1], ...ledger.at))),
  setvp: async (stub, ledger, a) => respond('', await ledger.setPolicy(a[0], policyOf(a[1], a[2]))),
  getvp: async (stub, ledger, a) => respond(hex(await ledger.getPolicy(a[0]))),
  psetvp: async (stub, ledger, a) => respond('', await ledger.setPolicy(a[1], policyOf(a[2], a[3]), a[0])),
  pgetvp: async (stub, ledger, a) => respond(hex(await ledger.getPolicy(a[1], a[0]))),
  event: async (stub, ledger, a) => {
    if (a[0] === '') throw new Error('event name can not be nil string');
    stub.setEvent(a[0], Buffer.from(a[1]));
    if (a.length > 3) await ledger.put(a[2], Buffer.from(a[3]));
    return respond('');
  },
  cc: async (stub, ledger, a) => {
    try {
      return await stub.invokeChaincode(a[0], a.slice(2), a[1]);
    } catch (error) {
      // The Go shim makes an answer of it: the text is the payload.
      return { status: 500, message: '', payload: Buffer.from(error.message) };
    }
  },
  status: (stub, ledger, a) => ({ status: goAtoi(a[0]), message: a[1], payload: Buffer.from(a[2]) }),
  err: (stub, ledger, a) => fail(a[0]),
  panic: () => {
    console.error('panic: asked to');
    process.exit(2);
  },
  exit: (stub, ledger, a) => process.exit(goAtoi(a[0])),
  sleep: async (stub, ledger, a) => {
    await new Promise((resolve) => setTimeout(resolve, goAtoi(a[0])));
    return respond('slept');
  },
  zero: (stub, ledger, a) => respond('x'.repeat(goAtoi(a[0]))),
  query: async (stub, ledger, a) => all(await stub.getQueryResult(a[0])),
  info: (stub) => {
    const { creator_u8: creator } = stub.getSignedProposal().proposal.header.signatureHeader;
    // The public getter throws when the proposal has no time.
    const time = stub.txTimestamp;
    return respond(
      goJson({
        binding: stub.getBinding(),
        channel: stub.getChannelID(),
        creator: goBase64(creator),
        // The Node shim does not hand decorations out; the peer of the recordings sent none.
        decorations: 0,
        n: time?.getNanos() ?? 0,
        proposalBytes: stub.proposal.serializeBinary().length,
        s: time?.getSeconds() ?? 0,
        transient: [...stub.getTransient().keys()].sort(),
        txid: stub.getTxID(),
      }),
    );
  },
  batch: async (stub, ledger, a) => {
    const answers = [];
    for (const [name, ...args] of textArray(a[0])) {
      const answer = await run(stub, name, args);
      if (answer.status >= 400) return answer;
      answers.push(goBase64(answer.payload));
    }
    return respond(goJson(answers));
  },
};

async function run(stub, name, args) {
  const wanted = argumentCounts[name];
  if (wanted !== undefined && args.length < wanted) {
    return fail(`${name} wants ${wanted} arguments, got ${args.length}`);
  }
  if (!Object.hasOwn(functions, name)) return fail(`unknown function ${name}`);
  try {
    return await functions[name](stub, new Ledger(stub), args);
  } catch (error) {
    return fail(error.message);
  }
}

class KitchenSink {
  async Init(stub) {
    const { fcn, params } = stub.getFunctionAndParameters();
    if (fcn === '' || fcn === 'init') return respond('init');
    return run(stub, fcn, params);
  }

  async Invoke(stub) {
    const { fcn, params } = stub.getFunctionAndParameters();
    return run(stub, fcn, params);
  }
}

shim.start(new KitchenSink());
