import { join } from 'node:path';
import { cached } from '../cached.js';
import { mustRun } from '../program.js';

const VERSION = 'v0.22.1';

/** Path of `crane`, client and registry of github.com/google/go-containerregistry, built by Go on first use. */
export function crane(): Promise<string> {
  return cached(`crane-${VERSION}`, async (draft) => {
    // Outside of the repository, whatever Go finds there.
    await mustRun('go', ['install', `github.com/google/go-containerregistry/cmd/crane@${VERSION}`], {
      cwd: draft,
      env: { GOBIN: draft },
    });
    return join(draft, 'crane');
  });
}
