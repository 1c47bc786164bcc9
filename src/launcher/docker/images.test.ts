import { describe, expect, it } from 'vitest';
import { imageReference } from './imageReference.js';
import { builderImage, expandMacros, runtimeImage, type ImageSettings } from './images.js';
import { containerName, imageName } from './names.js';

const versions = { version: '1.4.12', base: '0.4.22' };
const settings: ImageSettings = {
  builder: '',
  runtimes: { GOLANG: '', CAR: '', JAVA: '', NODE: '' },
  golangDynamicLink: false,
  pull: false,
};
const arch = { x64: 'amd64', arm64: 'arm64' }[process.arch as string] ?? process.arch;

describe('images of core.yaml', () => {
  it('are Fabric’s when nothing is written', () => {
    const base = `hyperledger/fabric-baseos:${arch}-0.4.22`;
    expect(runtimeImage('GOLANG', settings, versions)).toBe(base);
    expect(runtimeImage('CAR', settings, versions)).toBe(base);
    expect(runtimeImage('JAVA', settings, versions)).toBe('hyperledger/fabric-javaenv:1.4');
    expect(runtimeImage('NODE', settings, versions)).toBe(`hyperledger/fabric-baseimage:${arch}-0.4.22`);
    expect(builderImage('NODE', settings, versions)).toBe('hyperledger/fabric-ccenv:1.4');
    expect(builderImage('JAVA', settings, versions)).toBe('hyperledger/fabric-javaenv:1.4');
  });

  it('may use every macro of Fabric; others stay as they are', () => {
    const all =
      '$(DOCKER_NS)/$(BASE_DOCKER_NS)/x:$(ARCH)-$(PROJECT_VERSION)-$(TWO_DIGIT_VERSION)-$(BASE_VERSION)';
    expect(expandMacros(all, versions)).toBe(`hyperledger/hyperledger/x:${arch}-1.4.12-1.4-0.4.22`);
    expect(expandMacros('x:$(OTHER)', versions)).toBe('x:$(OTHER)');
  });
});

describe('an image reference', () => {
  it.each([
    ['kv', 'kv', 'latest'],
    ['kv:1', 'kv', '1'],
    ['registry:5000/a/kv', 'registry:5000/a/kv', 'latest'],
    ['registry:5000/a/kv:1.0', 'registry:5000/a/kv', '1.0'],
    ['registry:5000/kv@sha256:ab', 'registry:5000/kv', 'sha256:ab'],
  ])('%s is %s and %s', (image, repository, tag) => {
    expect(imageReference(image)).toEqual({ repository, tag });
  });
});

describe('names of containers and images', () => {
  const peer = { networkId: 'dev', peerId: 'peer0' };

  it('have what Docker does not take replaced, and images are lower case with the hash of the whole name', () => {
    const ccid = { name: 'My_CC', version: '1.0+a' };
    expect(containerName(peer, ccid)).toBe('dev-peer0-My_CC-1.0-a');
    expect(imageName(peer, ccid)).toMatch(/^dev-peer0-my_cc-1\.0-a-[0-9a-f]{64}$/);
  });

  it('leave out empty parts', () => {
    expect(containerName({ networkId: '', peerId: 'peer0' }, { name: 'a', version: '' })).toBe('peer0-a');
  });

  it('that Docker would refuse are refused with Fabric’s words', () => {
    expect(() => imageName({ networkId: '', peerId: '' }, { name: '_a', version: '1' })).toThrow(
      "Error constructing Docker VM Name. '_a-1' breaks Docker's repository naming rules",
    );
  });
});
