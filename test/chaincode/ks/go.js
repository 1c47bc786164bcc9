'use strict';

// What Go does a little differently from JavaScript.

/** JSON as Go's encoding/json writes it: <, >, & and the line separators escaped, control characters as \u00XX. */
function goJson(value) {
  return JSON.stringify(value)
    .replace(/[<>&\u2028\u2029]/g, escape)
    .replace(/\\[bf]|\\\\/g, (c) => (c === '\\b' ? '\\u0008' : c === '\\f' ? '\\u000c' : c));
}

function escape(character) {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function goBase64(bytes) {
  return Buffer.from(bytes ?? []).toString('base64');
}

/** strconv.Atoi with its error ignored: 0 for what is no number. */
function goAtoi(text) {
  return /^[+-]?\d+$/.test(text) ? Number(text) : 0;
}

/** A good answer; the second argument only makes the caller wait for a write. */
function respond(payload, _done) {
  return { status: 200, message: '', payload: Buffer.from(payload ?? '') };
}

function fail(message) {
  return { status: 500, message, payload: Buffer.alloc(0) };
}

module.exports = { goJson, goBase64, goAtoi, respond, fail };
