/** HostConfig of the Docker Engine API: the keys that Fabric's core.yaml has, as the API spells them. */
export type HostConfig = Readonly<Record<string, unknown>> & { readonly NetworkMode: string };

/** The body of `POST /containers/create`, as far as it is used. */
export interface ContainerSpec {
  readonly Env?: readonly string[];
  readonly Cmd: readonly string[];
  readonly Image: string;
  readonly AttachStdout?: true;
  readonly AttachStderr?: true;
  readonly Labels?: Readonly<Record<string, string>>;
  readonly HostConfig: HostConfig;
}
