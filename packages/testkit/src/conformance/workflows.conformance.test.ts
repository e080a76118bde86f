import { expect, it } from 'vitest';
import { goTool } from '../machine/go-tool.js';
import { mustRun } from '../machine/program.js';
import { repositoryPath } from '../services/service-process.js';

/* GitHub's own parser is not to be had; actionlint knows its syntax, contexts, permissions and the actions' inputs. */

it('the workflows are as GitHub takes them', async () => {
  const actionlint = await goTool('actionlint', 'github.com/rhysd/actionlint/cmd/actionlint', 'v1.7.12');
  // Its opinion of shell scripts depends on whether shellcheck is installed.
  expect(await mustRun(actionlint, ['-color=false', '-shellcheck='], { cwd: repositoryPath('.') })).toBe('');
}, 300_000);
