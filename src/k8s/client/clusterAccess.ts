import type { AgentOptions } from 'node:https';

/** How the API server is reached, and as whom. */
export interface ClusterAccess {
  /** `https://host:port`, without a slash at the end. */
  readonly server: string;
  /** The namespace of the Pod or of the kubeconfig's context. */
  readonly namespace: string;
  /** TLS of the connection: CA, and client certificate if there is one. */
  readonly tls: AgentOptions;
  /** The Authorization header, if there is one. @param renew the server refused the last one */
  authorization(renew: boolean): Promise<string | undefined>;
}

export interface AccessOptions {
  /** A kubeconfig. Empty = the Pod's service account where there is one, else KUBECONFIG, else ~/.kube/config. */
  readonly kubeconfig?: string;
  readonly context?: string;
}
