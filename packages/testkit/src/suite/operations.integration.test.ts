import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { hasProgram } from '../machine/has-program.js';
import { freePort } from '../machine/ports.js';
import { repositoryPath } from '../services/service-process.js';
import { startAtTerminal } from '../services/terminal.js';
import { guideSteps, missingLines, runStep } from './operations-guide.js';

const CAN_RUN = ['bash', 'curl', 'script'].every(hasProgram) || inject('broker').kind === 'kafka';
const BINARY = repositoryPath('apps/cli/bin/kafka-http-proxy.js');

/** A newcomer's hour: the page's commands one after the other, beside the demo that its first one starts. */
describe.runIf(CAN_RUN)('docs/operations.md, beside the demo', () => {
  const [start, ...steps] = guideSteps('demo');
  let folder: string;
  let env: Record<string, string>;
  let stop: () => Promise<number>;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'khp-operations-'));
    // What npm puts on the path of whoever installs the package.
    const command = join(folder, 'kafka-http-proxy');
    writeFileSync(command, `#!/bin/sh\nexec '${process.execPath}' '${BINARY}' "$@"\n`);
    chmodSync(command, 0o755);
    const port = await freePort();
    const [, args = ''] = /pnpm@10 start (.*)$/m.exec(start?.commands ?? '') ?? [];
    const demo = startAtTerminal(['sh', '-c', `cd '${folder}' && exec kafka-http-proxy demo ${args}`], {
      PATH: `${folder}:${process.env.PATH}`,
      PROXY_PORT: String(port),
    });
    stop = demo.interrupt;
    await demo.printed('Ctrl-C ends it.');
    // Behind the hour the page speaks of configurations of one's own.
    for (const tier of ['proxy', 'processor']) symlinkSync(`demo/${tier}.yaml`, join(folder, `${tier}.yaml`));
    const [, url = ''] = /^Break it: curl -X POST (\S+)\/break/m.exec(demo.text()) ?? [];
    env = { PATH: `${folder}:${process.env.PATH}`, HOME: folder, SWITCH: url, PROXY: `http://127.0.0.1:${port}` };
  });
  afterAll(async () => {
    await stop?.();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each(steps)('$title', async ({ commands, exit, prints }) => {
    const result = await runStep(commands, folder, env);
    expect(result.exit, result.output).toBe(exit);
    if (prints !== null) expect(missingLines(prints, result.output), result.output).toEqual([]);
  });
});
