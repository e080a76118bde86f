import { goTool } from '../machine/go-tool.js';

/** Path of `crane`, client and registry of github.com/google/go-containerregistry, built by Go on first use. */
export function crane(): Promise<string> {
  return goTool('crane', 'github.com/google/go-containerregistry/cmd/crane', 'v0.22.1');
}
