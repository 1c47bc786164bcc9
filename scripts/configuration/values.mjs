// The tables of the Helm chart: types and descriptions from values.schema.json, defaults from values.yaml.
import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { code, shownDefault, table } from './markdown.mjs';

const chart = new URL('../../deploy/helm/chaincode-launcher/', import.meta.url);

export async function valuesTables() {
  const schema = JSON.parse(await readFile(new URL('values.schema.json', chart), 'utf8'));
  const values = parse(await readFile(new URL('values.yaml', chart), 'utf8'));
  const entries = Object.entries(schema.properties);
  const plain = entries.filter(([, child]) => !child.properties);
  const sections = entries.filter(([, child]) => child.properties);
  return [
    tableOf(plain.flatMap(([key, child]) => rows(schema, child, key, values[key]))),
    ...sections.map(([key, child]) => {
      const inner = Object.entries(child.properties);
      const all = inner.flatMap(([name, leaf]) => rows(schema, leaf, `${key}.${name}`, values[key]?.[name]));
      return `### Value ${key}\n\n${child.description}\n\n${tableOf(all)}`;
    }),
  ].join('\n\n');
}

function tableOf(all) {
  return table(['Value', 'Type', 'Default', 'Description'], all);
}

/** A row for a value, or rows for what is below it. */
function rows(root, schema, key, value) {
  const name = schema.$ref?.split('/').at(-1);
  // These two are as long as this page: core.yaml above, and the API reference of Pods.
  if (name === 'core')
    return [[code(key), '[core.yaml](#coreyaml)', shownDefault(value), schema.description]];
  if (name === 'pod') return [[code(key), 'mapping', shownDefault(value), schema.description]];
  const resolved = name === undefined ? schema : { ...root.$defs[name], ...schema };
  if (!resolved.properties) return [[code(key), typeOf(resolved), shownDefault(value), resolved.description]];
  return Object.entries(resolved.properties).flatMap(([child, leaf]) =>
    rows(root, leaf, `${key}.${child}`, value?.[child]),
  );
}

function typeOf({ type, enum: values, items, additionalProperties }) {
  if (values) return values.map((value) => (value === '' ? 'empty' : code(value))).join(' or ');
  if (Array.isArray(type)) return type.map((one) => words[one]).join(' or ');
  if (type === 'array') return `list of ${items?.type === 'object' ? 'mappings' : 'texts'}`;
  if (type === 'object' && additionalProperties?.type === 'string') return 'names and texts';
  return words[type];
}

const words = { string: 'text', boolean: 'true or false', integer: 'number', object: 'mapping' };
