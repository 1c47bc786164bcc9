/**
 * Splits Docker's framing of a container's output: 8 bytes of header (which stream, 3 unused, length of 4 bytes), then the
 * payload. It keeps no payload, so that no output fills the memory.
 */
export class FrameSplitter {
  readonly #onPayload: (stream: 'stdout' | 'stderr', payload: Buffer) => void;
  #header = Buffer.alloc(0);
  /** Bytes of the current payload still to come; 0 = a header comes next. */
  #missing = 0;
  #stream: 'stdout' | 'stderr' = 'stdout';

  constructor(onPayload: (stream: 'stdout' | 'stderr', payload: Buffer) => void) {
    this.#onPayload = onPayload;
  }

  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#missing > 0) {
        const payload = chunk.subarray(at, at + this.#missing);
        at += payload.length;
        this.#missing -= payload.length;
        this.#onPayload(this.#stream, payload);
        continue;
      }
      const part = chunk.subarray(at, at + 8 - this.#header.length);
      at += part.length;
      this.#header = Buffer.concat([this.#header, part]);
      if (this.#header.length < 8) return;
      this.#stream = this.#header[0] === 2 ? 'stderr' : 'stdout';
      this.#missing = this.#header.readUInt32BE(4);
      this.#header = Buffer.alloc(0);
    }
  }
}
