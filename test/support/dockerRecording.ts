import { fixture, fixtureJson } from './fixtures.js';

/** An entry of a recorded archive. */
export interface RecordedEntry {
  readonly name: string;
  readonly mode: string;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly mtime: number;
  readonly text?: string;
}

/** A body as the recording keeps it: its text, a file beside it, or only what was in it. */
export interface RecordedBody {
  readonly text?: string;
  readonly file?: string;
  readonly sha256?: string;
  readonly tar?: readonly RecordedEntry[];
}

/** One request of a Fabric peer to its engine, and the engine's answer. */
export interface RecordedRequest {
  readonly method: string;
  readonly path: string;
  readonly body?: RecordedBody;
  /** Absent: the engine did not answer, or not before the recording ended. */
  readonly status?: number;
  readonly response?: RecordedBody;
}

/** All requests of one launch: from the removal of what has its name to the removal of what it left, if it failed. */
export interface RecordedLaunch {
  readonly situation: string;
  readonly container: string;
  readonly requests: readonly RecordedRequest[];
  /** The launch failed, so its remains were stopped, killed and removed. */
  readonly cleared: boolean;
}

const folder = 'docker-api-14';

/** The situations of docker-api-14, cut into launches. */
export function recordedLaunches(): RecordedLaunch[] {
  const situations = fixtureJson(folder, 'index.json') as { file: string; situation: string }[];
  return situations.flatMap(({ file, situation }) => cut(situation, requestsOf(file)));
}

/** The bytes of a body that is kept as a file. */
export function recordedBytes(file: string): Buffer {
  return fixture(folder, file);
}

function requestsOf(file: string): RecordedRequest[] {
  return fixture(folder, file)
    .toString('utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as RecordedRequest)
    .filter(({ path }) => path !== '/_ping');
}

/** A launch begins with stop, kill, DELETE and the creation of one name; stop, kill and DELETE alone end one. */
function cut(situation: string, requests: readonly RecordedRequest[]): RecordedLaunch[] {
  const launches: { container: string; requests: RecordedRequest[]; cleared: boolean }[] = [];
  requests.forEach((request, at) => {
    const name = /^\/containers\/([^/]+)\/stop\?/.exec(request.path)?.[1];
    const creates = requests[at + 3]?.path === `/containers/create?name=${name ?? ''}`;
    if (name !== undefined && creates) launches.push({ container: name, requests: [], cleared: false });
    const launch = launches.at(-1);
    if (!launch) throw new Error(`${situation} does not begin with a launch: ${request.path}`);
    if (name !== undefined && !creates) launch.cleared = true;
    launch.requests.push(request);
  });
  return launches.map((launch) => ({ situation, ...launch }));
}
