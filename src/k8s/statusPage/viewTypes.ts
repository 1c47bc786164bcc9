/** What the status page is told, by JSON and by its stream. Nothing else of an object leaves the server. */

/** A launch as a line of the table. Times are RFC 3339 texts. */
export interface LaunchRow {
  /** `namespace/name` */
  readonly key: string;
  readonly namespace: string;
  readonly name: string;
  readonly chaincode: string;
  readonly version: string;
  /** GOLANG, NODE, CAR or JAVA. */
  readonly type: string;
  /** peer.id of the endorser. */
  readonly peer: string;
  readonly mspId: string;
  /** Channel whose proposal asked for this launch first. */
  readonly channel?: string | undefined;
  readonly phase: string;
  /** The endorser has its stream. */
  readonly ready: boolean;
  readonly reason: string;
  /** The first line, shortened. */
  readonly message: string;
  /** Number of the launch attempt that phase and times are about. */
  readonly attempt: number;
  readonly created?: string | undefined;
  readonly begun?: string | undefined;
  readonly registered?: string | undefined;
  readonly ended?: string | undefined;
  readonly pod?: string | undefined;
  readonly node?: string | undefined;
  readonly exitCode?: number | undefined;
  /** What people have asked of this launch. */
  readonly marks: readonly Mark[];
}

export type Mark = 'paused' | 'suspended' | 'deleting';

/** `done` went over into the next phase; `failed` and `stopped` are where the attempt ended. */
export type BarState = 'done' | 'running' | 'failed' | 'stopped';

/** One phase of an attempt, in milliseconds since the attempt began. */
export interface Bar {
  readonly phase: string;
  readonly from: number;
  /** Absent = goes on. */
  readonly to?: number | undefined;
  readonly state: BarState;
}

export interface ConditionView {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
  readonly since: string;
}

export interface ExitView {
  readonly code: number;
  readonly reason?: string | undefined;
  readonly signal?: string | undefined;
  /** Oldest first. */
  readonly lastLines: readonly string[];
}

export interface CommandView {
  /** What it shows. */
  readonly title: string;
  readonly command: string;
}

/** A launch as a page of its own. */
export interface LaunchDetail {
  readonly row: LaunchRow;
  /** All of it. */
  readonly message: string;
  readonly image: string;
  readonly buildImage?: string | undefined;
  /** The transaction that asked for this launch. */
  readonly transaction?: string | undefined;
  readonly buildPod?: string | undefined;
  readonly exit?: ExitView | undefined;
  readonly bars: readonly Bar[];
  readonly conditions: readonly ConditionView[];
  readonly commands: readonly CommandView[];
}

/** The operator that answers. */
export interface ServerState {
  /** Its clock. */
  readonly now: string;
  /** Host name: the name of its Pod. */
  readonly replica: string;
  readonly leads: boolean;
  /** Namespace whose launches it serves; absent = all. */
  readonly namespace?: string | undefined;
  /** False until the first list of launches is here. */
  readonly synced: boolean;
  /** Why it does not follow the API server at the moment. */
  readonly trouble?: string | undefined;
}

/** `event: launches` of the stream. */
export interface LaunchesNews {
  readonly state: ServerState;
  /** These are all; what is not among them is gone. */
  readonly full: boolean;
  readonly launches: readonly LaunchRow[];
  /** Keys of those that were deleted. */
  readonly gone: readonly string[];
}

/** `event: launch` of the stream of one launch. */
export interface LaunchNews {
  readonly state: ServerState;
  /** Null: there is no such launch. */
  readonly launch: LaunchDetail | null;
}
