import { expect, it } from 'vitest';
import { parseResults } from '../transactions.js';
import { RwSetBuilder, type RangeQuery } from './builder.js';
import { RangeReadCollector } from './merkle.js';

function range(startKey: string, endKey: string, exhausted = true): RangeQuery {
  return { startKey, endKey, exhausted, collector: new RangeReadCollector() };
}

it('lists a range that was read twice once, and ranges that differ in their order', () => {
  const builder = new RwSetBuilder();
  const namespace = builder.namespace('cc');
  for (const query of [range('b', 'c'), range('a', 'c'), range('b', 'c'), range('b', 'c', false)]) {
    namespace.addRange(query);
  }

  const [set] = parseResults(builder.build().publicBytes);

  const ranges = set!.set.getRangeQueriesInfoList();
  expect(ranges.map((one) => [one.getStartKey(), one.getEndKey(), one.getItrExhausted()])).toEqual([
    ['b', 'c', true],
    ['a', 'c', true],
    ['b', 'c', false],
  ]);
});

it('sorts namespaces and keys by their UTF-8 bytes, not by JavaScript code units', () => {
  const builder = new RwSetBuilder();
  const beyondBmp = '\u{1F600}';
  const lateBmp = '\uFF5E';
  for (const key of [beyondBmp, lateBmp, 'a']) builder.namespace('cc').addWrite(key, Buffer.from('1'));

  const [set] = parseResults(builder.build().publicBytes);

  expect(set!.set.getWritesList().map((write) => write.getKey())).toEqual(['a', lateBmp, beyondBmp]);
});

it('leaves out a namespace without entries and gives no bytes for no entries', () => {
  const builder = new RwSetBuilder();
  builder.namespace('touched');

  expect(builder.build()).toEqual({ publicBytes: new Uint8Array() });
});

it('writes an empty value as a delete', () => {
  const builder = new RwSetBuilder();
  builder.namespace('cc').addWrite('k', new Uint8Array());

  const [set] = parseResults(builder.build().publicBytes);

  expect(set!.set.getWritesList()[0]!.toObject()).toEqual({ key: 'k', isDelete: true, value: '' });
});
