'use strict';

function field(tag, bytes) {
  return Buffer.concat([Buffer.from([tag, bytes.length]), bytes]);
}

/** A SignaturePolicyEnvelope: every named organisation must sign with the role (MEMBER or PEER). */
function policyOf(role, organisations) {
  const names = organisations.split(',').sort();
  if (role !== 'PEER' && role !== 'MEMBER') throw new Error(`unknown role ${role}`);
  const rule = [
    Buffer.from([8, names.length]),
    ...names.map((_, index) => field(0x12, Buffer.from([8, index]))),
  ];
  const identities = names.map((name) => {
    const mspId = field(0x0a, Buffer.from(name));
    const principal = role === 'PEER' ? Buffer.concat([mspId, Buffer.from([0x10, 3])]) : mspId;
    return field(0x1a, field(0x12, principal));
  });
  return Buffer.concat([field(0x12, field(0x12, Buffer.concat(rule))), ...identities]);
}

module.exports = { policyOf };
