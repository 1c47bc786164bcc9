import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { issue, revocationList, type TestCertificate } from '../../test/support/testCa.js';
import { msp } from '../protos/index.js';
import { readDer, readDerSequence, writeDer } from './der.js';
import { toLowS } from './lowS.js';
import { Msp } from './msp.js';
import { MspManager } from './mspManager.js';
import { serializeIdentity } from './serializedIdentity.js';
import type { MspVersion } from './settings.js';
import type { Identity } from './types.js';

let root: TestCertificate;
let client: TestCertificate;
let otherRoot: TestCertificate;

beforeAll(async () => {
  root = await issue({ subject: 'CN=ca.a', ca: true });
  otherRoot = await issue({ subject: 'CN=ca.b', ca: true });
  client = await issue({ subject: 'CN=user, OU=client', issuer: root });
});

interface Shape {
  roots?: TestCertificate[];
  intermediates?: TestCertificate[];
  admins?: TestCertificate[];
  crls?: Buffer[];
  units?: { unit: string; certifier?: TestCertificate }[];
  nodeOus?: Partial<Record<'client' | 'peer' | 'admin' | 'orderer', TestCertificate | undefined>>;
}

function mspOf(shape: Shape, version?: MspVersion): Msp {
  const config = new msp.FabricMSPConfig();
  config.setName('A');
  config.setRootCertsList((shape.roots ?? [root]).map(({ pem }) => pem));
  config.setIntermediateCertsList((shape.intermediates ?? []).map(({ pem }) => pem));
  config.setAdminsList((shape.admins ?? []).map(({ pem }) => pem));
  config.setRevocationListList(shape.crls ?? []);
  config.setOrganizationalUnitIdentifiersList(
    (shape.units ?? []).map(({ unit, certifier }) => identifier(unit, certifier)),
  );
  if (shape.nodeOus) {
    const nodeOus = new msp.FabricNodeOUs();
    nodeOus.setEnable(true);
    const { nodeOus: roles } = shape;
    if ('client' in roles) nodeOus.setClientOuIdentifier(identifier('client', roles.client));
    if ('peer' in roles) nodeOus.setPeerOuIdentifier(identifier('peer', roles.peer));
    if ('admin' in roles) nodeOus.setAdminOuIdentifier(identifier('admin', roles.admin));
    if ('orderer' in roles) nodeOus.setOrdererOuIdentifier(identifier('orderer', roles.orderer));
    config.setFabricNodeOus(nodeOus);
  }
  const outer = new msp.MSPConfig();
  outer.setConfig(config.serializeBinary());
  return Msp.fromConfig(outer.serializeBinary(), version);
}

function identifier(unit: string, certifier: TestCertificate | undefined): msp.FabricOUIdentifier {
  const made = new msp.FabricOUIdentifier();
  made.setOrganizationalUnitIdentifier(unit);
  if (certifier) made.setCertificate(certifier.pem);
  return made;
}

const allRoles = { client: undefined, peer: undefined, admin: undefined, orderer: undefined };

function read(owner: Msp, { pem }: Pick<TestCertificate, 'pem'>): Identity {
  return owner.deserializeIdentity(serializeIdentity('A', pem));
}

function principal(
  classification: 0 | 1 | 2 | 3 | 4,
  message: { serializeBinary(): Uint8Array },
): msp.MSPPrincipal {
  const made = new msp.MSPPrincipal();
  made.setPrincipalClassification(classification);
  made.setPrincipal(message.serializeBinary());
  return made;
}

function role(name: keyof typeof msp.MSPRole.MSPRoleType, mspId = 'A'): msp.MSPPrincipal {
  const made = new msp.MSPRole();
  made.setMspIdentifier(mspId);
  made.setRole(msp.MSPRole.MSPRoleType[name]);
  return principal(msp.MSPPrincipal.Classification.ROLE, made);
}

const { Classification } = msp.MSPPrincipal;

describe('an MSP', () => {
  it('refuses certificates of a foreign CA when it reads them', async () => {
    const stranger = await issue({ subject: 'CN=stranger', issuer: otherRoot });
    expect(() => read(mspOf({}), stranger)).toThrow(
      'the supplied identity is not valid: x509: certificate signed by unknown authority',
    );
    // The name of the CA is not enough.
    const impostor = await issue({ subject: 'CN=ca.a', ca: true });
    const forged = await issue({ subject: 'CN=stranger', issuer: impostor });
    expect(() => read(mspOf({}), forged)).toThrow('x509: certificate signed by unknown authority');
    // A member is no CA.
    const child = await issue({ subject: 'CN=child', issuer: client });
    expect(() => read(mspOf({ intermediates: [client] }), child)).toThrow('signed by unknown authority');
  });

  it('refuses what is no certificate, and identities of other MSPs', () => {
    const owner = mspOf({});
    expect(() => owner.deserializeIdentity(serializeIdentity('B', client.pem))).toThrow(
      'expected MSP ID A, received B',
    );
    expect(() => read(owner, { pem: Buffer.from('no PEM') })).toThrow('could not decode the PEM structure');
    const manager = new MspManager([owner]);
    expect(() => manager.deserializeIdentity(serializeIdentity('B', client.pem))).toThrow('MSP B is unknown');
    expect(() => manager.deserializeIdentity(Buffer.from('0f', 'hex'))).toThrow(
      'could not deserialize a SerializedIdentity: ',
    );
  });

  it('accepts chains through intermediates, whose parents certify nobody else', async () => {
    const middle = await issue({ subject: 'CN=middle', issuer: root, ca: true });
    const member = await issue({ subject: 'CN=member', issuer: middle });
    const owner = mspOf({ intermediates: [middle] });
    read(owner, member).validate();
    expect(() => read(owner, client).validate()).toThrow(
      'could not obtain certification chain: invalid validation chain. Parent certificate should be a leaf of the certification tree',
    );
    expect(() => read(owner, middle).validate()).toThrow('Certificate Authority equals true cannot be used');
    expect(() => read(owner, root).validate()).toThrow('Certificate Authority equals true cannot be used');
  });

  it('does not follow intermediates that certify each other for ever', async () => {
    const one = await issue({ subject: 'CN=one', ca: true });
    const two = await issue({ subject: 'CN=two', issuer: one, ca: true });
    const member = await issue({ subject: 'CN=member', issuer: two });
    expect(() => read(mspOf({ intermediates: [one, two] }), member)).toThrow('signed by unknown authority');
  });

  it('does not ask for the time, but the CA must be older than what it certified', async () => {
    const expired = await issue({
      subject: 'CN=old',
      issuer: root,
      notAfter: new Date(Date.now() - 60_000),
    });
    const identity = read(mspOf({}), expired);
    identity.validate();
    expect(identity.expiresAt.getTime()).toBeLessThan(Date.now());
    const before = await issue({ subject: 'CN=before', issuer: root, notBefore: new Date(0) });
    expect(() => read(mspOf({}), before).validate()).toThrow(
      'could not obtain certification chain: the supplied identity is not valid: x509: certificate has expired or is not yet valid',
    );
  });

  it('knows revoked certificates by lists that their CA signed', async () => {
    const { der, pem } = await revocationList(root, [client]);
    const revoked =
      'could not validate identity against certification chain: The certificate has been revoked';
    for (const list of [der, pem]) {
      const owner = mspOf({ crls: [list] });
      expect(() => read(owner, client).validate()).toThrow(revoked);
      read(owner, await issue({ subject: 'CN=another', issuer: root })).validate();
    }
    const forged = await revocationList(root, [client], otherRoot);
    read(mspOf({ crls: [forged.der] }), client).validate();
    const empty = await revocationList(root, []);
    read(mspOf({ crls: [empty.pem] }), client).validate();
  });

  it('gives both encodings of one certificate the same id', () => {
    const [tbs, algorithm, signature] = readDerSequence(
      readDer(Buffer.from(client.certificate.rawData)).content,
    );
    const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
    const curve = { order, half: order >> 1n };
    const low = toLowS(signature!.content.subarray(1), curve);
    const high = mirrored(low, order);
    const pemWith = (value: Uint8Array): Buffer => {
      const der = writeDer(0x30, tbs!.raw, algorithm!.raw, writeDer(0x03, Buffer.from([0]), value));
      return Buffer.from(
        `-----BEGIN CERTIFICATE-----\n${der.toString('base64')}\n-----END CERTIFICATE-----\n`,
      );
    };
    const owner = mspOf({});
    const [a, b] = [read(owner, { pem: pemWith(low) }), read(owner, { pem: pemWith(high) })];
    expect(a.certificate.raw.equals(b.certificate.raw)).toBe(false);
    expect(a.id).toBe(b.id);
    a.validate();
    b.validate();
  });

  function mirrored(signature: Uint8Array, order: bigint): Uint8Array {
    const [r, s] = readDerSequence(readDer(signature).content);
    const value = (order - BigInt(`0x${Buffer.from(s!.content).toString('hex')}`))
      .toString(16)
      .padStart(64, '0');
    return writeDer(
      0x30,
      r!.raw,
      writeDer(0x02, Buffer.concat([Buffer.from([0]), Buffer.from(value, 'hex')])),
    );
  }

  it('asks for the listed units of organizations without NodeOUs', async () => {
    const none = await issue({ subject: 'CN=plain', issuer: root });
    const owner = mspOf({ units: [{ unit: 'client', certifier: root }] });
    read(owner, client).validate();
    expect(() => read(owner, none).validate()).toThrow(
      "could not validate identity's OUs: the identity certificate does not contain an Organizational Unit (OU)",
    );
    expect(() => read(mspOf({ units: [{ unit: 'sales' }] }), client).validate()).toThrow(
      "none of the identity's organizational units [client] are in MSP A",
    );
    const elsewhere = mspOf({ roots: [root, otherRoot], units: [{ unit: 'client', certifier: otherRoot }] });
    expect(() => read(elsewhere, client).validate()).toThrow("none of the identity's organizational units");
  });

  it('tells roles apart by NodeOUs, certified by the CA that the configuration names', async () => {
    const admin = await issue({ subject: 'CN=admin, OU=admin', issuer: root });
    const both = await issue({ subject: 'CN=both, OU=admin, OU=client', issuer: root });
    const owner = mspOf({ nodeOus: { ...allRoles, client: root } });
    read(owner, client).satisfiesPrincipal(role('CLIENT'));
    read(owner, admin).satisfiesPrincipal(role('ADMIN'));
    expect(() => read(owner, client).satisfiesPrincipal(role('PEER'))).toThrow(
      'The identity is not a [PEER] under this MSP [A]: The identity does not contain OU [PEER], MSP: [A]',
    );
    expect(() => read(owner, both).validate()).toThrow(
      'not a combination of them. OUs: [admin client], MSP: [A]',
    );
    expect(() => read(owner, both).satisfiesPrincipal(role('ADMIN'))).toThrow(
      'The identity is not valid under this MSP [A]: ',
    );
    const wrongCa = mspOf({ roots: [root, otherRoot], nodeOus: { client: otherRoot, peer: undefined } });
    expect(() => read(wrongCa, client).validate()).toThrow(
      'certifiersIdentifier does not match: [client], MSP: [A]',
    );
    expect(() => read(wrongCa, client).satisfiesPrincipal(role('ORDERER'))).toThrow();
    const noOrderer = mspOf({ nodeOus: { client: undefined, peer: undefined } });
    expect(() => read(noOrderer, client).satisfiesPrincipal(role('ORDERER'))).toThrow(
      'cannot test for classification, node ou for type [ORDERER], not defined, msp: [A]',
    );
  });

  it('knows admins by their certificates where units say nothing', async () => {
    const admin = await issue({ subject: 'CN=boss', issuer: root });
    const owner = mspOf({ admins: [admin] });
    read(owner, admin).satisfiesPrincipal(role('ADMIN'));
    expect(() => read(owner, client).satisfiesPrincipal(role('ADMIN'))).toThrow(
      'This identity is not an admin',
    );
    expect(() => read(owner, client).satisfiesPrincipal(role('PEER'))).toThrow(
      'NodeOUs not activated. Cannot tell apart identities.',
    );
    expect(() => read(owner, client).satisfiesPrincipal(role('MEMBER', 'B'))).toThrow(
      'the identity is a member of a different MSP (expected B, got A)',
    );
  });

  it('follows the rules of the version that the channel allows', async () => {
    const admin = await issue({ subject: 'CN=admin, OU=admin', issuer: root });
    const shape = { nodeOus: allRoles };
    expect(() => read(mspOf(shape, 'v1.3'), admin).validate()).toThrow(
      'the identity must be a client or a peer identity to be valid',
    );
    expect(() => read(mspOf(shape, 'v1.1'), client).satisfiesPrincipal(role('ADMIN'))).toThrow(
      'This identity is not an admin',
    );
    read(mspOf(shape, 'v1.0'), admin).validate();
    const combined = new msp.CombinedPrincipal();
    combined.setPrincipalsList([role('MEMBER')]);
    const asked = principal(Classification.COMBINED, combined);
    read(mspOf({}, 'v1.3'), client).satisfiesPrincipal(asked);
    expect(() => read(mspOf({}, 'v1.1'), client).satisfiesPrincipal(asked)).toThrow(
      'invalid principal type 4',
    );
  });

  it('matches identities, units, combinations and anonymity', async () => {
    const owner = mspOf({});
    const identity = read(owner, client);
    const same = new msp.SerializedIdentity();
    same.setMspid('A');
    same.setIdBytes(Buffer.concat([Buffer.from('a comment\n'), client.pem]));
    identity.satisfiesPrincipal(principal(Classification.IDENTITY, same));
    const other = await issue({ subject: 'CN=user, OU=client', issuer: root });
    same.setIdBytes(other.pem);
    expect(() => identity.satisfiesPrincipal(principal(Classification.IDENTITY, same))).toThrow(
      'The identities do not match',
    );

    const unit = new msp.OrganizationUnit();
    unit.setMspIdentifier('A');
    unit.setOrganizationalUnitIdentifier('client');
    unit.setCertifiersIdentifier(createHash('sha256').update(Buffer.from(root.certificate.rawData)).digest());
    identity.satisfiesPrincipal(principal(Classification.ORGANIZATION_UNIT, unit));
    unit.setCertifiersIdentifier(Buffer.alloc(32));
    const foreignUnit = principal(Classification.ORGANIZATION_UNIT, unit);
    expect(() => identity.satisfiesPrincipal(foreignUnit)).toThrow('The identities do not match');

    const combined = new msp.CombinedPrincipal();
    expect(() => identity.satisfiesPrincipal(principal(Classification.COMBINED, combined))).toThrow(
      'No principals in CombinedPrincipal',
    );
    combined.setPrincipalsList([role('MEMBER'), foreignUnit]);
    expect(() => identity.satisfiesPrincipal(principal(Classification.COMBINED, combined))).toThrow(
      'The identities do not match',
    );

    const anonymity = new msp.MSPIdentityAnonymity();
    identity.satisfiesPrincipal(principal(Classification.ANONYMITY, anonymity));
    anonymity.setAnonymityType(msp.MSPIdentityAnonymity.MSPIdentityAnonymityType.ANONYMOUS);
    expect(() => identity.satisfiesPrincipal(principal(Classification.ANONYMITY, anonymity))).toThrow(
      'Principal is anonymous, but X.509 MSP does not support anonymous identities',
    );
  });

  it('refuses configurations that it cannot use', () => {
    expect(() => mspOf({ roots: [] })).toThrow('expected at least one CA certificate');
    const outer = new msp.MSPConfig();
    outer.setType(1);
    expect(() => Msp.fromConfig(outer.serializeBinary())).toThrow('unknown MSP type: 1');
    expect(() => Msp.fromConfig(Buffer.from('ff', 'hex'))).toThrow('error unmarshaling MSPConfig: ');
  });
});

describe('a manager of MSPs', () => {
  it('gives one identity for the same bytes, and keeps no view on the message they came in', () => {
    const manager = new MspManager([mspOf({})]);
    const message = Buffer.concat([Buffer.alloc(1_000), serializeIdentity('A', client.pem)]);
    const identity = manager.deserializeIdentity(message.subarray(1_000));
    expect(manager.deserializeIdentity(serializeIdentity('A', client.pem))).toBe(identity);
    expect(identity.serialized.buffer.byteLength).toBeLessThan(message.length);
    expect(manager.mspIds).toEqual(['A']);
    expect(manager.getMsp('A')?.mspId).toBe('A');
  });
});
