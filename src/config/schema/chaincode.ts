import { choice, duration, flag, names, section, text } from './kinds.js';
import { unused } from './unused.js';

const imageOf = (what: string, image: string) =>
  text(
    `Image that ${what} chaincode runs in (Docker and Kubernetes). Empty = ${image} in Docker; on Kubernetes it must be set.`,
  );

/** How chaincode is built, launched and called, whichever provider runs it. */
export const chaincode = section('How chaincode is built, launched and called.', {
  builder: text(
    'Image that builds chaincode (Docker and Kubernetes). Empty = `$(DOCKER_NS)/fabric-ccenv:$(TWO_DIGIT_VERSION)` in Docker; on Kubernetes it must be set.',
  ),
  pull: flag('Docker only: ask the registry for a newer runtime image at each build.'),
  golang: section('', {
    runtime: imageOf('Go', '`$(BASE_DOCKER_NS)/fabric-baseos:$(ARCH)-$(BASE_VERSION)`'),
    dynamicLink: flag('Link Go chaincode dynamically (Docker and Kubernetes).'),
  }),
  car: section('', {
    runtime: imageOf('CAR', '`$(BASE_DOCKER_NS)/fabric-baseos:$(ARCH)-$(BASE_VERSION)`'),
  }),
  java: section('', {
    runtime: imageOf('Java', '`$(DOCKER_NS)/fabric-javaenv:$(TWO_DIGIT_VERSION)`'),
    ...unused.java,
  }),
  node: section('', {
    runtime: imageOf('Node.js', '`$(BASE_DOCKER_NS)/fabric-baseimage:$(ARCH)-$(BASE_VERSION)`'),
  }),
  startuptimeout: duration(
    'A launch fails when the chaincode has not registered after so long, builds included. Below 5s counts as 5s.',
    '300s',
  ),
  executetimeout: duration(
    'A call of chaincode fails when it has not answered after so long. Below 1s counts as 30s.',
    '30s',
  ),
  mode: choice(
    '`net`: the endorser launches chaincode. `dev`: somebody starts it by hand, and it registers by itself.',
    ['net', 'dev'],
    'net',
  ),
  keepalive: text(
    'Seconds between two keepalive messages to chaincode; 0, or what is no number, switches them off. Node.js shims end when they get one.',
    '0',
  ),
  system: names(
    'System chaincodes that are on: `enable`, `true` or `yes`; anything else switches one off. It is then started for nobody.',
    { cscc: 'enable', lscc: 'enable', qscc: 'enable' },
  ),
  logging: section('Log settings that chaincode gets. They are its own to follow.', {
    level: text(
      'Log level of chaincode, in its `CORE_CHAINCODE_LOGGING_LEVEL`: debug, info, notice, warning, error or critical.',
      'info',
    ),
    shim: text('Log level of its shim, in `CORE_CHAINCODE_LOGGING_SHIM`.', 'warning'),
    format: text(
      'Log format of chaincode, in `CORE_CHAINCODE_LOGGING_FORMAT`.',
      '%{color}%{time:2006-01-02 15:04:05.000 MST} [%{module}] %{shortfunc} -> %{level:.4s} %{id:03x}%{color:reset} %{message}',
    ),
  }),
  ...unused.chaincode,
});
