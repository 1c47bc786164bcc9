import type { peer } from '../protos/index.js';

/** A field in the order of its number; zero values are left out as proto3 has it. */
type Field = readonly [name: string, value: string | number | Uint8Array | readonly Field[] | undefined];

/** Go's compact text of a message (github.com/golang/protobuf 1.3): `status:500 message:"…" `, with the last space. */
export function compactText(fields: readonly Field[]): string {
  return fields.map(([name, value]) => fieldText(name, value)).join('');
}

function fieldText(name: string, value: Field[1]): string {
  if (value === undefined || value === '' || value === 0) return '';
  if (typeof value === 'number') return `${name}:${value} `;
  if (typeof value === 'string') return `${name}:${quote(Buffer.from(value, 'utf8'))} `;
  if (value instanceof Uint8Array) return value.length === 0 ? '' : `${name}:${quote(value)} `;
  return `${name}:<${compactText(value)}> `;
}

const escapes = new Map([
  [0x0a, '\\n'],
  [0x0d, '\\r'],
  [0x09, '\\t'],
  [0x22, '\\"'],
  [0x5c, '\\\\'],
]);

/** Texts and bytes alike: what is not printable ASCII becomes three octal digits per byte. */
function quote(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) {
    text +=
      escapes.get(byte) ??
      (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(3, '0')}`);
  }
  return `"${text}"`;
}

export function responseText(response: peer.Response | undefined): string {
  return response ? compactText(responseFields(response)) : '<nil>';
}

function responseFields(response: peer.Response): Field[] {
  return [
    ['status', response.getStatus()],
    ['message', response.getMessage()],
    ['payload', response.getPayload_asU8()],
  ];
}

/** A whole ProposalResponse, as `Installed remotely …` and failed invokes show it. */
export function proposalResponseText(response: peer.ProposalResponse | undefined): string {
  if (!response) return '<nil>';
  const timestamp = response.getTimestamp();
  const inner = response.getResponse();
  const endorsement = response.getEndorsement();
  return compactText([
    ['version', response.getVersion()],
    [
      'timestamp',
      timestamp && [
        ['seconds', timestamp.getSeconds()],
        ['nanos', timestamp.getNanos()],
      ],
    ],
    ['response', inner && responseFields(inner)],
    ['payload', response.getPayload_asU8()],
    [
      'endorsement',
      endorsement && [
        ['endorser', endorsement.getEndorser_asU8()],
        ['signature', endorsement.getSignature_asU8()],
      ],
    ],
  ]);
}

/** The name of an enum's number, as Go prints it. */
export function enumName(map: Readonly<Record<string, number>>, value: number): string {
  return Object.entries(map).find(([, number]) => number === value)?.[0] ?? String(value);
}
