'use strict';

const separator = '\u0000';
const last = '\u{10ffff}';

/** A composite key with the checks of the Go shim, which allows an empty object type. */
function compositeKey(objectType, attributes) {
  for (const part of [objectType, ...attributes]) {
    for (const [at, character] of [...part].entries()) {
      if (character === separator || character === last) {
        const code = character.codePointAt(0);
        const shown = code === 0 ? "'\\x00'" : "'\\U0010ffff'";
        throw new Error(
          `input contain unicode ${shown} starting at position [${at}]. U+0000 and U+10FFFF are not allowed in the input attribute of a composite key`,
        );
      }
    }
  }
  return separator + [objectType, ...attributes].map((part) => part + separator).join('');
}

/** The range of all keys that begin with these parts. */
function rangeKeys(objectType, attributes) {
  const start = compositeKey(objectType, attributes);
  return { start, end: start + last };
}

/** A range of simple keys must not reach into the composite ones. */
function checkSimpleKey(key) {
  if (key.startsWith(separator)) {
    throw new Error(`first character of the key [${key}] contains a null character which is not allowed`);
  }
}

module.exports = { compositeKey, rangeKeys, checkSimpleKey };
