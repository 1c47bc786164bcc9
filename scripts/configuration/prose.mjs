// What the program's own data do not say.
import { table } from './markdown.mjs';

export const precedence = `## Which value holds

The first of these that says something:

1. a flag of the command;
2. a \`CORE_…\` variable that is not empty: the key in capitals, with \`_\` for each dot. A list is written with commas or blanks
   between its texts;
3. \`core.yaml\`: the file or folder of \`--config\`, else the folder \`FABRIC_CFG_PATH\`, else the working directory, else
   /etc/hyperledger/fabric;
4. the default.

\`FABRIC_LOGGING_SPEC\` wins over \`logging.spec\` wherever that is set, \`--verbose\` over both. A variable that looks like a
mistyped key is a warning in the log.

\`dev\` makes a network of its own: it sets \`peer.id\`, \`peer.localMspId\`, \`peer.mspConfigPath\`, \`peer.fileSystemPath\`, all addresses and
TLS files of \`peer\`, \`operations.listenAddress\`, \`metrics.provider: prometheus\` and \`vm.kubernetes.instance\`. \`CORE_PEER_…\` variables
and \`FABRIC_CFG_PATH\`, which describe clients there, are not read. The CLI reads \`peer\` from the \`core.yaml\` that
\`FABRIC_CFG_PATH\` names, with the same variables over it.`;

export const variables = `Other variables:

${table(
  ['Variable', 'Who reads it', 'What it is'],
  [
    ['`FABRIC_CFG_PATH`', 'endorser, CLI', 'folder of core.yaml'],
    ['`FABRIC_LOGGING_SPEC`', 'all', 'log levels'],
    ['`KUBECONFIG`', 'endorser, operator, `launches`', 'kubeconfig, where nothing else names one'],
    ['`ORDERER_ADDRESS`, `ORDERER_CA`', 'CLI', 'orderer and its CA, where `-o` and `--cafile` are not given'],
    [
      '`CORE_OPERATIONS_LISTENADDRESS`',
      '`launches`',
      'operations endpoint, where `--operations` is not given',
    ],
    [
      '`PATH`, `GOPATH`, `JAVA_HOME`, `npm_config_…`, `https_proxy`, …',
      'builds of chaincode processes',
      'the platforms’ own settings; chaincode itself sees `LANG`, `TZ` and `JAVA_HOME` of them',
    ],
  ],
)}`;
