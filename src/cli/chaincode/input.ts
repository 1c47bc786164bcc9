import { LauncherError, wrap } from '../../errors.js';
import { parseGoJson } from '../goJson.js';

/** Reads `{"Args":[…]}` or `{"Function":"f","Args":[…]}`; keys in any case (peer/chaincode: chaincodeInput). */
export function parseCtor(text: string): Uint8Array[] {
  const parsed = parse(text);
  const keys = new Map<string, unknown>(
    Object.entries(parsed).map(([key, value]) => [key.toLowerCase(), value]),
  );
  const allowed = [['args'], ['args', 'function']];
  const given = [...keys.keys()].sort();
  if (!allowed.some((names) => names.join() === given.join())) {
    throw new LauncherError(
      given.length === 0
        ? "empty JSON chaincode parameters must contain the following keys: 'Args' or 'Function' and 'Args'"
        : "non-empty JSON chaincode parameters must contain the following keys: 'Args' or 'Function' and 'Args'",
    );
  }
  const args = keys.get('args');
  const list: unknown[] = Array.isArray(args) ? args : [];
  const texts: unknown[] = keys.has('function') ? [keys.get('function'), ...list] : list;
  return texts.map((one) => {
    if (typeof one !== 'string') {
      throw new LauncherError(
        'chaincode argument error: json: cannot unmarshal a value that is no string into Args',
      );
    }
    return Buffer.from(one, 'utf8');
  });
}

function parse(text: string): object {
  try {
    const parsed = parseGoJson(text);
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return parsed;
  } catch (error) {
    throw wrap('chaincode argument error', error);
  }
  throw new LauncherError('chaincode argument error: json: cannot unmarshal into a map');
}

/** Reads --transient: a JSON map whose values are base64. */
export function parseTransient(text: string | undefined): ReadonlyMap<string, Uint8Array> {
  if (text === undefined || text === '') return new Map();
  let parsed: unknown;
  try {
    parsed = parseGoJson(text);
  } catch (error) {
    throw wrap('error parsing transient string', error);
  }
  if (typeof parsed !== 'object' || parsed === null) {
    throw new LauncherError('error parsing transient string: json: cannot unmarshal into a map');
  }
  return new Map(Object.entries(parsed).map(([key, value]) => [key, fromBase64(String(value))]));
}

/** Strict, as Go is: Node.js ignores what is no base64. */
function fromBase64(text: string): Uint8Array {
  const wrong = /[^A-Za-z0-9+/]/.exec(text.replace(/={1,2}$/, ''));
  const at = wrong?.index ?? (text.length % 4 === 0 ? undefined : text.length - (text.length % 4));
  if (at !== undefined) {
    throw new LauncherError(`error parsing transient string: illegal base64 data at input byte ${at}`);
  }
  return Buffer.from(text, 'base64');
}
