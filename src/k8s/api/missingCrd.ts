import { LauncherError } from '../../errors.js';
import { ApiError } from '../client/apiError.js';

/** Puts into one clear sentence that the CRD is not installed; any other error comes back as it is. */
export function explainMissingCrd(error: unknown): unknown {
  const missing =
    error instanceof ApiError &&
    error.code === 404 &&
    /could not find the requested resource|page not found/.test(error.message);
  if (!missing) return error;
  return new LauncherError(
    'the CustomResourceDefinition chaincodelaunches.chaincode-launcher.dev is not installed: kubectl apply --server-side -f deploy/crds',
    { cause: error },
  );
}
