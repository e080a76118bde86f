// Checks what a user gets: the commands, the main job, and that nothing of a machine was committed.
// Prints a line a check and, last, "N passed, N failed".
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
let passed = 0;
let failed = 0;

async function check(what, test) {
  try {
    const complaint = await test();
    if (complaint) throw new Error(complaint);
    passed++;
    console.log(`ok      ${what}`);
  } catch (error) {
    failed++;
    console.log(`FAILED  ${what}: ${error.message}`);
  }
}

function run(command, args, env = {}) {
  const { status, stdout, stderr } = spawnSync(command, args, {
    encoding: 'utf8',
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
  });
  return { status, stdout, stderr };
}
const expectStatus = ({ status, stdout, stderr }, wanted) =>
  status === wanted ? undefined : `exit code ${status}, ${wanted} was expected\n${stdout}${stderr}`;

const COMMANDS = [
  ['kafka-proxy', {}],
  ['kafka-processor', { KAFKA_TOPICS: 'a:b,c,http://d' }],
  ['kafka-http-proxy', { MODE: 'proxy' }],
  ['kafka-http-proxy', { MODE: 'processor', KAFKA_TOPICS: 'a:b,c,http://d' }],
];
for (const [command, env] of COMMANDS) {
  const bin = `node_modules/.bin/${command}`;
  const name = `${command}${env.MODE ? ` as ${env.MODE}` : ''}`;
  await check(`${name} --version`, () => {
    const { stdout } = run(bin, ['--version'], env);
    return stdout.trim() === version ? undefined : `"${stdout.trim()}", ${version} was expected`;
  });
  await check(`${name} --help`, () => expectStatus(run(bin, ['--help'], env), 0));
  await check(`${name} --check`, () => expectStatus(run(bin, ['--check'], env), 0));
  await check(`${name} --check, with a mistake`, () =>
    expectStatus(run(bin, ['--check'], { ...env, KAFKA_TOPIC_PARTITIONS: 'many' }), 2),
  );
}
await check('kafka-http-proxy in an unknown MODE', () =>
  expectStatus(run('node_modules/.bin/kafka-http-proxy', [], { MODE: 'both' }), 2),
);

await check('pnpm start runs the main job, answers curl, and ends on Ctrl-C', async () => {
  const child = spawn('npx', ['-y', 'pnpm@10', 'start'], { stdio: ['ignore', 'pipe', 'inherit'], detached: true });
  const exited = new Promise((resolve) => child.once('exit', (code, signal) => resolve(code ?? signal)));
  try {
    let output = '';
    const url = await new Promise((resolve, reject) => {
      createInterface(child.stdout).on('line', (line) => {
        output += `${line}\n`;
        const found = /^Try it: .*'(http[^']*)'/.exec(line);
        if (found) resolve(found[1]);
      });
      void exited.then((code) => reject(new Error(`it ended with ${code}:\n${output}`)));
    });
    const response = await fetch(url, { method: 'POST', body: 'hello' });
    const echoed = await response.json();
    if (response.status !== 200 || echoed.body !== 'hello')
      return `answered ${response.status} ${JSON.stringify(echoed)}`;
  } finally {
    // As a terminal does: to the whole process group.
    process.kill(-child.pid, 'SIGINT');
  }
  // npx itself may end by the signal; what counts is that nothing stays behind.
  await exited;
  await gone(-child.pid, 20_000);
});

/** Resolves when a process (negative: a whole group) is gone. */
async function gone(pid, limitMs) {
  for (const endAt = Date.now() + limitMs; ; ) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    if (Date.now() > endAt) throw new Error(`it still runs ${limitMs} ms after the signal`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

await check('no machine paths, registry hosts or private keys are committed', () => {
  const { stdout } = run('git', [
    'grep',
    '-n',
    '-I',
    '-E',
    '(/roo[t]/|/home/[a-z]|registry\\.[a-z]+\\.org|repo1?[.]maven|BEGIN [A-Z ]*PRIVATE KEY-----[^\\\\])',
    '--',
    '.',
    ':!scripts/check-packaging.mjs',
  ]);
  return stdout || undefined;
});

console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
