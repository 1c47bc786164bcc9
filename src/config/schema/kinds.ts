import { Type } from 'typebox';

/**
 * The kinds of settings that core.yaml has. Each carries its description and its default in the schema itself, so that
 * editors, the program and docs/configuration.md all say the same.
 */

export const text = (description: string, value = '') => Type.String({ description, default: value });

/** A duration as Go writes it; kept as text until it is compiled. */
export const duration = (description: string, value: string) =>
  Type.String({ description, default: value, format: 'duration' });

/** A path: relative to the folder of core.yaml. */
export const path = (description: string, value = '') =>
  Type.String({ description, default: value, format: 'path' });

/** Fabric writes a file as a mapping with the one key `file`. */
export const file = (description: string) => section('', { file: path(description) });

export const flag = (description: string, value = false) => Type.Boolean({ description, default: value });

export const count = (description: string, value = 0) =>
  Type.Integer({ description, default: value, minimum: 0 });

/** A number for which -1 means "no limit". */
export const limit = (description: string) => Type.Integer({ description, default: 0, minimum: -1 });

export const choice = <const Values extends readonly string[]>(
  description: string,
  values: Values,
  value: Values[number],
) => Type.Unsafe<Values[number]>({ type: 'string', enum: values, description, default: value });

export const texts = (description: string) =>
  Type.Unsafe<readonly string[]>(Type.Array(Type.String(), { description, default: [] }));

export const paths = (description: string) =>
  Type.Unsafe<readonly string[]>(Type.Array(Type.String({ format: 'path' }), { description, default: [] }));

/** Names that the user chooses, each with a text. */
export const names = (description: string, value: Readonly<Record<string, string>> = {}) =>
  Type.Unsafe<Readonly<Record<string, string>>>(
    Type.Record(Type.String(), Type.String(), { description, default: value }),
  );

/** A part that another schema describes: checked where it is used. */
export const elsewhere = (description: string) => Type.Unknown({ description, default: {} });

/** A part of core.yaml with keys of its own. */
export const section = <Keys extends Parameters<typeof Type.Object>[0]>(description: string, keys: Keys) =>
  Type.Object(keys, description === '' ? {} : { description });
