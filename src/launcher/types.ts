/** Chaincode platforms that an install may name (ChaincodeSpec.Type by name). */
export type ChaincodeType = 'GOLANG' | 'NODE' | 'CAR' | 'JAVA';

/** The key of the provider map: user chaincode is DOCKER whatever provider serves it, system chaincode is SYSTEM (contract 1.1). */
export type ContainerType = 'DOCKER' | 'SYSTEM';

/** Fabric's ChaincodeContainerInfo: which chaincode is to run. */
export interface ChaincodeContainerInfo {
  readonly name: string;
  readonly version: string;
  readonly path: string;
  readonly type: ChaincodeType;
  readonly containerType: ContainerType;
}

/** `‹name›:‹version›`: the registry key and CORE_CHAINCODE_ID_NAME. */
export function chaincodeName(info: { readonly name: string; readonly version: string }): string {
  return `${info.name}:${info.version}`;
}

/** Identifies a VM: Fabric's CCID. Its name is `‹name›-‹version›`. */
export interface CCID {
  readonly name: string;
  readonly version: string;
}

/** A file that must exist, at this absolute path as the chaincode sees it, before the chaincode starts. */
export interface VMFile {
  readonly path: string;
  readonly content: Uint8Array;
  /** File mode; keys are 0o600. */
  readonly mode: number;
}

/** The transaction whose proposal asked for a launch first; for people who look at the VM. */
export interface LaunchOrigin {
  readonly channelId: string;
  readonly txId: string;
}

/** All that a provider gets to start one chaincode; a provider never knows proposals. */
export interface VMStart {
  readonly ccid: CCID;
  readonly type: ChaincodeType;
  /** ChaincodeID.path of the installed package. */
  readonly path: string;
  /** The platform's command line as the container contract has it (contract 5.1). */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** The TLS files (contract 5.3). */
  readonly files: readonly VMFile[];
  /** ChaincodeDeploymentSpec.code_package; empty for SYSTEM. */
  readonly codePackage: Uint8Array;
  /** Where the chaincode reaches the peer, host:port. */
  readonly peerAddress: string;
  readonly origin?: LaunchOrigin | undefined;
  /** Progress of this start, for the launch's timeline and its failure text. */
  readonly progress: LaunchProgress;
  /** Aborted when the launch has failed meanwhile (startup timeout): a build or pull may be given up. */
  readonly signal?: AbortSignal;
}

/** How a chaincode ended. */
export interface ExitStatus {
  /** -1 = it is gone and nobody saw how. */
  readonly exitCode: number;
  readonly signal?: string;
  /** The last lines that it printed, oldest first; for the failure's text. */
  readonly lastLines: readonly string[];
}

/** Steps of a launch, in order. */
export type LaunchStep =
  'packageKept' | 'built' | 'started' | 'registered' | 'initDone' | 'endorsed' | 'ordered' | 'committed';

/** Where a launch tells how far it is. Handed down from the launcher to the provider. */
export interface LaunchProgress {
  step(step: LaunchStep): void;
  /** One line of the chaincode's or the build's output. */
  output(line: string): void;
}

/** The "VM" of a chaincode: a process, a container, a Pod, or a function in this process. */
export interface VM {
  /** Resolves when it runs; rejects with the reason. Never leaves anything running after a rejection. */
  start(request: VMStart): Promise<void>;
  /** Resolves when it ends. Rejects when there is nothing to wait for. */
  wait(ccid: CCID): Promise<ExitStatus>;
  /** Stops and removes it, with all its children. Nothing to stop is not an error. */
  stop(ccid: CCID): Promise<void>;
  /** The handler registry tells that it has registered, or that its stream has ended: for VMs that show it to others. */
  registration?(ccid: CCID, registered: boolean): Promise<void>;
}

/** One kind of VM; one per ContainerType is wired in. */
export interface VMProvider extends VM {
  /** Component name in /healthz and in logs: process, docker, kubernetes, inproc. */
  readonly name: string;
  healthCheck(): Promise<void>;
  /** Ends everything that this provider started. */
  close(): Promise<void>;
}
