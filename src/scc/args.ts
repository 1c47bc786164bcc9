/** An argument as text; '' when it is not there. */
export function textArg(args: readonly Uint8Array[], index: number): string {
  return Buffer.from(bytesArg(args, index)).toString();
}

/** An argument; empty when it is not there. */
export function bytesArg(args: readonly Uint8Array[], index: number): Uint8Array {
  return args[index] ?? new Uint8Array();
}
