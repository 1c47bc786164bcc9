import { createPrivateKey, X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { CertAuth } from './certAuth.js';
import { LaunchCa } from './launchCa.js';

describe('the CA of chaincode TLS', () => {
  it('is a new one each time, for P-256, and says nothing but a serial number', async () => {
    const [one, two] = await Promise.all([LaunchCa.create(), LaunchCa.create()]);
    const certificate = new X509Certificate(one.certPem);
    expect(certificate.ca).toBe(true);
    expect(certificate.subject).toMatch(/^serialNumber=\d+$/);
    expect(certificate.publicKey.asymmetricKeyDetails?.namedCurve).toBe('prime256v1');
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    // Node lists the extended key usages: with anyExtendedKeyUsage there, OpenSSL 3 refuses the CA.
    expect(certificate.keyUsage).toBeUndefined();
    expect(one.certPem).not.toBe(two.certPem);
  });

  it('issues the listener’s certificate for its host, names and addresses alike', async () => {
    const ca = await LaunchCa.create();
    const { certPem, keyPem } = await ca.issueServerCert('peer0.org1.example.com');
    const certificate = new X509Certificate(certPem);
    expect(certificate.checkHost('peer0.org1.example.com')).toBe('peer0.org1.example.com');
    expect(certificate.checkHost('localhost')).toBe('localhost');
    expect(certificate.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(certificate.verify(new X509Certificate(ca.certPem).publicKey)).toBe(true);
    expect(certificate.checkPrivateKey(createPrivateKey(keyPem))).toBe(true);
    const byIp = new X509Certificate((await ca.issueServerCert('10.1.2.3')).certPem);
    expect(byIp.checkIP('10.1.2.3')).toBe('10.1.2.3');
  });

  it('issues a client certificate per launch that proves one name, as long as the launch lives', async () => {
    const ca = await LaunchCa.create();
    const auth = new CertAuth(ca);
    const launch = await auth.generate('mycc:1.0');
    const der = new X509Certificate(launch.certPem).raw;
    auth.check('mycc:1.0', der);
    expect(() => auth.check('other:1.0', der)).toThrow(
      /^Chaincode other:1\.0 with given certificate hash \[\d{1,3}( \d{1,3}){31}\] belongs to a different chaincode$/,
    );
    expect(() => auth.check('mycc:1.0', undefined)).toThrow(
      "TLS is active but chaincode mycc:1.0 didn't send certificate",
    );
    launch.release();
    launch.release();
    expect(() => auth.check('mycc:1.0', der)).toThrow(/ not found in registry$/);
  });
});
