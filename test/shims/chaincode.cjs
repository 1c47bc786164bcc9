'use strict';
// The chaincode that the tests run on real Node shims: one function per thing that a shim may ask of a peer.
// It is loaded by node-2.5/chaincode.js and node-1.4/chaincode.js with the shim of that version.

async function collect(result) {
  const iterator = result.iterator || result;
  const keys = [];
  for (;;) {
    const next = await iterator.next();
    if (next.value) keys.push(next.value.key || next.value.getKey?.());
    if (next.done) break;
  }
  await iterator.close();
  return keys;
}

const functions = {
  noop: async () => 'ok',
  echo: async (stub, ...words) => words.join(' '),
  put: async (stub, key, value) => {
    await stub.putState(key, Buffer.from(value));
    return '';
  },
  get: async (stub, key) => (await stub.getState(key)).toString(),
  del: async (stub, key) => {
    await stub.deleteState(key);
    return '';
  },
  getput: async (stub, key, value) => {
    const before = (await stub.getState(key)).toString();
    await stub.putState(key, Buffer.from(value));
    return before;
  },
  parallel: async (stub, ...keys) => {
    const values = await Promise.all(keys.map((key) => stub.getState(key)));
    return values.map((value) => value.toString()).join(',');
  },
  range: async (stub, start, end) => {
    const keys = await collect(await stub.getStateByRange(start, end));
    return `${keys.length} ${keys[0]} ${keys[keys.length - 1]}`;
  },
  rangeopen: async (stub, start, end) => {
    const iterator = await stub.getStateByRange(start, end);
    await (iterator.iterator || iterator).next();
    return 'left open';
  },
  page: async (stub, size, bookmark) => {
    const { iterator, metadata } = await stub.getStateByRangeWithPagination('k', 'l', Number(size), bookmark);
    const keys = await collect(iterator);
    return `${keys.join(',')} ${metadata.fetchedRecordsCount ?? metadata.fetched_records_count} ${metadata.bookmark}`;
  },
  history: async (stub, key) => {
    const iterator = await stub.getHistoryForKey(key);
    await (iterator.iterator || iterator).close();
    return 'closed';
  },
  query: async (stub, text) => {
    await stub.getQueryResult(text);
    return '';
  },
  cc: async (stub, name, ...args) => {
    const { status, message, payload } = await stub.invokeChaincode(name, args, '');
    return `${status} ${message} ${payload}`;
  },
  creator: async (stub) => {
    const creator = stub.getCreator();
    return creator.mspid || creator.getMspid();
  },
  event: async (stub, name, payload) => {
    stub.setEvent(name, Buffer.from(payload));
    return '';
  },
  big: async (stub, size) => 'x'.repeat(Number(size)),
  sleep: async (stub, ms) => {
    await new Promise((resolve) => setTimeout(resolve, Number(ms)));
    return 'slept';
  },
  fail: async (stub, message) => {
    throw Object.assign(new Error(message), { expected: true });
  },
  throw: async () => {
    throw new Error('nobody catches this');
  },
  exit: async (stub, code) => process.exit(Number(code)),
};

module.exports = function start(shim) {
  async function run(stub) {
    const { fcn, params } = stub.getFunctionAndParameters();
    const called = functions[fcn];
    if (!called) return shim.error(`unknown function ${fcn}`);
    try {
      return shim.success(Buffer.from(await called(stub, ...params)));
    } catch (error) {
      if (fcn === 'throw') throw error;
      return shim.error(error.message);
    }
  }
  // What a chaincode does before it registers is told by its environment.
  const { TEST_EXIT, TEST_PRINT, TEST_SILENT } = process.env;
  if (TEST_PRINT) console.log(TEST_PRINT);
  if (TEST_EXIT) process.exit(Number(TEST_EXIT));
  if (TEST_SILENT) setInterval(() => undefined, 1000);
  else shim.start({ Init: run, Invoke: run });
};
