// The tables of core.yaml, from its schema.
import { environmentName } from '../../dist/config/coreYaml.js';
import { coreSchema } from '../../dist/config/schema/core.js';
import { code, shownDefault, table } from './markdown.mjs';

const below = (prefix, key) => (prefix === '' ? key : `${prefix}.${key}`);
const isUnused = (schema) => schema['x-unused'] === true;

/** A heading and a table for each described section. */
export function coreTables() {
  return sections(coreSchema, '').join('\n\n');
}

/** Keys that are accepted and never read, with the reason. */
export function unusedTable() {
  const rows = allKeys(coreSchema, '').filter(({ schema }) => isUnused(schema));
  return table(
    ['Key', 'Why it has no use'],
    rows.map(({ key, schema }) => [code(key), schema.description]),
  );
}

function allKeys(schema, prefix) {
  if (!schema.properties) return [{ key: prefix, schema }];
  return Object.entries(schema.properties).flatMap(([key, child]) => allKeys(child, below(prefix, key)));
}

function sections(schema, prefix) {
  const own = ownKeys(schema, prefix).filter((row) => !isUnused(row.schema));
  const inner = innerSections(schema, prefix);
  const parts = inner.flatMap(([name, child]) => sections(child, name));
  if (own.length === 0) return parts;
  return [
    [`### ${prefix}`, schema.description, alsoFor(schema, prefix), rowsOf(own)].filter(Boolean).join('\n\n'),
    ...parts,
  ];
}

/** Keys of a section itself, with those of inner mappings that have no description of their own. */
function ownKeys(schema, prefix) {
  return Object.entries(schema.properties).flatMap(([key, child]) => {
    const name = below(prefix, key);
    if (!child.properties) return [{ key: name, schema: child }];
    return child.description === undefined ? ownKeys(child, name) : [];
  });
}

/** Described sections; of several with the same keys only the first. */
function innerSections(schema, prefix) {
  const seen = new Set();
  return Object.entries(schema.properties).flatMap(([key, child]) => {
    if (!child.properties || seen.has(child)) return [];
    seen.add(child);
    const name = below(prefix, key);
    return child.description === undefined ? innerSections(child, name) : [[name, child]];
  });
}

/** Tells which other sections have the same keys. */
function alsoFor(schema, prefix) {
  const parent = prefix.split('.').slice(0, -1);
  const siblings = parent.reduce((current, key) => current.properties[key], coreSchema).properties;
  const others = Object.keys(siblings).filter(
    (key) => siblings[key] === schema && below(parent.join('.'), key) !== prefix,
  );
  if (others.length === 0) return '';
  const names = others.map((key) => code(below(parent.join('.'), key))).join(', ');
  return `The same keys are below ${names}, and in the variables.`;
}

function rowsOf(keys) {
  return table(
    ['Key and variable', 'Type', 'Default', 'Description'],
    keys.map(({ key, schema }) => [
      [key, ...(canBeText(schema) ? [environmentName(key)] : [])].map(code).join('<br>'),
      typeOf(schema),
      shownDefault(schema.default),
      schema.description,
    ]),
  );
}

/** A variable is a text: names that the user chooses, and parts of a Pod, do not fit in. */
function canBeText(schema) {
  return schema.type !== undefined && schema.type !== 'object';
}

function typeOf(schema) {
  if (schema.enum) return schema.enum.map(code).join(' or ');
  if (schema.format !== undefined) return schema.format;
  if (schema.type === 'boolean') return 'true or false';
  if (schema.type === 'integer') return schema.minimum < 0 ? `number from ${schema.minimum}` : 'number';
  if (schema.type === 'array') return schema.items.format === 'path' ? 'list of paths' : 'list of texts';
  if (schema.type === 'object') return 'names and texts';
  return schema.type === 'string' ? 'text' : 'mapping';
}
