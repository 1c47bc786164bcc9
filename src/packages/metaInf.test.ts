import { describe, expect, it } from 'vitest';
import { checkMetadataFile } from './metaInf.js';

const indexes = 'META-INF/statedb/couchdb/indexes/';
const check = (name: string, text: string): void => checkMetadataFile(name, Buffer.from(text));

describe('a file below META-INF', () => {
  it.each([
    [`${indexes}owner.json`, '{"index":{"fields":["owner"]},"ddoc":"d","name":"n","type":"json"}'],
    ['META-INF/statedb/couchdb/collections/c-1/indexes/a.json', '{"index":{"fields":[{"size":"desc"}]}}'],
  ])('%s may be an index', (name, text) => {
    expect(() => check(name, text)).not.toThrow();
  });

  it.each([
    ['META-INF/other/a.json', 'metadata file path must begin with META-INF/statedb, found: META-INF/other/'],
    [
      'META-INF/statedb/a.json',
      'metadata file path must include a database and index directory: META-INF/statedb/',
    ],
    [
      'META-INF/statedb/mysql/indexes/a.json',
      'database name [mysql] is not supported, valid options: [couchdb]',
    ],
    [
      'META-INF/statedb/couchdb/views/a.json',
      'metadata file path does not have an indexes directory: META-INF/statedb/couchdb/views/',
    ],
  ])('%s is at the wrong place', (name, why) => {
    expect(() => check(name, '{}')).toThrow(why);
  });

  it.each([
    ['no json', `Index metadata file [${indexes}a.json] is not a valid JSON`],
    ['{"index":1}', 'is not a valid index definition: Invalid entry, "index" must be a JSON'],
    ['{"index":{"fields":["a"]},"type":"text"}', 'is not a valid index definition: Index type must be json'],
    ['{"index":{"fields":[{"a":"up"}]}}', 'Sort must be either "asc" or "desc".  "up" was found.'],
    ['{"ddoc":"d"}', 'Index definition must include a "fields" definition'],
  ])('with %s is no index', (text, why) => {
    expect(() => check(`${indexes}a.json`, text)).toThrow(why);
  });
});
