import { bytesFields, encodeBytesFields } from './wire.js';

// The published definitions have the policies as messages; here they stay the bytes that were stored.

/** What lscc keeps about an instantiated chaincode: the value of `lscc/‹name›` (contract 6). */
export interface ChaincodeDefinition {
  readonly name: string;
  readonly version: string;
  readonly escc: string;
  readonly vscc: string;
  /** Marshalled SignaturePolicyEnvelope: who must endorse. */
  readonly policy: Uint8Array;
  /** CDSData or SignedCDSData bytes of the package. */
  readonly data: Uint8Array;
  readonly id: Uint8Array;
  /** Marshalled SignaturePolicyEnvelope: who may instantiate. */
  readonly instantiationPolicy: Uint8Array;
}

const encoder = new TextEncoder();

/**
 * The bytes as Fabric writes them: ascending fields, the four strings even when empty (they are proto2-like there),
 * empty byte fields left out.
 */
export function encodeChaincodeData(definition: ChaincodeDefinition): Uint8Array {
  const strings = [definition.name, definition.version, definition.escc, definition.vscc];
  const bytes = [definition.policy, definition.data, definition.id, definition.instantiationPolicy];
  return encodeBytesFields([
    ...strings.map((text, index) => [index + 1, encoder.encode(text)] as const),
    ...bytes.map((value, index) => [index + 5, value] as const).filter(([, value]) => value.length > 0),
  ]);
}

/**
 * Reads the value of `lscc/‹name›`.
 * @throws the decoder's text, for callers that have their own prefix (`chaincode ‹n› has bad definition: …`)
 */
export function decodeChaincodeData(value: Uint8Array): ChaincodeDefinition {
  const fields = bytesFields(value);
  const bytes = (number: number): Uint8Array => fields.get(number) ?? new Uint8Array();
  const text = (number: number): string => Buffer.from(bytes(number)).toString('utf8');
  return {
    name: text(1),
    version: text(2),
    escc: text(3),
    vscc: text(4),
    policy: bytes(5),
    data: bytes(6),
    id: bytes(7),
    instantiationPolicy: bytes(8),
  };
}
