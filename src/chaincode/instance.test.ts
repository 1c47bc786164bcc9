import { expect, it } from 'vitest';
import { formatInstance, parseInstance } from './instance.js';

it.each([
  ['mycc', { name: 'mycc', version: '', channelId: '' }],
  ['mycc:1.0', { name: 'mycc', version: '1.0', channelId: '' }],
  ['mycc/ch', { name: 'mycc', version: '', channelId: 'ch' }],
  ['mycc:1.0/ch', { name: 'mycc', version: '1.0', channelId: 'ch' }],
  ['', { name: '', version: '', channelId: '' }],
])('the name %j is read and written', (text, instance) => {
  expect(parseInstance(text)).toEqual(instance);
  expect(formatInstance(instance)).toBe(text);
});
