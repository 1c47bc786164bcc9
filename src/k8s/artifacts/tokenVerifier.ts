import { createPublicKey, verify, type JsonWebKey, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { LauncherError } from '../../errors.js';
import type { KubeClient } from '../client/kubeClient.js';

/** Who has shown a valid token: a Pod, by its name and UID. */
export interface PodIdentity {
  readonly namespace: string;
  readonly podName: string;
  readonly podUid: string;
  readonly serviceAccount: string;
}

/** A token is not accepted; the text says why. */
export class TokenRefused extends LauncherError {
  override readonly name = 'TokenRefused';
}

interface Claims {
  readonly iss?: string;
  readonly aud?: string | readonly string[];
  readonly exp?: number;
  readonly nbf?: number;
  readonly 'kubernetes.io'?: {
    readonly namespace?: string;
    readonly pod?: { readonly name?: string; readonly uid?: string };
    readonly serviceaccount?: { readonly name?: string };
  };
}

interface Keys {
  readonly issuer: string;
  readonly byId: ReadonlyMap<string, { readonly key: KeyObject; readonly alg: string }>;
  readonly readAt: number;
}

/** Unknown keys make us ask again, but not more often than this: anybody can send us tokens. */
const refreshMs = 10_000;
/** Clocks of the API server and of this machine may differ so much. */
const leewaySeconds = 60;
const longestToken = 16 * 1024;
const digests: Readonly<Record<string, string>> = { RS256: 'RSA-SHA256', ES256: 'SHA256' };
const verifyAsync = promisify(verify);

/** Checks projected service account tokens against the keys that the API server publishes; no TokenReview, no rights. */
export class TokenVerifier {
  readonly #client: Pick<KubeClient, 'json'>;
  readonly #audience: string;
  readonly #now: () => number;
  #keys: Promise<Keys> | undefined;

  /** @param now milliseconds since 1970 */
  constructor(client: Pick<KubeClient, 'json'>, audience: string, now: () => number = Date.now) {
    this.#client = client;
    this.#audience = audience;
    this.#now = now;
  }

  /** @throws TokenRefused */
  async verify(token: string): Promise<PodIdentity> {
    if (token.length > longestToken) throw new TokenRefused('the token is too long');
    const [head, body, signature, ...rest] = token.split('.');
    if (!head || !body || !signature || rest.length > 0) throw new TokenRefused('the token is no JWT');
    const { alg, kid } = parsePart(head);
    const { issuer, known } = await this.#key(kid ?? '');
    if (!known || known.alg !== alg) throw new TokenRefused('the token is signed with an unknown key');
    const valid = await verifyAsync(
      digests[known.alg],
      Buffer.from(`${head}.${body}`),
      known.alg === 'ES256' ? { key: known.key, dsaEncoding: 'ieee-p1363' } : known.key,
      Buffer.from(signature, 'base64url'),
    );
    if (!valid) throw new TokenRefused('the signature of the token is wrong');
    return this.#identity(parsePart(body), issuer);
  }

  #identity(claims: Claims, issuer: string): PodIdentity {
    const now = this.#now() / 1000;
    if (claims.iss !== issuer) throw new TokenRefused(`the token was issued by ${claims.iss ?? 'nobody'}`);
    const audiences = typeof claims.aud === 'string' ? [claims.aud] : (claims.aud ?? []);
    if (!audiences.includes(this.#audience)) {
      throw new TokenRefused(`the token is for ${audiences.join(', ') || 'nobody'}, not for this endorser`);
    }
    if (claims.exp === undefined || claims.exp + leewaySeconds < now)
      throw new TokenRefused('the token has expired');
    if (claims.nbf !== undefined && claims.nbf - leewaySeconds > now) {
      throw new TokenRefused('the token is not valid yet: compare the clocks');
    }
    const { namespace, pod, serviceaccount } = claims['kubernetes.io'] ?? {};
    if (!namespace || !pod?.name || !pod.uid) throw new TokenRefused('the token belongs to no Pod');
    return {
      namespace,
      podName: pod.name,
      podUid: pod.uid,
      serviceAccount: serviceaccount?.name ?? '',
    };
  }

  async #key(id: string): Promise<{ issuer: string; known: { key: KeyObject; alg: string } | undefined }> {
    let keys = await this.#current();
    if (!keys.byId.has(id) && performance.now() - keys.readAt > refreshMs) {
      this.#keys = undefined;
      keys = await this.#current();
    }
    return { issuer: keys.issuer, known: keys.byId.get(id) };
  }

  #current(): Promise<Keys> {
    this.#keys ??= this.#read().catch((error: unknown) => {
      this.#keys = undefined;
      throw error;
    });
    return this.#keys;
  }

  async #read(): Promise<Keys> {
    const { issuer } = await this.#client.json<{ issuer: string }>({
      method: 'GET',
      path: '/.well-known/openid-configuration',
    });
    const { keys } = await this.#client.json<{
      keys: readonly (JsonWebKey & { kid?: string; alg?: string })[];
    }>({
      method: 'GET',
      path: '/openid/v1/jwks',
    });
    const usable = keys.flatMap((jwk): [string, { key: KeyObject; alg: string }][] => {
      const alg = jwk.alg ?? '';
      if (digests[alg] === undefined || jwk.kid === undefined) return [];
      return [[jwk.kid, { key: createPublicKey({ key: jwk, format: 'jwk' }), alg }]];
    });
    return { issuer, byId: new Map(usable), readAt: performance.now() };
  }
}

function parsePart(part: string): Claims & { readonly alg?: string; readonly kid?: string } {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    if (typeof value === 'object' && value !== null) return value;
  } catch (error) {
    throw new TokenRefused('the token is no JWT', { cause: error });
  }
  throw new TokenRefused('the token is no JWT');
}
