import { LauncherError } from '../errors.js';

/** Parses JSON; what it refuses is said in the words of Go's encoding/json, which users know from `peer`. */
export function parseGoJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new LauncherError(new Scanner(text).complaint(), { cause });
  }
}

class Complaint extends Error {}

/** Walks over JSON that JSON.parse has refused, until it meets what Go would complain of. */
class Scanner {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  complaint(): string {
    try {
      this.#value();
      this.#space();
      if (this.#at < this.#text.length) this.#refuse('after top-level value');
    } catch (error) {
      if (error instanceof Complaint) return error.message;
      throw error;
    }
    return 'invalid JSON';
  }

  #value(): void {
    this.#space();
    const char = this.#peek();
    if (char === '{') this.#object();
    else if (char === '[') this.#array();
    else if (char === '"') this.#string();
    else if (char === '-' || isDigit(char)) this.#number();
    else if (char === 't') this.#literal('true');
    else if (char === 'f') this.#literal('false');
    else if (char === 'n') this.#literal('null');
    else this.#refuse('looking for beginning of value');
  }

  #object(): void {
    this.#at += 1;
    this.#space();
    if (this.#peek() === '}') return void (this.#at += 1);
    for (;;) {
      this.#space();
      if (this.#peek() !== '"') this.#refuse('looking for beginning of object key string');
      this.#string();
      this.#space();
      if (this.#peek() !== ':') this.#refuse('after object key');
      this.#at += 1;
      this.#value();
      this.#space();
      const next = this.#peek();
      if (next === '}') return void (this.#at += 1);
      if (next !== ',') this.#refuse('after object key:value pair');
      this.#at += 1;
    }
  }

  #array(): void {
    this.#at += 1;
    this.#space();
    if (this.#peek() === ']') return void (this.#at += 1);
    for (;;) {
      this.#value();
      this.#space();
      const next = this.#peek();
      if (next === ']') return void (this.#at += 1);
      if (next !== ',') this.#refuse('after array element');
      this.#at += 1;
    }
  }

  #string(): void {
    this.#at += 1;
    for (;;) {
      const char = this.#peek();
      if (char < ' ') this.#refuse('in string literal');
      this.#at += 1;
      if (char === '"') return;
      if (char === '\\') this.#escape();
    }
  }

  #escape(): void {
    if (this.#peek() !== 'u') {
      if (!'bfnrt\\/"'.includes(this.#peek())) this.#refuse('in string escape code');
      this.#at += 1;
      return;
    }
    this.#at += 1;
    for (let digit = 0; digit < 4; digit++) {
      if (!/[0-9a-fA-F]/.test(this.#peek())) this.#refuse('in \\u hexadecimal character escape');
      this.#at += 1;
    }
  }

  #number(): void {
    if (this.#peek() === '-') {
      this.#at += 1;
      if (!isDigit(this.#peek())) this.#refuse('in numeric literal');
    }
    if (this.#text[this.#at] === '0') this.#at += 1;
    else this.#digits();
    if (this.#text[this.#at] === '.') {
      this.#at += 1;
      if (!isDigit(this.#peek())) this.#refuse('after decimal point in numeric literal');
      this.#digits();
    }
    if (/[eE]/.test(this.#text[this.#at] ?? '')) {
      this.#at += 1;
      if (/[+-]/.test(this.#peek())) this.#at += 1;
      if (!isDigit(this.#peek())) this.#refuse('in exponent of numeric literal');
      this.#digits();
    }
  }

  #digits(): void {
    while (isDigit(this.#text[this.#at] ?? '')) this.#at += 1;
  }

  #literal(word: string): void {
    this.#at += 1;
    for (const expected of word.slice(1)) {
      if (this.#peek() !== expected) this.#refuse(`in literal ${word} (expecting '${expected}')`);
      this.#at += 1;
    }
  }

  #space(): void {
    while (' \t\r\n'.includes(this.#text[this.#at] ?? 'x')) this.#at += 1;
  }

  #peek(): string {
    const char = this.#text[this.#at];
    if (char === undefined) throw new Complaint('unexpected end of JSON input');
    return char;
  }

  #refuse(where: string): never {
    const char = String.fromCodePoint(this.#text.codePointAt(this.#at) ?? 0);
    throw new Complaint(`invalid character ${quoteChar(char)} ${where}`);
  }
}

function isDigit(char: string): boolean {
  return char >= '0' && char <= '9';
}

function quoteChar(char: string): string {
  if (char === "'") return `'\\''`;
  if (char === '"') return `'"'`;
  const quoted = JSON.stringify(char).slice(1, -1);
  return `'${quoted}'`;
}
